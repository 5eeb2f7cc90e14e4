// Input and output: a grid of pixels each, with its caption, its scale and its keys.

import { pixelGrid } from "../kit/drawing.js";
import { make } from "../kit/elements.js";
import { formatNumber } from "../kit/math.js";

/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Geometry} Geometry */
/** @typedef {ReturnType<typeof makeSide>} Side */

/**
 * @typedef {object} Walk What pointer and keyboard ask for on a grid.
 * @property {(cell: number[]) => void} hover
 * @property {(cell: number[]) => void} click
 * @property {(rows: number, columns: number) => void} move by so much; columns to either end where they are infinite
 * @property {() => void} pin or let go
 * @property {() => void} release
 */

const FAR = 8; // cells, with Shift

/**
 * Return one of the two grids: a base canvas drawn once a change, and an overlay drawn each frame.
 * @param {string} name
 */
export function makeSide(name) {
  const { base, grid, overlay } = pixelGrid();
  const caption = make("figcaption");
  return { name, base, grid, caption, overlay, figure: make("figure", { class: name }, caption, grid) };
}

/**
 * Follow the pointer and the keyboard on a side.
 * @param {Side} side
 * @param {(event: MouseEvent) => number[]} toCell the output's cell that an event is at
 * @param {Walk} walk
 */
export function followSide(side, toCell, walk) {
  side.grid.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") walk.hover(toCell(event));
  });
  side.grid.addEventListener("click", (event) => walk.click(toCell(event)));
  side.grid.addEventListener("keydown", (event) => {
    const far = event.shiftKey ? FAR : 1;
    /** @type {Record<string, number[]>} */
    const moves = {
      ArrowUp: [-far, 0],
      ArrowDown: [far, 0],
      ArrowLeft: [0, -far],
      ArrowRight: [0, far],
      Home: [0, -Infinity],
      End: [0, Infinity],
    };
    const by = moves[event.key];
    if (by) walk.move(by[0], by[1]);
    else if (event.key === "Enter" || event.key === " ") walk.pin();
    else if (event.key === "Escape") walk.release();
    else return;
    event.preventDefault(); // or the page scrolls under the window
    event.stopPropagation();
  });
}

/**
 * Write a side's caption, with its scale, and its name for screen readers.
 * @param {Side} side
 * @param {Planes} grid what is drawn
 * @param {Scale} scale
 * @param {{image: Planes, g: Geometry, alt: string}} about
 */
export function describeSide(side, grid, scale, { image, g, alt }) {
  const isInput = side.name === "input";
  const size = (/** @type {Planes} */ { height, width, depth }) =>
    `${height} × ${width}` + (depth === 3 ? ", 3 channels" : "");
  let text = isInput ? `Input, ${size(image)}` : `Output, ${size(grid)}`;
  if (isInput && (g.y.padded > image.height || g.x.padded > image.width))
    text += `; padded to ${g.y.padded} × ${g.x.padded}`;
  const unused = [
    { n: g.y.unused, name: "row" },
    { n: g.x.unused, name: "column" },
  ]
    .filter(({ n }) => n > 0)
    .map(({ n, name }) => `${n} ${name}${n > 1 ? "s" : ""}`);
  if (isInput && unused.length) text += `; ${unused.join(" and ")} never read`;
  const limit = formatNumber(scale.limit);
  /** @type {Record<string, string[]>} */
  const bars = { signed: [`−${limit}`, limit], gray: ["0", limit], sizes: ["0", `size ${limit}`] };
  const legend =
    scale.kind in bars
      ? [make("span", { class: `scale ${scale.kind}` }, bars[scale.kind][0], make("i"), bars[scale.kind][1])]
      : [];
  side.caption.replaceChildren(make("span", {}, text), ...legend);
  side.grid.setAttribute(
    "aria-label",
    `${isInput ? `${alt}. ` : ""}${text}. Arrow keys move the window, Enter pins it.`,
  );
}

// A line of the table as elements: a layer with what it costs and its buttons, and the picture above all layers.

import { textField } from "./fields.js";
import { make } from "../kit/elements.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./rows.js").Place} Place */
/** @typedef {Record<string, any>} Found What Python found for a layer. */

/** @type {(path: string) => HTMLElement} */
export const svgIcon = (path) => {
  const span = make("span", { "aria-hidden": "true" });
  span.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" stroke-width="1.8"><path d="${path}"/></svg>`;
  return span;
};
export const ICONS = {
  up: "M3 10l5-5 5 5",
  down: "M3 6l5 5 5-5",
  add: "M8 3v10M3 8h10",
  remove: "M4 4l8 8M12 4l-8 8",
};
const SHAPE = ["D_in", "H_in", "W_in"];
const SHAPE_TITLES = ["Depth D_in, in planes", "Height H_in, in pixels", "Width W_in, in pixels"];
const GRIP = "Drag the layer to another place, or press Alt with an arrow key";

/**
 * @typedef {object} Acts What a layer's buttons do.
 * @property {(() => void) | null} up null where it is the first
 * @property {(() => void) | null} down
 * @property {() => void} add
 * @property {() => void} remove
 */

/**
 * Return a layer's line: its elements, and what puts its results in place.
 * @param {Place} place
 * @param {string} role
 * @param {Node} kind
 * @param {Node[]} fields
 * @param {Record<string, Field>} inputs of the fields, by name
 * @param {Acts} acts
 */
export function layerLine(place, role, kind, fields, inputs, acts) {
  const { path, number } = place;
  /** @type {(name: keyof typeof ICONS, title: string, act: (() => void) | null) => Node} */
  const button = (name, title, act) => {
    const element = make(
      "button",
      { type: "button", class: name, title, "aria-label": `${title}: layer ${number}` },
      svgIcon(ICONS[name]),
    );
    element.disabled = act === null;
    if (act) element.addEventListener("click", act);
    return element;
  };
  const buttons = make(
    "td",
    { class: "buttons" },
    button("up", "Move up", acts.up),
    button("down", "Move down", acts.down),
    button("add", "Add a layer below", acts.add),
    button("remove", "Remove", acts.remove),
  );
  const grip = make("button", { type: "button", class: "grip", title: GRIP }, number);
  grip.setAttribute("aria-label", `${GRIP}: layer ${number}`);
  const { cells, show } = resultCells();
  const element = make(
    "tr",
    { class: `layer ${path.length > 1 ? "inner" : ""}`, "data-role": role },
    make("td", { class: "place" }, grip),
    make("td", { class: "kind" }, kind),
    make("td", { class: "settings" }, make("div", { class: "fields" }, ...fields)),
    ...cells,
    buttons,
  );
  const reason = make("td", { colspan: 9, role: "alert" });
  const refusal = make("tr", { class: "refusal" }, reason);
  return { place, element, refusal, reason, inputs, show };
}

/** Return the columns of results, and what fills them. */
function resultCells() {
  const note = make("small");
  const [parameterBar, macBar] = [make("i", { "aria-hidden": "true" }), make("i", { "aria-hidden": "true" })];
  /** @type {(name: string, label: string, ...behind: Node[]) => {name: string, text: Node, cell: HTMLElement}} */
  const result = (name, label, ...behind) => {
    const text = make("span");
    return { name, text, cell: make("td", { class: name, "data-label": label }, text, ...behind) };
  };
  const [parameters, macs] = [result("parameters", "parameters", parameterBar), result("macs", "MACs", macBar)];
  const outs = [
    result("output", "output", note),
    parameters,
    macs,
    result("memory", "memory"),
    result("field", "sees (px)"),
  ];
  /** @type {(found: Found | undefined) => void} */
  const show = (found) => {
    for (const { name, text, cell } of outs) {
      text.textContent = found ? found[name] : "—";
      cell.classList.toggle("none", found?.[name] === "0");
    }
    note.textContent = found?.unused ?? "";
    for (const { name, cell, bar } of [
      { ...parameters, bar: parameterBar },
      { ...macs, bar: macBar },
    ]) {
      const share = found?.[`${name}_share`] ?? 0;
      bar.style.width = `${100 * share}%`;
      cell.title = found ? `${(100 * share).toFixed(1)} % of the network's` : "";
    }
  };
  return { cells: outs.map(({ cell }) => cell), show };
}

/**
 * Return the line of the picture that goes into the network.
 * @param {string[]} shape
 * @param {(index: number, value: string) => void} write
 */
export function pictureLine(shape, write) {
  const fields = SHAPE.map((label, i) => textField(label, SHAPE_TITLES[i], shape[i], (value) => write(i, value)));
  const problem = make("p", { class: "problem", role: "alert" });
  const element = make(
    "tr",
    { class: "picture" },
    make("td", { class: "place" }, ""),
    make("th", { scope: "row" }, "Picture"),
    make(
      "td",
      { class: "settings", colspan: 7 },
      make("div", { class: "fields" }, ...fields.map(([field]) => field)),
      problem,
    ),
  );
  return { element, problem, inputs: fields.map(([, input]) => input) };
}

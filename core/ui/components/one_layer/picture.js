// The two grids of one layer: the padded input with the window on it, and the output; brackets with the letters of the
// formula stand at their edges, in the colors of the sliders.

import { chooseScales, hatchUnread, keyboardGrid, paintGrid } from "../kit/drawing.js";
import { make, makeSvg, setAll } from "../kit/elements.js";
import { compute, gridFormat, readPlaces } from "../kit/math.js";
import { hill, measures, shownWidth, slope } from "./arithmetic.js";

/** @typedef {import("./arithmetic.js").Layer} Layer */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Result} Result */
/** @typedef {{width: number, height: number, answers: number}} Room CSS pixels for each grid, and what is kept below the output */

const LARGEST = 56; // CSS pixels of a cell

/**
 * Return a bracket, or an arrow, with its words, and what puts it in place: nothing is drawn between equal ends.
 * @param {string} letter whose color it has
 * @param {boolean} isArrow
 */
function bracket(letter, isArrow = false) {
  const line = makeSvg("path", { class: "bracket", "data-letter": letter });
  const text = makeSvg("text", { "text-anchor": isArrow ? "start" : "middle" });
  /** @type {(from: number, to: number, y: number, words: string, below?: boolean) => void} */
  const put = (from, to, y, words, below = false) => {
    const isShown = to > from;
    const ends = isArrow ? `M${to - 5} ${y - 4}L${to} ${y}L${to - 5} ${y + 4}` : `M${to} ${y - 4}V${y + 4}`;
    line.setAttribute("d", isShown ? `M${from} ${y - 4}V${y + 4}M${from} ${y}H${to}${ends}` : "");
    const [before, sub, after] = words.split(/_(in|out)/);
    text.replaceChildren(...(isShown ? [before, ...(sub ? index(sub, after) : [])] : []));
    setAll(text, isArrow ? { x: to + 5, y: y + 4 } : { x: (from + to) / 2, y: y + (below ? 15 : -7) });
  };
  return { parts: [line, text], put };
}

/**
 * Return an index below the line, and what follows on the line.
 * @param {string} sub
 * @param {string} after
 */
const index = (sub, after) => [makeSvg("tspan", { dy: 3 }, sub), makeSvg("tspan", { dy: -3 }, after)];

/**
 * Return a rectangle as a part of an SVG path.
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
const box = (x, y, width, height) => `M${x} ${y}h${width}v${height}h${-width}z`;

export class Picture {
  /** @type {Result} */
  result;
  /** @type {{input: Scale, output: Scale}} */
  scales;
  /** @type {Theme} */
  theme;
  /** @type {{input: number, output: number}} CSS pixels of a cell */
  units;
  /** @type {Layer} */
  layer;

  constructor() {
    this.cell = [0, 0]; // row and column of the output
    const side = (/** @type {string} */ name, /** @type {(...layers: Node[]) => HTMLElement} */ toGrid) => {
      const canvas = make("canvas");
      const marks = makeSvg("svg", { class: "marks", "aria-hidden": "true" });
      const grid = toGrid(canvas, marks);
      const caption = make("figcaption");
      return { canvas, marks, grid, caption, figure: make("figure", { class: name }, caption, grid) };
    };
    this.input = side("input", keyboardGrid);
    this.output = side("output", (...layers) => make("div", { class: "grid" }, ...layers)); // the input's keys move both
    this.ghost = makeSvg("path", { class: "ghost", "fill-rule": "evenodd", "data-letter": "D" });
    this.next = makeSvg("path", { class: "next", "data-letter": "S" });
    this.window = makeSvg("path", { class: "window", "data-letter": "F" });
    this.brackets = {
      span: bracket("F"),
      step: bracket("S", true),
      before: bracket("P"),
      width: bracket("W"),
      after: bracket("P"),
      output: bracket("O"),
    };
    const { span, step, before, width, after, output } = this.brackets;
    this.input.marks.append(
      this.ghost,
      this.next,
      this.window,
      ...[span, step, before, width, after].flatMap(({ parts }) => parts),
    );
    this.answer = makeSvg("path", { class: "window", "data-letter": "F" });
    this.output.marks.append(this.answer, ...output.parts);
  }

  /**
   * Draw a layer into the room there is; `keepsScale` while a hand moves, so that colors mean the same from step to step.
   * @param {Layer} layer
   * @param {Room} room
   * @param {number} ratio device pixels in a CSS pixel
   * @param {Theme} theme
   * @param {boolean} keepsScale
   */
  draw(layer, room, ratio, theme, keepsScale) {
    const pair = (/** @type {number} */ n) => [n, n];
    const settings = {
      operation: "convolve",
      kernel: [slope(layer.window)],
      window: pair(layer.window),
      stride: pair(layer.stride),
      dilation: pair(layer.dilation),
      padding: "zero",
      amount: pair(layer.padding),
      ceil: false,
      bias: 0,
      relu: false,
      scale: "auto",
    };
    const image = hill(shownWidth(layer));
    [this.layer, this.theme] = [layer, theme];
    this.result = compute(image, settings);
    const { g, padded, output } = this.result;
    const fresh = chooseScales(image, output, settings);
    if (!keepsScale || this.scales?.output.kind !== fresh.output.kind) this.scales = fresh;
    const cells = (/** @type {number} */ count, /** @type {number} */ high, /** @type {number} */ most) =>
      Math.max(1, Math.floor(Math.min(room.width / count, high / count, most) * ratio));
    const unit = cells(padded.width, room.height, LARGEST);
    const small = cells(output.width, room.height - room.answers, unit / ratio);
    this.units = { input: unit / ratio, output: small / ratio };
    const inner = { x: layer.padding, y: layer.padding, width: image.width, height: image.height };
    const format = gridFormat(padded.values);
    paintGrid(this.input.canvas, padded, this.scales.input, unit, ratio, theme, format, inner);
    hatchUnread(this.input.canvas, padded, readPlaces(g.y), readPlaces(g.x), unit, ratio, theme, format);
    paintGrid(this.output.canvas, output, this.scales.output, small, ratio, theme, gridFormat(output.values));
    this.mark();
  }

  /**
   * Move the window to an output cell, or to the nearest there is.
   * @param {number} row
   * @param {number} column
   */
  moveTo(row, column) {
    const count = this.result.output.width;
    this.cell = [row, column].map((n) => Math.max(0, Math.min(count - 1, n)));
    this.mark();
  }

  /** Move the window on by one cell, from the last to the first. */
  advance(by = 1) {
    const count = this.result.output.width;
    const next = (this.cell[0] * count + this.cell[1] + by + count * count) % (count * count);
    this.moveTo(Math.floor(next / count), next % count);
  }

  /** Draw what stands over the grids: the window, the next one, and the brackets. */
  mark() {
    const { layer, units } = this;
    const { stride, dilation, padding, window } = layer;
    const { width: count } = this.result.output;
    this.cell = this.cell.map((n) => Math.min(n, count - 1));
    const [row, column] = this.cell;
    const u = units.input;
    const { span } = measures(layer);
    const [x, y] = [column * stride * u, row * stride * u];
    let taps = "";
    if (dilation > 1)
      for (let i = 0; i < window; i++)
        for (let j = 0; j < window; j++) taps += box(x + j * dilation * u, y + i * dilation * u, u, u);
    const whole = box(x, y, span * u, span * u);
    this.window.setAttribute("d", taps || whole);
    this.ghost.setAttribute("d", taps ? whole + taps : "");
    const hasNext = column + 1 < count;
    this.next.setAttribute("d", hasNext ? box(x + stride * u, y, span * u, span * u) : "");
    const { brackets } = this;
    const { width: side } = this.result.padded;
    const shown = side - 2 * padding;
    brackets.span.put(x, x + span * u, -24, dilation > 1 ? `F′ ${span}` : `F ${window}`);
    const start = hasNext || column === 0 ? x : x - stride * u; // at the last window, the step that led to it
    brackets.step.put(start, count > 1 ? start + stride * u : start, -8, `S ${stride}`);
    const foot = side * u + 9;
    brackets.before.put(0, padding * u, foot, `P ${padding}`, true);
    brackets.width.put(
      padding * u,
      (padding + shown) * u,
      foot,
      `W_in ${layer.width}${shown < layer.width ? `, of which ${layer.width - shown} in the middle are left out` : ""}`,
      true,
    );
    brackets.after.put((padding + shown) * u, side * u, foot, `P ${padding}`, true);
    const o = units.output;
    this.answer.setAttribute("d", box(column * o, row * o, o, o));
    brackets.output.put(0, count * o, count * o + 9, `W_out ${measures(layer).output}`, true);
  }
}

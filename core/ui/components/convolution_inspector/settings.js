// The small form under the grids: one labelled control for each setting that a page lets people change.

import { OPERATIONS } from "./words.js";
import { clamp, make } from "../kit/elements.js";
import { resizeKernel } from "../kit/math.js";

/** @typedef {import("../kit/math.js").Settings} Settings */

const PADDINGS = { valid: "none (valid)", zero: "zeros", reflect: "reflect", edge: "edge", wrap: "wrap" };
const SCALES = { auto: "automatic", own: "output's own range", shared: "shared with input", picture: "as a picture" };
const LARGEST_SIZE = 11;

/**
 * Return a box for a number within limits.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => void} set
 * @param {string} label
 */
function numberBox(value, low, high, set, label, step = 1) {
  const title = `${label}: ${low < 0 ? `−${-low}` : low} to ${high}`;
  const input = make("input", { type: "number", min: low, max: high, step, value, title, "aria-label": label });
  let used = value;
  input.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit listens for single letters on the page
  input.addEventListener("input", () => {
    const read = input.valueAsNumber;
    if (!Number.isFinite(read)) return;
    if (read < low || read > high) input.reportValidity(); // the browser says what the limit is
    set((used = clamp(step === 1 ? Math.round(read) : read, low, high)));
  });
  input.addEventListener("change", () => (input.value = String(used))); // an emptied field gets back what is in use
  return input;
}

/**
 * Return a choice among options, values with their texts.
 * @param {string} value
 * @param {Record<string, string>} options
 * @param {(value: string) => void} set
 * @param {string} label
 */
function choice(value, options, set, label) {
  const entries = Object.entries(options).map(([key, text]) => make("option", { value: key }, text));
  const element = make("select", { "aria-label": label }, ...entries);
  element.value = value;
  element.addEventListener("change", () => set(element.value));
  return element;
}

/**
 * Return a box to tick.
 * @param {boolean} value
 * @param {(value: boolean) => void} set
 */
function tick(value, set) {
  const box = make("input", { type: "checkbox" });
  box.checked = value;
  box.addEventListener("change", () => set(box.checked));
  return box;
}

/**
 * Return the controls named in `names`.
 * @param {string[]} names
 * @param {() => Settings} read gives the settings as they are now
 * @param {(patch: Partial<Settings>) => void} change
 */
export function buildSettings(names, read, change) {
  const s = read();
  /** @type {(name: "stride" | "amount" | "dilation", label: string, low: number, high: number) => Node[]} */
  const square = (name, label, low, high) => [
    numberBox(s[name]?.[0] ?? 0, low, high, (v) => change({ [name]: [v, v] }), label),
  ];
  /** @type {(along: number, value: number) => void} */
  const resize = (along, value) => {
    const window = read().window.with(along, value);
    change({ window, kernel: read().kernel?.map((plane) => resizeKernel(plane, window[0], window[1])) ?? null });
  };
  /** @type {(along: number, name: string) => Node} */
  const side = (along, name) =>
    numberBox(s.window[along], 1, LARGEST_SIZE, (v) => resize(along, v), `window ${name} F, in pixels`);
  /** @type {Record<string, [string, () => (Node | string)[]]>} */
  const fields = {
    operation: [
      "pooling",
      () => [choice(s.operation, OPERATIONS, (operation) => change({ operation }), "pooling operation")],
    ],
    size: ["size F", () => [side(0, "height"), "×", side(1, "width")]],
    stride: ["stride S", () => square("stride", "stride S, in pixels", 1, 8)],
    padding: ["padding", () => [choice(s.padding, PADDINGS, (padding) => change({ padding }), "padding")]],
    amount: ["padding P", () => square("amount", "padding P on each side, in pixels", 0, 5)],
    dilation: ["dilation D", () => square("dilation", "dilation D", 1, 4)],
    bias: ["bias", () => [numberBox(s.bias, -100, 100, (bias) => change({ bias }), "bias", 0.05)]],
    relu: ["ReLU", () => [tick(s.relu, (relu) => change({ relu }))]],
    ceil: ["ceil mode", () => [tick(s.ceil, (ceil) => change({ ceil }))]],
    scale: ["colors", () => [choice(s.scale ?? "auto", SCALES, (scale) => change({ scale }), "colors")]],
  };
  return names
    .filter((name) => name in fields)
    .map((name) => make("label", {}, make("span", {}, fields[name][0]), ...fields[name][1]()));
}

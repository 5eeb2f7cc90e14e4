// The small form under the grids: one labeled control for each setting that a page lets people change.

import { OPERATIONS } from "./output_in_words.js";
import { make } from "../kit/elements.js";
import { resizeKernel } from "../kit/math.js";
import { BEYOND, BIAS, RELU, SIZES } from "../kit/meanings.js";
import { number } from "../kit/number.js";

/** @typedef {import("../kit/math.js").Settings} Settings */

const PADDINGS = { valid: "none (valid)", zero: "zeros", reflect: "reflect", edge: "edge", wrap: "wrap" };
const SCALES = { auto: "automatic", own: "output's own range", shared: "shared with input", picture: "as a picture" };
const LARGEST_SIZE = 11;

/**
 * Return a number within limits.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => void} set
 * @param {string} label
 */
const numberBox = (value, low, high, set, label, step = 1, digits = 0) =>
  number({
    label,
    help: `${label[0].toUpperCase()}${label.slice(1)}: ${low < 0 ? `−${-low}` : low} to ${high}.`,
    low,
    high,
    step,
    digits,
    value,
    initial: value,
    set,
    bare: true,
  }).field;

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
 * Return a switch.
 * @param {boolean} value
 * @param {(value: boolean) => void} set
 */
function toggle(value, set) {
  const box = make("input", { type: "checkbox", role: "switch" });
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
  /** @type {Record<string, [string, () => (Node | string)[], string?]>} what each is called, its control and its meaning */
  const fields = {
    operation: [
      "pooling",
      () => [choice(s.operation, OPERATIONS, (operation) => change({ operation }), "pooling operation")],
    ],
    size: ["size F", () => [side(0, "height"), "×", side(1, "width")], SIZES.window],
    stride: ["stride S", () => square("stride", "stride S, in pixels", 1, 8), SIZES.stride],
    padding: ["padding", () => [choice(s.padding, PADDINGS, (padding) => change({ padding }), "padding")], BEYOND],
    amount: ["padding P", () => square("amount", "padding P on each side, in pixels", 0, 5), BEYOND],
    dilation: ["dilation D", () => square("dilation", "dilation D", 1, 4), SIZES.dilation],
    bias: ["bias", () => [numberBox(s.bias, -100, 100, (bias) => change({ bias }), "bias", 0.05, 2)], BIAS],
    relu: ["ReLU", () => [toggle(s.relu, (relu) => change({ relu }))], RELU],
    ceil: ["ceil mode", () => [toggle(s.ceil, (ceil) => change({ ceil }))]],
    scale: ["colors", () => [choice(s.scale ?? "auto", SCALES, (scale) => change({ scale }), "colors")]],
  };
  return names
    .filter((name) => name in fields)
    .map((name) => fields[name])
    .map(([label, build, title]) => make("label", title ? { title } : {}, make("span", {}, label), ...build()));
}

// What the stage says.

import { fixed } from "../kit/math.js";
import { capital } from "../kit/panel.js";
import { nearest, turningPoints } from "./answers.js";
import { ORDER, UNCHANGED } from "./transform.js";

/** @typedef {import("./transform.js").Values} Values */
/** @typedef {keyof Values} Name */

/**
 * @typedef {object} Handle One number of a transform.
 * @property {string} title
 * @property {string} short
 * @property {string} unit
 * @property {number} step
 * @property {number} digits
 * @property {string} help
 */

/** @type {Record<Name, Handle>} */
export const HANDLES = {
  dx: {
    title: "Shift right",
    short: "right",
    unit: "px",
    step: 1,
    digits: 1,
    help: "Pixels to the right; empty areas are filled with black.",
  },
  dy: {
    title: "Shift down",
    short: "down",
    unit: "px",
    step: 1,
    digits: 1,
    help: "Pixels down; negative values shift up.",
  },
  rotate: { title: "Rotate", short: "rotate", unit: "°", step: 5, digits: 0, help: "Clockwise around the center." },
  scale: {
    title: "Scale",
    short: "scale",
    unit: "×",
    step: 0.1,
    digits: 2,
    help: "2 doubles the size, 0.5 halves it.",
  },
  shear: { title: "Shear", short: "shear", unit: "°", step: 5, digits: 0, help: "How far a vertical stroke leans." },
  blur: {
    title: "Blur",
    short: "blur",
    unit: "px",
    step: 0.25,
    digits: 2,
    help: "Standard deviation of a Gaussian blur.",
  },
};
const SIGNED = new Set(["dx", "dy", "rotate", "shear"]);

/**
 * Return a value with its sign and unit: "+3 px", "−15°", "0.8".
 * @param {Name} name
 * @param {number} value
 */
export function withUnit(name, value) {
  const { unit } = HANDLES[name];
  const digits = Number.isInteger(value) ? 0 : Number.isInteger(Math.round(value * 1e6) / 1e5) ? 1 : 2;
  const sign = SIGNED.has(name) && value > 0 ? "+" : "";
  return `${sign}${fixed(value, digits)}${unit === "px" ? "\u202fpx" : unit === "°" ? "°" : ""}`;
}

/**
 * Return a transform in words: "shift right +3 px, rotate −15°".
 * @param {Values} values
 */
export function describe(values) {
  const changed = ORDER.filter((name) => values[name] !== UNCHANGED[name]);
  if (!changed.length) return "unchanged";
  return changed.map((name) => `${HANDLES[name].title.toLowerCase()} ${withUnit(name, values[name])}`).join(", ");
}

/**
 * Return where a network's prediction changes, and to what.
 * @param {number[]} predictions
 * @param {number[]} values
 * @param {Name} name
 * @param {string[]} classes
 */
export function changes(predictions, values, name, classes) {
  const points = turningPoints(predictions, nearest(values, UNCHANGED[name]));
  const where = points.map((i) => `${withUnit(name, values[i])} (to ${classes[predictions[i]]})`);
  return where.length ? `prediction changes at ${where.join(" and ")}` : "the same prediction over the whole range";
}

/**
 * Return names as a phrase.
 * @param {string[]} names
 */
export const joined = (names) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

const NUMBERS = ["no", "one", "both", "three", "four", "five", "six"];
const article = (/** @type {string} */ name) => `${/^[aeiou8]/i.test(name) ? "an" : "a"} ${name}`;

/**
 * Return the sentence that answers the last move.
 * @param {object} now
 * @param {Values} now.values
 * @param {string[]} now.names of the networks
 * @param {number[]} now.predictions of each network
 * @param {number[]} now.kept what each should say: the true class, or what it says of the unchanged picture
 * @param {string[]} now.classes
 * @param {string} now.noun
 */
export function answer({ values, names, predictions, kept, classes, noun }) {
  const lost = names.map((_, i) => i).filter((i) => predictions[i] !== kept[i]);
  const group = NUMBERS[names.length] ?? String(names.length);
  const all = names.length === 1 ? `the ${names[0]}` : names.length === 2 ? "both networks" : `all ${group} networks`;
  const says = names.length === 1 ? "says" : "say";
  const isOne = new Set(kept).size === 1;
  const right = isOne ? classes[kept[0]] : `what they said of the unchanged ${noun}`;
  const changed = describe(values);
  if (changed === "unchanged") {
    if (lost.length) return `${capital(wrong(lost, names, predictions, classes))} before you move it.`;
    return `${capital(all)} ${says} ${right}: drag the ${noun} until a prediction changes.`;
  }
  const head = capital(changed);
  if (!lost.length) return `${head}: ${all} still ${says} ${right}.`;
  if (lost.length === names.length) {
    const what = isOne ? article(right) : `it as on the unchanged ${noun}`;
    return `${head}: ${names.length === 1 ? wrong(lost, names, predictions, classes) : `no network reads ${what} now`}.`;
  }
  const left = names.length - lost.length;
  const rest =
    left === 1
      ? `only the ${names.find((_, i) => !lost.includes(i))} still says`
      : `the other ${NUMBERS[left] === "both" ? "two" : NUMBERS[left]} still say`;
  return `${head}: ${wrong(lost, names, predictions, classes)}; ${rest} ${right}.`;
}

/**
 * Return what networks say that changed their minds: "the MLP says 8, the CNN 3".
 * @param {number[]} lost
 * @param {string[]} names
 * @param {number[]} predictions
 * @param {string[]} classes
 */
function wrong(lost, names, predictions, classes) {
  /** @type {Map<number, string[]>} */
  const by = new Map();
  for (const i of lost) by.set(predictions[i], [...(by.get(predictions[i]) ?? []), `the ${names[i]}`]);
  return [...by]
    .map(([label, who], i) => `${joined(who)} ${i ? "" : who.length > 1 ? "say " : "says "}${classes[label]}`)
    .join(", ");
}

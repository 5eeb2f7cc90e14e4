// The two charts beside a filter: how strong waves are by frequency, and what a sharp edge becomes. Both are SVG.

import { clamp, makeSvg } from "../kit/elements.js";
import { gain } from "../kit/fourier.js";
import { formatNumber } from "../kit/math.js";
import { path, say, text } from "../kit/panel.js";

/** @typedef {import("../kit/fourier.js").Filter} Filter */
/** @typedef {{picture: Float64Array, passed: Float64Array, half: number, settings: Filter}} Power */

export const CHART = { height: 150, left: 34, right: 8, top: 8, bottom: 34 }; // CSS px
const FLOOR = CHART.height - CHART.bottom;
const LEAST_POWER = 1e-12; // what rounding leaves of nothing
const MOST_DECADES = 7;
const EDGE_REACH = 40; // px on each side of the edge that are shown

/**
 * Return the frequency of the waves farthest out, which are in a spectrum's corners.
 * @param {number} half
 */
export const corner = (half) => Math.ceil(half * Math.SQRT2);

/**
 * Return the frequency at x of the power chart, whose axis is logarithmic, from 1 cycle to the corner of the spectrum.
 * @param {number} x
 * @param {number} width
 * @param {number} half
 */
export function cyclesAt(x, width, half) {
  return corner(half) ** clamp((x - CHART.left) / (width - CHART.left - CHART.right), 0, 1);
}

const powerOfTen = (/** @type {number} */ exponent) =>
  `10${[...String(exponent)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)] ?? "⁻").join("")}`;

/**
 * Return a horizontal line with its number on the left.
 * @param {number} y
 * @param {number} width
 * @param {string} words
 */
function level(y, width, words) {
  const line = makeSvg("path", { d: `M${CHART.left} ${y}H${width - CHART.right}`, class: "grid" });
  return [line, text(CHART.left - 6, y + 4, words, { "text-anchor": "end" })];
}

/**
 * Draw how strong waves are by frequency. `picture` and `passed` are radial profiles; half is the finest frequency along an axis.
 * @param {SVGElement} svg
 * @param {number} width
 * @param {Power} power
 */
export function powerChart(svg, width, { picture, passed, half, settings }) {
  const x = (/** @type {number} */ cycles) =>
    CHART.left + ((width - CHART.left - CHART.right) * Math.log(Math.max(cycles, 1))) / Math.log(corner(half));
  const logs = (/** @type {Float64Array} */ profile) =>
    [...profile].slice(1, half + 1).map((power) => Math.log10(Math.max(power, LEAST_POWER)));
  const [before, after] = [logs(picture), logs(passed)];
  const high = Math.ceil(Math.max(...before, -5));
  const low = Math.max(Math.floor(Math.min(...before)), high - MOST_DECADES);
  const y = (/** @type {number} */ v) =>
    CHART.top + ((FLOOR - CHART.top) * (high - clamp(v, low, high))) / (high - low);
  const line = (/** @type {number[]} */ values) => path(values.map((v, i) => [x(i + 1), y(v)]));
  const places = Array.from({ length: 121 }, (_, i) => corner(half) ** (i / 120));
  const shade = places.map((cycles) => [x(cycles), FLOOR - (FLOOR - CHART.top) * gain(cycles, settings)]);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => high - i).filter((_, i) => i % 2 === 0);
  const ticks = [1, 2, 5, 10, 20, 50, 100].filter((cycles) => cycles < corner(half));
  const cutoffs = settings.pass === "band" ? [settings.inner, settings.radius] : [settings.radius];
  svg.replaceChildren(
    makeSvg("path", { d: path([[CHART.left, FLOOR], ...shade, [x(corner(half)), FLOOR]]), class: "gain" }),
    ...decades.flatMap((v) => level(y(v), width, powerOfTen(v))),
    ...ticks.map((cycles) => text(x(cycles), FLOOR + 15, String(cycles), { "text-anchor": "middle" })),
    text(CHART.left, FLOOR + 30, "cycles per image, in any direction"),
    text(width - CHART.right, FLOOR + 30, `${half} is 0.5 per pixel`, { "text-anchor": "end" }),
    makeSvg("path", { d: line(before), class: "before" }),
    makeSvg("path", { d: line(after), class: "curve" }),
    ...cutoffs.map((cycles) => makeSvg("path", { d: `M${x(cycles)} ${CHART.top}V${FLOOR}`, class: "cutoff" })),
  );
  const [first, last] = [picture[1], picture[half]].map((power) => formatNumber(power));
  svg.setAttribute("aria-label", `Mean power by frequency: ${first} at 1 cycle per image, ${last} at ${half}.`);
}

/**
 * Draw what becomes of an edge. `edge` is the step from 0 to 1 through the filter, with the step in its middle.
 * @param {SVGElement} svg
 * @param {number} width
 * @param {Float64Array} edge
 * @param {Filter} filter
 */
export function edgeChart(svg, width, edge, { pass }) {
  const [low, high] = pass === "low" ? [-0.25, 1.25] : [-0.75, 1.15];
  const levels = pass === "low" ? [0, 0.5, 1] : [-0.5, 0, 0.5, 1];
  const x = (/** @type {number} */ px) =>
    CHART.left + ((width - CHART.left - CHART.right) * (px + EDGE_REACH)) / (2 * EDGE_REACH);
  const y = (/** @type {number} */ v) =>
    CHART.top + ((FLOOR - CHART.top) * (high - clamp(v, low, high))) / (high - low);
  const reach = Math.min(EDGE_REACH, edge.length / 2);
  const places = Array.from({ length: 2 * reach }, (_, i) => i - reach);
  const anchor = (/** @type {number} */ px) => (px === -EDGE_REACH ? "start" : px === EDGE_REACH ? "end" : "middle");
  svg.replaceChildren(
    ...levels.flatMap((v) => level(y(v), width, say(v, 1))),
    ...[-40, -20, 0, 20, 40].map((px) => text(x(px), FLOOR + 15, say(px), { "text-anchor": anchor(px) })),
    text(CHART.left, FLOOR + 30, "px from the edge"),
    makeSvg("path", { d: `M${x(-EDGE_REACH)} ${y(0)}H${x(-0.5)}V${y(1)}H${x(EDGE_REACH)}`, class: "before" }),
    makeSvg("path", { d: path(places.map((px) => [x(px), y(edge[edge.length / 2 + px])])), class: "curve" }),
  );
}

// What to notice in a filter of waves, in sentences with its numbers: which waves it keeps and what it makes of an edge.

import { percent } from "../kit/panel.js";
import { pixels } from "./widgets.js";

/** @typedef {import("../kit/fourier.js").Filter} Filter */
/** @typedef {{size: number, settings: Filter, gains: Float64Array, power: Float64Array, edge: Float64Array}} Filtered */

const SEEN = 0.002; // of the step's height: half a gray level

/** @type {(values: Float64Array) => number} */
const largest = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
/** @type {(values: Float64Array) => number} */
const smallest = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);

/**
 * Name what is kept where that is not a matter of degree.
 * @param {Float64Array} gains zero frequency first
 * @returns {"none" | "all" | "mean" | "some"}
 */
export function extent(gains) {
  if (largest(gains.map(Math.abs)) < SEEN) return "none";
  if (smallest(gains) > 1 - SEEN) return "all";
  return largest(gains.slice(1).map(Math.abs)) < SEEN ? "mean" : "some";
}

/**
 * Return the share of the waves that is kept: each counts by the share of its power that passes, gain².
 * @param {Float64Array} gains
 */
export const keptWaves = (gains) => gains.reduce((sum, g) => sum + g * g, 0) / gains.length;

/**
 * Return the share of the picture's variance that is kept; null where the picture is uniform.
 * @param {Float64Array} gains
 * @param {Float64Array} power
 */
export function keptVariance(gains, power) {
  let [all, kept] = [0, 0];
  power.forEach((p, k) => {
    if (k === 0) return; // the mean
    all += p;
    kept += p * gains[k] * gains[k];
  });
  return all > 1e-9 ? kept / all : null;
}

/**
 * Return a share that is neither nothing nor all, and is not rounded to either.
 * @param {number} share
 */
function part(share) {
  if (share > 0 && share < 0.0005) return `less than ${percent(0.001)}`;
  return share < 1 && share >= 0.9995 ? `more than ${percent(0.999)}` : percent(share);
}

/**
 * Say which waves are kept, and how much of the picture they hold.
 * @param {Filtered} filtered
 */
export function wavesSentence({ settings, gains, power }) {
  const what = extent(gains);
  if (what === "none")
    return settings.pass === "band"
      ? "No wave is kept: there is none between the two rings."
      : "No wave is kept: the ring is around the whole spectrum.";
  if (what === "all") return "Every wave is kept: the filter leaves the picture as it is.";
  if (what === "mean") return "Only the mean is kept: the picture becomes one uniform gray, or one color.";
  const variance = keptVariance(gains, power);
  const share = variance === null ? "none" : part(variance);
  const waves = part(keptWaves(gains));
  const start = `${waves[0].toUpperCase()}${waves.slice(1)}`;
  return settings.kind === "ideal"
    ? `${start} of the waves are kept; they hold ${share} of the picture's variance.`
    : `${start} of the waves are kept, each counted by the share of its power that passes; this is ${share} of the picture's variance.`;
}

/**
 * Say what the filter makes of a sharp edge. `edge` is the filtered step from 0 to 1, the step in its middle.
 * @param {Filtered} filtered
 */
export function edgeSentence({ size, settings, gains, edge }) {
  const { kind, pass, order, radius } = settings;
  const half = size / 2;
  const what = extent(gains);
  if (what === "none") return "Nothing of an edge remains.";
  if (what === "all") return "The edge is unchanged.";
  if (largest(edge.map((v, i) => Math.abs(v - (i < half ? 0 : 1)))) < SEEN)
    return `The edge is unchanged: across it no wave is faster than ${half} cycles per image, and all of these are kept. Only diagonal waves are removed.`;
  if (largest(edge.map(Math.abs)) < SEEN)
    return "Nothing of an upright edge remains: it has none of the waves that are kept.";
  if (largest(edge) - smallest(edge) < SEEN) return "Both sides of the edge become the same gray.";
  if (pass !== "low") {
    const away = Math.abs(edge[half + half / 2]); // in the middle of the bright side
    const ripples = kind === "ideal" ? ", with ripples next to it: an ideal cutoff causes ringing on both sides" : "";
    return away > 0.05
      ? `Both sides keep part of their brightness, above and below zero: such low frequencies are kept, too${ripples}.`
      : `Uniform gray on both sides becomes zero, and the edge remains${ripples}.`;
  }
  const overshoot = largest(edge.slice(half, half + half / 2)) - 1;
  if (overshoot < SEEN) {
    const none = {
      ideal: "At this radius no ringing is seen",
      gaussian: "The Gaussian causes no ringing",
      butterworth: `At order ${order} there is no ringing`,
    };
    return `${none[/** @type {keyof typeof none} */ (kind)]}: the edge is only smoother.`;
  }
  const name = { ideal: "The ideal filter", gaussian: "The filter", butterworth: `Order ${order}` }[kind];
  const ripples = `is followed by ripples, ${pixels(size / radius)} apart: a sharp cutoff in the spectrum causes waves in the picture`;
  return `${name} causes ringing: the edge overshoots by ${percent(overshoot)} and ${ripples}.`;
}

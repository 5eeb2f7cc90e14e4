// A capsule network's decoder: three fully connected layers from one capsule to a picture. Pure functions, tested in node
// against torch.

import { readHalves } from "../kit/float16.js";

/** @typedef {{weights: Float32Array, biases: Float32Array}} Dense weights[output * inputs + input] */
/** @typedef {{widths: number[], layers: Dense[]}} Decoder widths: of the input and of each layer */

/**
 * Return a decoder of these widths: its layers one after another, of each the weights, output by output, and the biases.
 * @param {number[]} widths
 * @param {Uint8Array} bytes
 * @returns {Decoder}
 */
export function unpack(widths, bytes) {
  const numbers = readHalves(bytes);
  let at = 0;
  const take = (/** @type {number} */ count) => numbers.subarray(at, (at += count));
  const layers = widths.slice(1).map((outputs, i) => ({ weights: take(widths[i] * outputs), biases: take(outputs) }));
  return { widths, layers };
}

/**
 * Draw a class's capsule: return the pixels, from 0 to 1. All other classes' capsules count as 0.
 * @param {Decoder} decoder
 * @param {ArrayLike<number>} vector the capsule
 * @param {number} digit the class
 */
export function draw({ layers }, vector, digit) {
  const first = apply(layers[0], vector, digit * vector.length);
  const second = apply(layers[1], relu(first), 0);
  return apply(layers[2], relu(second), 0).map((sum) => 1 / (1 + Math.exp(-sum)));
}

/**
 * Return a layer's sums for inputs of which those from `start` on are `values` and all others 0.
 * @param {Dense} layer
 * @param {ArrayLike<number>} values
 * @param {number} start
 */
function apply({ weights, biases }, values, start) {
  const inputs = weights.length / biases.length;
  const sums = Float32Array.from(biases);
  for (let output = 0; output < sums.length; output++) {
    const row = output * inputs + start;
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += weights[row + i] * values[i];
    sums[output] += sum;
  }
  return sums;
}

const relu = (/** @type {Float32Array} */ values) => values.map((value) => Math.max(0, value));

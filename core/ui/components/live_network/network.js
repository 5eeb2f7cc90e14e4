// A small CNN in the browser: two blocks of convolution, max pooling, batch normalization and ReLU, then two dense layers.
// Pure functions, tested in node against torch.

import { readHalves } from "../kit/float16.js";

/** @typedef {{depth: number, filters: number, kernel: number, weights: Float32Array, biases: Float32Array, scales: Float32Array, shifts: Float32Array}} Block */
/** @typedef {{inputs: number, units: number, weights: Float32Array, biases: Float32Array}} Dense */
/** @typedef {{side: number, mean: number, std: number, parameters: number, blocks: Block[], dense: Dense[]}} Network */
/** @typedef {{side: number, mean: number, std: number, parameters: number, blocks: {filters: number, kernel: number}[], dense: number[]}} Head */
/** @typedef {{count: number, side: number, values: Float32Array}} Maps planes one after another, each side x side */
/** @typedef {{sums: Maps, pooled: Maps}} BlockOutput the convolution's sums, and what the block hands on */
/** @typedef {{blocks: BlockOutput[], hidden: Float32Array, logits: Float32Array, probabilities: Float32Array}} Answer */

const POOL = 2;

/**
 * Return a network of its description and of its numbers, as core.insight.browser_network packs them.
 * @param {Head} head
 * @param {Uint8Array} bytes
 * @returns {Network}
 */
export function unpack(head, bytes) {
  const numbers = readHalves(bytes);
  let at = 0;
  const take = (/** @type {number} */ count) => numbers.subarray(at, (at += count));
  let [depth, side] = [1, head.side];
  const blocks = head.blocks.map(({ filters, kernel }) => {
    const weights = take(filters * depth * kernel ** 2);
    const block = {
      depth,
      filters,
      kernel,
      weights,
      biases: take(filters),
      scales: take(filters),
      shifts: take(filters),
    };
    [depth, side] = [filters, Math.floor((side - kernel + 1) / POOL)];
    return block;
  });
  let inputs = depth * side ** 2;
  const dense = head.dense.map((units) => {
    const layer = { inputs, units, weights: take(units * inputs), biases: take(units) };
    inputs = units;
    return layer;
  });
  return { ...head, blocks, dense };
}

/**
 * Send a picture through the network.
 * @param {Network} network
 * @param {ArrayLike<number>} pixels side x side, from 0 to 1
 * @returns {Answer}
 */
export function forward({ side, mean, std, blocks: [first, second], dense: [hidden, last] }, pixels) {
  const picture = { count: 1, side, values: Float32Array.from(pixels, (v) => (v - mean) / std) };
  const one = apply(first, picture);
  const two = apply(second, one.pooled);
  const units = sums(hidden, two.pooled.values).map((v) => Math.max(0, v));
  const logits = sums(last, units);
  return { blocks: [one, two], hidden: units, logits, probabilities: softmax(logits) };
}

/**
 * @param {Block} block
 * @param {Maps} input
 * @returns {BlockOutput}
 */
function apply(block, input) {
  const convolved = convolve(block, input);
  return { sums: convolved, pooled: pool(block, convolved) };
}

/**
 * Return the sums of all windows, without padding.
 * @param {Block} block
 * @param {Maps} input
 * @returns {Maps}
 */
function convolve({ depth, filters, kernel, weights, biases }, input) {
  const side = input.side - kernel + 1;
  const values = new Float32Array(filters * side * side);
  let k = 0;
  for (let f = 0; f < filters; f++) {
    const start = f * side * side;
    values.fill(biases[f], start, start + side * side);
    for (let c = 0; c < depth; c++)
      for (let i = 0; i < kernel; i++)
        for (let j = 0; j < kernel; j++) {
          const weight = weights[k++];
          for (let y = 0; y < side; y++) {
            let from = (c * input.side + y + i) * input.side + j;
            const to = start + y * side;
            for (let x = to; x < to + side; x++) values[x] += weight * input.values[from++];
          }
        }
  }
  return { count: filters, side, values };
}

/**
 * Return the largest of each 2 x 2 sums, scaled and shifted, and 0 where that is below zero.
 * @param {Block} block
 * @param {Maps} input
 * @returns {Maps}
 */
function pool({ scales, shifts }, input) {
  const side = Math.floor(input.side / POOL);
  const values = new Float32Array(input.count * side * side);
  let k = 0;
  for (let c = 0; c < input.count; c++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const at = (c * input.side + POOL * y) * input.side + POOL * x;
        const largest = Math.max(
          input.values[at],
          input.values[at + 1],
          input.values[at + input.side],
          input.values[at + input.side + 1],
        );
        values[k++] = Math.max(0, scales[c] * largest + shifts[c]);
      }
  return { count: input.count, side, values };
}

/**
 * Return the sums of a dense layer.
 * @param {Dense} layer
 * @param {Float32Array} values
 */
function sums({ inputs, units, weights, biases }, values) {
  const found = Float32Array.from(biases);
  for (let u = 0, k = 0; u < units; u++) {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += weights[k++] * values[i];
    found[u] += sum;
  }
  return found;
}

/**
 * Return the shares that the logits stand for.
 * @param {Float32Array} logits
 */
function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((z) => Math.exp(z - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

/**
 * Return the place of the largest number.
 * @param {ArrayLike<number>} values
 */
export function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/**
 * Return what each hidden unit adds to a class's logit.
 * @param {Network} network
 * @param {Answer} answer
 * @param {number} digit
 */
export function contributions({ dense: [, last] }, { hidden }, digit) {
  return hidden.map((value, i) => value * last.weights[digit * last.inputs + i]);
}

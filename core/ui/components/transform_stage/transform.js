// Shift, turn, scale, slant and blur a small picture as core.insight.invariance.transform does.

import { clamp } from "../kit/elements.js";

/** @typedef {{dx: number, dy: number, rotate: number, scale: number, shear: number, blur: number}} Values */

/** @type {(keyof Values)[]} in the order of core.insight.transforms.AffineTransform */
export const ORDER = ["dx", "dy", "rotate", "scale", "shear", "blur"];

/** @type {Values} */
export const UNCHANGED = { dx: 0, dy: 0, rotate: 0, scale: 1, shear: 0, blur: 0 };

const MIN_BLUR = 1e-3;
const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;

/**
 * Return where a transform puts a point, both from the picture's middle, in its pixels.
 * @param {Values} values
 * @param {[number, number]} point
 * @returns {[number, number]}
 */
export function forward({ dx, dy, rotate, scale, shear }, [x, y]) {
  const [cos, sin, slant] = [Math.cos(radians(rotate)), Math.sin(radians(rotate)), Math.tan(radians(shear))];
  return [scale * (cos * x - (cos * slant + sin) * y) + dx, scale * (sin * x + (cos - sin * slant) * y) + dy];
}

/**
 * Return the transformed picture, from 0 to 255: bilinear, black outside.
 * @param {ArrayLike<number>} pixels
 * @param {number[]} shape channels, height, width
 * @param {Values} values
 */
export function transformed(pixels, [channels, height, width], values) {
  const { dx, dy, rotate, scale, shear, blur } = values;
  const [cos, sin, slant] = [Math.cos(radians(rotate)), Math.sin(radians(rotate)), Math.tan(radians(shear))];
  const [xx, xy, yx, yy] = [(cos - sin * slant) / scale, (sin + cos * slant) / scale, -sin / scale, cos / scale];
  const found = new Float32Array(channels * height * width);
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [across, down] = [column - middleX - dx, row - middleY - dy];
      const [x, y] = [xx * across + xy * down + middleX, yx * across + yy * down + middleY];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const [right, bottom] = [x - left, y - top]; // shares of the pixels there
      for (let c = 0; c < channels; c++) {
        const from = c * height * width;
        const read = (/** @type {number} */ r, /** @type {number} */ k) =>
          r < 0 || k < 0 || r >= height || k >= width ? 0 : pixels[from + r * width + k];
        found[from + row * width + column] =
          (1 - bottom) * ((1 - right) * read(top, left) + right * read(top, left + 1)) +
          bottom * ((1 - right) * read(top + 1, left) + right * read(top + 1, left + 1));
      }
    }
  return blur > MIN_BLUR ? blurred(found, [channels, height, width], blur) : found;
}

/**
 * Blur by a Gaussian: rows, then columns, edges mirrored.
 * @param {Float32Array} pixels
 * @param {number[]} shape
 * @param {number} sigma
 */
function blurred(pixels, [, height, width], sigma) {
  const half = Math.min(Math.ceil(3 * sigma), Math.min(height, width) - 1);
  const weights = Array.from({ length: 2 * half + 1 }, (_, i) => Math.exp(-(((i - half) / sigma) ** 2) / 2));
  const sum = weights.reduce((a, b) => a + b, 0);
  const pass = (/** @type {Float32Array} */ from, /** @type {number} */ step, /** @type {number} */ length) => {
    const to = new Float32Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const place = Math.floor(i / step) % length;
      const start = i - place * step;
      let total = 0;
      for (let tap = -half; tap <= half; tap++) {
        const at = Math.abs(place + tap);
        const mirrored = at >= length ? 2 * (length - 1) - at : at;
        total += weights[tap + half] * from[start + mirrored * step];
      }
      to[i] = total / sum;
    }
    return to;
  };
  return pass(pass(pixels, width, height), 1, width);
}

/**
 * Paint a picture's pixels on a canvas of its size.
 * @param {CanvasRenderingContext2D} pen
 * @param {ArrayLike<number>} pixels
 * @param {number[]} shape
 */
export function paint(pen, pixels, [channels, height, width]) {
  const image = pen.createImageData(width, height);
  const area = height * width;
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++)
      image.data[4 * i + c] = clamp(Math.round(pixels[(channels === 3 ? c : 0) * area + i]), 0, 255);
    image.data[4 * i + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
}

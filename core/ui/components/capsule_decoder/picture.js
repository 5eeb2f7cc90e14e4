// Gray pictures on canvases, pixel by pixel; CSS enlarges them without smoothing.

import { penOf } from "../kit/drawing.js";

/**
 * Paint pixels, from 0 to 1, at a place of a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} pixels of a square
 * @param {number} x
 * @param {number} y
 */
export function paint(canvas, pixels, x = 0, y = 0) {
  const side = Math.round(Math.sqrt(pixels.length));
  const image = new ImageData(side, side);
  for (let i = 0; i < pixels.length; i++) image.data.set([255, 255, 255, Math.round(255 * pixels[i])], 4 * i);
  const pen = penOf(canvas);
  pen.putImageData(image, x, y); // white, as opaque as it is bright, over the canvas's black
}

/**
 * Write a number with a sign and two digits.
 * @param {number} value
 */
export function signed(value) {
  const text = Math.abs(value).toFixed(2);
  return `${value < 0 && Number(text) > 0 ? "\u2212" : "+"}${text}`;
}

/**
 * Return a vector's length.
 * @param {number[]} vector
 */
export const lengthOf = (vector) => Math.hypot(...vector);

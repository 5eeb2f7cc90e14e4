// What a pooled picture can no longer tell: the picture minus what comes back of it, as core.images.pooling computes it.

/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Result} Result */

const LUMINANCE = [0.299, 0.587, 0.114]; // as core.images.pictures

/**
 * Return the picture minus what came back, one plane: each pixel takes the value of its window, or the mean over its
 * windows; what no window reads comes back as 0.
 * @param {Planes} image
 * @param {Result} result
 * @param {{operation: string, window: number[]}} settings
 * @returns {Planes}
 */
export function lostDetail(image, { g, output }, { operation, window }) {
  const { depth, height, width } = image;
  const gain = operation === "l2" ? 1 / Math.sqrt(window[0] * window[1]) : 1; // L2 grows with the window
  const [area, cells] = [height * width, output.height * output.width];
  const values = new Float64Array(area);
  const [sums, readers] = [new Float64Array(area), new Float64Array(area)];
  for (let c = 0; c < depth; c++) {
    sums.fill(0);
    readers.fill(0);
    for (let i = 0; i < cells; i++) {
      const [top, left] = [
        Math.floor(i / output.width) * g.y.stride - g.y.before,
        (i % output.width) * g.x.stride - g.x.before,
      ];
      for (let y = Math.max(0, top); y < Math.min(height, top + window[0]); y++)
        for (let x = Math.max(0, left); x < Math.min(width, left + window[1]); x++) {
          sums[y * width + x] += output.values[c * cells + i] * gain;
          readers[y * width + x] += 1;
        }
    }
    const weight = depth === 3 ? LUMINANCE[c] : 1;
    for (let i = 0; i < area; i++)
      values[i] += weight * (image.values[c * area + i] - sums[i] / Math.max(1, readers[i]));
  }
  return { depth: 1, height, width, values };
}

// What a pen drew, as MNIST has its digits: the same steps as core.images.digits, which tests compare it with.

/** @typedef {[number, number]} Point in px of a sheet of SHEET x SHEET */

export const SHEET = 280;
export const SIDE = 28;
const BOX = 20; // px of the digit's larger side
const CENTER = 14; // row and column of the center of mass
const MIN_EXTENT = 16; // px of the sheet: a mark that is no longer in any direction is a dot
const MAX_SPECK = 6; // px of the sheet: a stroke no longer than this beside others was not meant
const FINE = 10; // pixels drawn for each of the picture's, on each axis

/**
 * Return the strokes as a picture of 28 x 28 from 0 to 1, centered as MNIST's; null where there is nothing but a dot.
 * @param {Point[][]} strokes
 * @param {number} pen width of a line in the picture, px
 */
export function drawDigit(strokes, pen) {
  const lines = strokes.filter((stroke) => extent(stroke) > MAX_SPECK);
  const points = lines.flat();
  if (!points.length || extent(points) < MIN_EXTENT) return null;
  const extents = lines.map(extent);
  if (Math.max(...extents) < MIN_EXTENT && extents.reduce((a, b) => a + b, 0) < extent(points) / 2) return null;
  const [left, top] = [0, 1].map((axis) => Math.min(...points.map((p) => p[axis])));
  const scale = (FINE * (BOX - pen)) / extent(points);
  const side = FINE * SIDE;
  const ink = new Float32Array(side * side);
  for (const line of lines) {
    const places = line.map(([x, y]) => [(x - left) * scale + FINE * pen, (y - top) * scale + FINE * pen]);
    places.forEach((place, i) => drawLine(ink, side, places[Math.max(0, i - 1)], place, (FINE * pen) / 2));
  }
  return center(ink, side);
}

/**
 * Return the larger side of the points' bounding box.
 * @param {Point[]} points
 */
function extent(points) {
  const size = (/** @type {0 | 1} */ axis) => {
    const values = points.map((p) => p[axis]);
    return Math.max(...values) - Math.min(...values);
  };
  return Math.max(size(0), size(1));
}

/**
 * Draw a line with round ends: the pixels whose middle lies within `radius` of the line.
 * @param {Float32Array} ink side x side
 * @param {number} side
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} radius
 */
function drawLine(ink, side, [x0, y0], [x1, y1], radius) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const low = (/** @type {number} */ a, /** @type {number} */ b) =>
    Math.max(0, Math.floor(Math.min(a, b) - radius - 1));
  const high = (/** @type {number} */ a, /** @type {number} */ b) =>
    Math.min(side - 1, Math.ceil(Math.max(a, b) + radius + 1));
  for (let y = low(y0, y1); y <= high(y0, y1); y++)
    for (let x = low(x0, x1); x <= high(x0, x1); x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const t = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
      if ((px - t * dx) ** 2 + (py - t * dy) ** 2 <= radius ** 2) ink[y * side + x] = 1;
    }
}

/**
 * Return the digit in a square drawing at MNIST's size and position: its larger side 20 px, its center of mass in the
 * middle, its brightest pixel 1. Null where there is no ink.
 * @param {Float32Array} ink side x side, from 0 to 1
 * @param {number} side
 */
export function center(ink, side) {
  let [top, left, bottom, right] = [side, side, -1, -1];
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++, i++) {
      if (ink[i] < 1 / 255) continue;
      if (y < top) top = y;
      if (x < left) left = x;
      if (x > right) right = x;
      bottom = y;
    }
  if (bottom < 0) return null;
  const [height, width] = [bottom - top + 1, right - left + 1];
  const scale = BOX / Math.max(height, width);
  const [rows, columns] = [height, width].map((size) => Math.max(1, Math.round(size * scale)));
  const small = new Float32Array(rows * columns);
  const [across, down] = [shares(width, columns), shares(height, rows)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const v = ink[(top + y) * side + left + x];
      if (v) for (const [r, a] of down[y]) for (const [c, b] of across[x]) small[r * columns + c] += a * b * v;
    }
  const largest = Math.max(...small);
  const sums = (/** @type {number} */ count, /** @type {(i: number) => number} */ axis) => {
    const found = new Float64Array(count);
    small.forEach((v, i) => (found[axis(i)] += v));
    return found;
  };
  const y0 = start(sums(rows, (i) => Math.floor(i / columns)));
  const x0 = start(sums(columns, (i) => i % columns));
  const picture = new Float32Array(SIDE * SIDE);
  small.forEach((v, i) => {
    picture[(y0 + Math.floor(i / columns)) * SIDE + x0 + (i % columns)] = Math.round((255 * v) / largest) / 255;
  });
  return picture;
}

/**
 * Return for each of n pixels into which of `count` equal intervals it goes, and with which share of that interval's mean.
 * @param {number} n
 * @param {number} count
 * @returns {[number, number][][]}
 */
function shares(n, count) {
  return Array.from({ length: n }, (_, i) => {
    /** @type {[number, number][]} */
    const found = [];
    for (let k = Math.floor((i * count) / n); k < count && (k * n) / count < i + 1; k++) {
      const overlap = Math.min(((k + 1) * n) / count, i + 1) - Math.max((k * n) / count, i);
      if (overlap > 0) found.push([k, (overlap * count) / n]);
    }
    return found;
  });
}

/**
 * Return the first pixel of the digit on one axis that puts its center of mass in the middle.
 * @param {Float64Array} ink
 */
function start(ink) {
  const sum = ink.reduce((a, b) => a + b, 0);
  const middle = ink.reduce((a, v, i) => a + v * i, 0) / sum;
  return Math.min(Math.max(Math.round(CENTER - middle), 0), SIDE - ink.length);
}

/**
 * Return a picture moved by [dx, dy] and turned by `degrees` about its middle, black coming in.
 * @param {ArrayLike<number>} pixels 28 x 28
 * @param {number} dx
 * @param {number} dy
 * @param {number} degrees
 */
export function moved(pixels, dx, dy, degrees) {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const middle = (SIDE - 1) / 2;
  const at = (/** @type {number} */ y, /** @type {number} */ x) =>
    y >= 0 && x >= 0 && y < SIDE && x < SIDE ? pixels[y * SIDE + x] : 0;
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [u, v] = [(i % SIDE) - dx - middle, Math.floor(i / SIDE) - dy - middle];
    const [x, y] = [cos * u + sin * v + middle, cos * v - sin * u + middle];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [a, b] = [x - left, y - top];
    return (
      (1 - b) * ((1 - a) * at(top, left) + a * at(top, left + 1)) +
      b * ((1 - a) * at(top + 1, left) + a * at(top + 1, left + 1))
    );
  });
}

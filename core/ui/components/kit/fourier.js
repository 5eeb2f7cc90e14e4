// What the frequency page computes in the browser: pure functions without a page, tested against core.images.
// Pictures are size x size pixels, the size a power of two. Spectra are in the transform's own order, the zero frequency
// first; `frequencies` and `centered` translate.

/** @typedef {{re: Float64Array, im: Float64Array}} Complex */
/** @typedef {{cycles: number, degrees: number, contrast: number, phase: number}} Wave The phase is in cycles. */
/** @typedef {{pass: string, kind: string, order: number, radius: number, inner: number}} Filter Radii are in cycles. */
/** @typedef {{size: number, depth: number, pairs: Complex[], gray: Complex, power: Float64Array}} Analysis */

/** The discrete Fourier transform of a square of `size` x `size` complex numbers, in place (Cooley and Tukey 1965). */
export class Fourier {
  /** @param {number} size a power of two */
  constructor(size) {
    this.size = size;
    this.cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.sin = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / size));
    this.reversed = new Uint32Array(size); // i with its bits in the opposite order
    for (let i = 1; i < size; i++) this.reversed[i] = (this.reversed[i >> 1] >> 1) | (i & 1 ? size >> 1 : 0);
    this.lineRe = new Float64Array(size);
    this.lineIm = new Float64Array(size);
  }

  /**
   * Transform a square in place; neither way divides by the number of pixels.
   * @param {Complex} square
   * @param {-1 | 1} sign -1 from picture to spectrum, 1 back
   */
  transform({ re, im }, sign) {
    for (let i = 0; i < this.size; i++) this.line(re, im, i * this.size, 1, sign);
    for (let i = 0; i < this.size; i++) this.line(re, im, i, this.size, sign);
  }

  /**
   * Transform one row (`step` 1) or column (`step` size), through a buffer that stays in the cache.
   * @param {Float64Array} re
   * @param {Float64Array} im
   * @param {number} start
   * @param {number} step
   * @param {-1 | 1} sign
   */
  line(re, im, start, step, sign) {
    const { size, cos, sin, reversed, lineRe: a, lineIm: b } = this;
    for (let i = 0, k = start; i < size; i++, k += step) {
      a[reversed[i]] = re[k];
      b[reversed[i]] = im[k];
    }
    for (let half = 1; half < size; half *= 2)
      for (let block = 0, turn = size / (2 * half); block < size; block += 2 * half)
        for (let i = block, w = 0; i < block + half; i++, w += turn) {
          const c = cos[w];
          const s = sign * sin[w];
          const j = i + half;
          const x = c * a[j] - s * b[j];
          const y = c * b[j] + s * a[j];
          a[j] = a[i] - x;
          b[j] = b[i] - y;
          a[i] += x;
          b[i] += y;
        }
    for (let i = 0, k = start; i < size; i++, k += step) {
      re[k] = a[i];
      im[k] = b[i];
    }
  }
}

/**
 * Return the frequency of each row or column of a transform: 0, 1, ..., then the negative ones, in cycles an image.
 * @param {number} size
 */
export const frequencies = (size) => Int32Array.from({ length: size }, (_, k) => (k < size / 2 ? k : k - size));

/**
 * Return where a frequency that is shown at [row, column] of a centered spectrum lies in the transform.
 * @param {number} row
 * @param {number} column
 * @param {number} size
 */
export const centered = (row, column, size) => ((row + size / 2) % size) * size + ((column + size / 2) % size);

/**
 * Return how many cycles an image each wave has, whatever its direction.
 * @param {number} size
 */
export function radii(size) {
  const f = frequencies(size);
  return Float64Array.from({ length: size * size }, (_, k) => Math.hypot(f[Math.floor(k / size)], f[k % size]));
}

const LUMINANCE = [0.299, 0.587, 0.114]; // ITU-R BT.601, as core.images.pictures

/**
 * Return the brightness of a picture of one plane or three.
 * @param {Float64Array} planes
 * @param {number} area pixels of a plane
 */
export function brightness(planes, area) {
  if (planes.length === area) return planes;
  return Float64Array.from({ length: area }, (_, i) =>
    LUMINANCE.reduce((sum, weight, c) => sum + weight * planes[c * area + i], 0),
  );
}

/**
 * Return a picture's transforms: of its brightness, and of its planes two at a time, one real and one imaginary, which a
 * symmetric real mask keeps apart. `power` is |F|^2 / pixels of the brightness.
 * @param {import("./math.js").Planes} picture
 * @param {Fourier} fourier
 * @returns {Analysis}
 */
export function analyze({ depth, width: size, values }, fourier) {
  const area = size * size;
  const plane = (/** @type {number} */ c) => values.slice(c * area, (c + 1) * area);
  const alone = (/** @type {number} */ c) => ({ re: plane(c), im: new Float64Array(area) });
  const pairs = depth === 1 ? [alone(0)] : [{ re: plane(0), im: plane(1) }, alone(2)];
  const gray = { re: Float64Array.from(brightness(values, area)), im: new Float64Array(area) };
  for (const pair of [gray, ...pairs]) fourier.transform(pair, -1);
  const power = Float64Array.from(gray.re, (x, k) => (x * x + gray.im[k] * gray.im[k]) / area);
  return { size, depth, pairs, gray, power };
}

/**
 * Return log10(1 + |F|) of the brightness, in the transform's order.
 * @param {Analysis} analysis
 */
export const strengths = ({ power, size }) => power.map((p) => Math.log10(1 + Math.sqrt(p) * size));

/**
 * Return what a low pass multiplies a wave of `radius` cycles with.
 * @param {number} radius
 * @param {number} cutoff
 * @param {string} kind
 * @param {number} order
 */
function lowPass(radius, cutoff, kind, order) {
  const ratio = radius / Math.max(cutoff, 1e-3);
  if (kind === "ideal") return ratio <= 1 ? 1 : 0;
  return kind === "gaussian" ? Math.exp(-(ratio * ratio) / 2) : 1 / (1 + ratio ** (2 * order));
}

/**
 * Return what a wave of that many cycles an image is multiplied with.
 * @param {number} cycles
 * @param {Filter} filter
 */
export function gain(cycles, { pass, kind, order, radius, inner }) {
  const low = lowPass(cycles, radius, kind, order);
  if (pass === "low") return low;
  return pass === "high" ? 1 - low : low - lowPass(cycles, Math.min(inner, radius), kind, order);
}

/**
 * Return the picture with each wave multiplied by its gain: as many planes as it has.
 * @param {Analysis} analysis
 * @param {Float64Array} gains
 * @param {Fourier} fourier
 */
export function filter({ size, depth, pairs }, gains, fourier) {
  const area = size * size;
  const values = new Float64Array(depth * area);
  pairs.forEach(({ re, im }, i) => {
    const waves = { re: re.map((x, k) => (x * gains[k]) / area), im: im.map((x, k) => (x * gains[k]) / area) };
    fourier.transform(waves, 1);
    values.set(waves.re, 2 * i * area);
    if (2 * i + 1 < depth) values.set(waves.im, (2 * i + 1) * area);
  });
  return values;
}

/**
 * Return the mean of `power` times gain^2 in rings one cycle wide; [0] is the mean brightness.
 * @param {Float64Array} power
 * @param {Int32Array} rings
 * @param {Float64Array} [gains]
 */
export function radialProfile(power, rings, gains) {
  const sums = new Float64Array(rings.reduce((a, b) => Math.max(a, b)) + 1);
  const counts = new Float64Array(sums.length);
  power.forEach((p, k) => {
    sums[rings[k]] += gains ? p * gains[k] * gains[k] : p;
    counts[rings[k]] += 1;
  });
  return sums.map((sum, ring) => sum / counts[ring]);
}

/**
 * Return what becomes of an edge, dark (0) on the left and bright (1) on the right: `size` values, the step in the middle.
 * @param {number} size
 * @param {Filter} settings
 */
export function edgeResponse(size, settings) {
  const f = frequencies(size);
  const line = new Fourier(size);
  const [re, im] = [Float64Array.from({ length: size }, (_, i) => (i < size / 2 ? 0 : 1)), new Float64Array(size)];
  line.line(re, im, 0, 1, -1);
  f.forEach((cycles, k) => {
    const factor = gain(Math.abs(cycles), settings) / size;
    re[k] *= factor;
    im[k] *= factor;
  });
  line.line(re, im, 0, 1, 1);
  return re;
}

/**
 * Return waves as brightness about 1/2, (size, size): core.images.aliasing.grating of one, of several their sum, scaled
 * down together where it would leave 0 to 1.
 * @param {number} size
 * @param {Wave[]} waves
 */
export function gratings(size, waves) {
  const values = new Float64Array(size * size).fill(0.5);
  const scale =
    0.5 /
    Math.max(
      1,
      waves.reduce((sum, wave) => sum + wave.contrast, 0),
    );
  for (const { cycles, degrees, contrast, phase } of waves) {
    const angle = (degrees * Math.PI) / 180;
    const [across, up] = [
      (2 * Math.PI * cycles * Math.cos(angle)) / size,
      (2 * Math.PI * cycles * Math.sin(angle)) / size,
    ];
    for (let y = 0, i = 0; y < size; y++) {
      const start = -up * (y - size / 2) - 2 * Math.PI * phase;
      for (let x = 0; x < size; x++, i++) values[i] += scale * contrast * Math.cos(start + across * (x - size / 2));
    }
  }
  return values;
}

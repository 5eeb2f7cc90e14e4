// Convolution and pooling by node's own test runner. Long numbers come from core.images, as written in expected.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import {
  BORDER,
  compute,
  decodePixels,
  NOISE,
  fixed,
  formatNumber,
  fullSize,
  geometry,
  gridFormat,
  nextToShow,
  pad,
  parseWeight,
  readPlaces,
  reduce,
  resizeKernel,
  sourceIndex,
  terms,
} from "../../core/ui/components/kit/math.js";
import { closeTo } from "./close.js";

/** @typedef {import("../../core/ui/components/kit/math.js").Planes} Planes */
/** @typedef {import("../../core/ui/components/kit/math.js").Settings} Settings */

/** @type {{name: string, image: import("../../core/ui/components/kit/math.js").Encoded, settings: Settings, output: number[][][]}[]} */
const CASES = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8")).layers;

/** @type {(rows: number[][], ...more: number[][][]) => Planes} */
const planes = (...grids) => ({
  depth: grids.length,
  height: grids[0].length,
  width: grids[0][0].length,
  values: Float64Array.from(grids.flat(2)),
});

/** @type {(patch: Partial<Settings>) => Settings} */
const settings = (patch) => ({
  operation: "convolve",
  kernel: null,
  window: patch.kernel ? [patch.kernel[0].length, patch.kernel[0][0].length] : [2, 2],
  stride: [1, 1],
  dilation: [1, 1],
  padding: "valid",
  amount: null,
  ceil: false,
  bias: 0,
  relu: false,
  ...patch,
});

const THREE = planes([
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 10],
]);

test("the next place with something to show is found going around, and where none has, nothing is skipped", () => {
  const places = [0, 0, 3, 0, 5];
  const shows = (/** @type {number} */ i) => places[i] > 0;
  assert.deepEqual(
    [2, 3, 5].map((from) => nextToShow(from, places.length, shows)),
    [2, 4, 2],
  );
  assert.equal(
    nextToShow(6, 5, () => false),
    1,
  );
});

describe("what core.images computes", () => {
  for (const { name, image, settings: given, output } of CASES)
    test(name, () => {
      const found = compute(decodePixels(image), given).output;
      assert.deepEqual(
        [found.depth, found.height, found.width],
        [output.length, output[0].length, output[0][0].length],
      );
      closeTo(found.values, output.flat(2), 1e-6);
    });
});

test("a kernel is not flipped, and bias and ReLU come after it", () => {
  const kernel = [
    [
      [1, 0],
      [0, -2],
    ],
  ];
  const { output } = compute(THREE, settings({ kernel, bias: 0.5 }));
  assert.deepEqual([...output.values], [1 - 10 + 0.5, 2 - 12 + 0.5, 4 - 16 + 0.5, 5 - 20 + 0.5]);
  assert.deepEqual([...compute(THREE, settings({ kernel, bias: 9, relu: true })).output.values], [0, 0, 0, 0]);
});

test("a kernel as deep as the picture sums its planes into one, a flat one keeps them apart", () => {
  const image = planes([[1]], [[2]], [[3]]);
  assert.deepEqual([...compute(image, settings({ kernel: [[[10]], [[1]], [[-1]]] })).output.values], [9]);
  assert.deepEqual([...compute(image, settings({ kernel: [[[10]]] })).output.values], [10, 20, 30]);
});

describe("the number of outputs along an axis", () => {
  const count = (/** @type {number} */ size, /** @type {Partial<Settings>} */ patch) =>
    geometry({ height: size, width: size }, settings(patch)).y.count;
  for (const [size, window, stride, dilation, padding] of [
    [28, 3, 1, 1, 0],
    [28, 5, 1, 1, 2],
    [32, 3, 2, 1, 1],
    [7, 3, 3, 2, 1],
    [224, 7, 2, 1, 3],
  ])
    test(`N ${size}, F ${window}, S ${stride}, D ${dilation}, P ${padding}: (N + 2P - D(F - 1) - 1) / S + 1`, () => {
      const patch = { window: [window, window], stride: [stride, stride], dilation: [dilation, dilation] };
      const formula = Math.floor((size + 2 * padding - dilation * (window - 1) - 1) / stride) + 1;
      assert.equal(count(size, { ...patch, padding: "zero", amount: [padding, padding] }), formula);
    });

  test("none where the window is larger than the picture", () => {
    assert.equal(count(2, { window: [3, 3] }), 0);
  });

  test("ceil mode adds the last window that starts in the picture, and no other", () => {
    const pool = { operation: "max", window: [2, 2], stride: [2, 2], padding: "zero", ceil: true };
    assert.equal(count(5, { ...pool, amount: [0, 0] }), 3);
    assert.equal(count(5, { ...pool, amount: [0, 0], ceil: false }), 2);
    assert.equal(count(4, { ...pool, amount: [1, 1], stride: [4, 4] }), 2);
    assert.equal(count(3, { ...pool, amount: [1, 1], stride: [4, 4], window: [1, 1] }), 1); // it would start in the padding
    assert.equal(count(6, { ...pool, amount: [0, 0], stride: [4, 4], window: [7, 7] }), 1); // larger than the picture
    assert.equal(count(2, { ...pool, amount: [0, 0], stride: [4, 4], window: [7, 7] }), 0);
  });

  test('"same" padding keeps the size, an odd pixel behind', () => {
    const axis = geometry({ height: 9, width: 9 }, settings({ window: [4, 4], padding: "zero" })).y;
    assert.deepEqual([axis.count, axis.before, axis.padded], [9, 1, 12]);
  });
});

describe("padding", () => {
  const around = (/** @type {string} */ padding) => Array.from({ length: 9 }, (_, i) => sourceIndex(i - 3, 3, padding));
  for (const [padding, expected] of /** @type {[string, number[]][]} */ ([
    ["zero", [BORDER, BORDER, BORDER, 0, 1, 2, BORDER, BORDER, BORDER]],
    ["edge", [0, 0, 0, 0, 1, 2, 2, 2, 2]],
    ["wrap", [0, 1, 2, 0, 1, 2, 0, 1, 2]],
    ["reflect", [1, 2, 1, 0, 1, 2, 1, 0, 1]],
  ]))
    test(`${padding} is that of numpy.pad`, () => assert.deepEqual(around(padding), expected));

  test("a single pixel is its own reflection", () => assert.equal(sourceIndex(-5, 1, "reflect"), 0));

  test("zeros are part of a mean and never the largest", () => {
    const small = planes([[-1]]);
    const padded = { window: [3, 3], stride: [3, 3], padding: "zero", amount: [1, 1] };
    const value = (/** @type {string} */ operation) =>
      compute(small, settings({ ...padded, operation })).output.values[0];
    assert.equal(value("average"), -1 / 9);
    assert.equal(value("max"), -1);
    const s = settings({ ...padded, operation: "convolve", kernel: [Array(3).fill([1, 1, 1])] });
    assert.deepEqual([...pad(small, s, geometry(small, s)).values], [0, 0, 0, 0, -1, 0, 0, 0, 0]);
  });
});

describe("pooling a window", () => {
  for (const [operation, value, winner] of /** @type {[string, number, number][]} */ ([
    ["max", 4, 1],
    ["min", -3, 2],
    ["average", 1.25, -1],
    ["l2", Math.sqrt(16 + 16 + 9), -1],
  ]))
    test(operation, () => {
      const found = reduce(operation, [0, 4, -3, 4]);
      assert.equal(found.value, value);
      assert.equal(found.winner, winner); // the first of the largest
    });

  test("what is not there does not count", () => {
    assert.equal(reduce("average", [NaN, 1, 2, NaN]).value, 1.5);
    assert.equal(reduce("max", [NaN, -1, -2]).winner, 1);
    assert.equal(reduce("l2", [NaN, 3, 4, NaN]).value, Math.sqrt(50)); // as lp_pool2d: times 4 / 2
  });
});

test("strides and dilation leave places that no window reads", () => {
  const { y } = geometry({ height: 7, width: 7 }, settings({ window: [2, 2], stride: [3, 3] }));
  assert.deepEqual(readPlaces(y), [true, true, false, true, true, false, false]);
  const far = geometry({ height: 5, width: 5 }, settings({ window: [2, 2], stride: [5, 5], dilation: [3, 3] })).y;
  assert.deepEqual(readPlaces(far), [true, false, false, true, false]);
});

test("the arithmetic of a cell adds up to the output", () => {
  const s = settings({
    kernel: [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  });
  const found = terms(compute(THREE, s), s, [1, 1]);
  assert.deepEqual(found.planes[0].values, [5, 6, 8, 10]);
  assert.deepEqual(found.planes[0].products, [5, 12, 24, 40]);
  assert.equal(found.planes[0].sum, 81);
  assert.deepEqual(found.outputs, [81]);
});

test("a kernel grows and shrinks about its center", () => {
  const three = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  assert.deepEqual(resizeKernel(three, 1, 1), [[5]]);
  assert.deepEqual(resizeKernel(three, 1, 5), [[0, 4, 5, 6, 0]]);
  assert.deepEqual(resizeKernel([[5]], 3, 3), [
    [0, 0, 0],
    [0, 5, 0],
    [0, 0, 0],
  ]);
});

describe("numbers as people write them", () => {
  for (const [text, value] of /** @type {[string, number | null][]} */ ([
    ["-1", -1],
    ["−0.5", -0.5],
    ["0,25", 0.25],
    ["1/9", 1 / 9],
    [" 2e-1 ", 0.2],
    ["", null],
    ["1/0", null],
    ["1/2/3", null],
    ["0x10", null],
    ["Infinity", null],
    ["1e9", null],
  ]))
    test(`"${text}" is ${value}`, () => assert.equal(parseWeight(text), value));

  for (const [value, digits, text] of /** @type {[number, number, string][]} */ ([
    [0, 2, "0"],
    [0.001, 2, "~0"],
    [-0.001, 2, "~0"],
    [-1.5, 2, "−1.5"],
    [123.456, 2, "123.5"],
    [12345.6, 2, "12,346"],
    [-2.5e7, 2, "−2.5e+7"],
    [NaN, 2, "none"],
    [-Infinity, 2, "−∞"],
  ]))
    test(`${value} reads ${text}`, () => assert.equal(formatNumber(value, digits), text));
});

describe("pictures and numbers of rounding errors", () => {
  test("are drawn to one floor: nothing below it fills the scale", () => {
    assert.equal(fullSize([-4, 1, 0.5]), 4);
    assert.equal(fullSize([3e-17, -2e-16, 0]), 1);
    assert.equal(fullSize([]), 1);
    assert.equal(fullSize([...Array(999).fill(1e-17), -0.5], 0.98), 0.5); // one pixel, which no percentile sees
    assert.equal(fullSize([NaN, 2, NaN]), 2);
    assert.equal(formatNumber(NOISE / 2), "0");
  });

  for (const [values, digits, texts] of /** @type {[number[], number, string[]][]} */ ([
    [[0.5, 0.25, 0, 1], 2, ["0.50", "0.25", "0.00", "1.00"]],
    [[0.5, 0.1, -1], 2, ["0.5", "0.1", "−1.0"]],
    [[-0, 2, -3], 2, ["0", "2", "−3"]],
    [[-1e-17, 0.5], 2, ["0.0", "0.5"]],
    [[1 / 9, -0.001], 2, ["0.11", "0.00"]],
    [[1 / 9, NaN], 3, ["0.111", "none"]],
  ]))
    test(`the grid ${values} has one number of decimals`, () =>
      assert.deepEqual(
        values.map((v) => (Number.isNaN(v) ? "none" : gridFormat(values, digits)(v))),
        texts,
      ));

  test("have no sign before a zero", () => {
    assert.equal(fixed(-0.004, 2), "0.00");
    assert.equal(fixed(-0.006, 2), "−0.01");
  });
});

describe("pixels that no window reads", () => {
  for (const [
    side,
    window,
    stride,
    amount,
    ceil,
    unused,
  ] of /** @type {[number, number, number, number, boolean, number][]} */ ([
    [7, 2, 2, 0, false, 1],
    [7, 2, 2, 0, true, 0],
    [8, 3, 3, 1, false, 0], // 10 cells, 9 of them read: the last is padding
    [9, 3, 3, 1, false, 1],
    [28, 3, 8, 1, false, 2],
    [6, 4, 4, 2, false, 0],
  ]))
    test(`${side} px, F ${window}, S ${stride}, P ${amount}${ceil ? ", ceil" : ""}: ${unused}`, () => {
      const settings = {
        window: [window, window],
        stride: [stride, stride],
        dilation: [1, 1],
        padding: "zero",
        amount: [amount, amount],
        ceil,
      };
      const { y } = geometry({ height: side, width: side }, /** @type {any} */ (settings));
      assert.equal(y.unused, unused);
    });
});

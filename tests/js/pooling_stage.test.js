import assert from "node:assert/strict";
import test from "node:test";

import { compute } from "../../core/ui/components/kit/math.js";
import { fitting } from "../../core/ui/components/pooling_stage/sizes.js";
import { lostDetail } from "../../core/ui/components/pooling_stage/lost.js";

/** @type {(operation: string, window: number, stride: number, amount?: number) => import("../../core/ui/components/kit/math.js").Settings} */
const settings = (operation, window, stride, amount = 0) => ({
  operation,
  kernel: null,
  window: [window, window],
  stride: [stride, stride],
  dilation: [1, 1],
  padding: "zero",
  amount: [amount, amount],
  ceil: false,
  bias: 0,
  relu: false,
  scale: "auto",
});
const image = { depth: 1, height: 2, width: 4, values: Float64Array.from([1, 2, 5, 0, 3, 4, 1, 2]) };
/** @type {(s: import("../../core/ui/components/kit/math.js").Settings, picture?: typeof image) => number[]} */
const lost = (s, picture = image) => Array.from(lostDetail(picture, compute(picture, s), s).values);

test("what is lost is what core.images.pooling says", () => {
  assert.deepEqual(lost(settings("max", 2, 2)), [-3, -2, 0, -5, -1, 0, -4, -3]); // its own example
  assert.deepEqual(lost(settings("max", 2, 1)), [-3, -2.5, 0, -5, -1, -0.5, -4, -3]); // the mean where windows overlap
  const even = { ...image, values: new Float64Array(8).fill(0.5) };
  for (const v of lost(settings("l2", 2, 2), even)) assert.ok(Math.abs(v) < 1e-12);
  const odd = { depth: 1, height: 1, width: 3, values: Float64Array.from([1, 2, 7]) };
  const read = { ...settings("max", 1, 2), window: [1, 1] };
  assert.deepEqual(lost(read, odd), [0, 2, 0]); // no window reads the pixel in the middle
});

test("of a color picture it is the brightness", () => {
  const color = { depth: 3, height: 1, width: 2, values: Float64Array.from([0, 1, 0, 1, 0, 1]) };
  const s = { ...settings("max", 2, 2), window: [1, 2], stride: [1, 2] };
  const [dark, bright] = lost(s, color);
  assert.ok(Math.abs(dark + 1) < 1e-12 && Math.abs(bright) < 1e-12);
});

test("the padding follows the window, and the window the picture", () => {
  const most = { window: 8, stride: 8 };
  assert.deepEqual(fitting({ window: 5, stride: 2, padding: 4 }, most, 28), { window: 5, stride: 2, padding: 2 });
  assert.deepEqual(fitting({ window: 9, stride: 0, padding: 0 }, most, 6), { window: 6, stride: 1, padding: 0 });
});

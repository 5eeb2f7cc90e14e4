// What a unit is made of, by node's own test runner. The networks' own numbers are compared in tests/browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { account, opened, squashed, unpack } from "../../core/ui/components/network_stage/unit_arithmetic.js";
import { closeTo } from "./close.js";

/** @typedef {import("../../core/ui/components/network_stage/unit_arithmetic.js").Source} Source */

/** @type {{name: string, source: any, units: any[], values: number[]}[]} */
const CASES = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8")).units;

/** @type {(shape: number[], values: number[]) => import("../../core/ui/components/network_stage/unit_arithmetic.js").Block} */
const block = (shape, values) => ({ shape, values: Float32Array.from(values) });

/** @type {(patch: any) => Source} */
const source = (patch) => ({
  total: 1,
  weights: null,
  biases: [],
  input: block([1, 1, 1], [0]),
  inputName: "",
  ...patch,
});

const UNIT = { tile: 0, plane: 0, row: 0, column: 0 };
const ONE_TO_NINE = block([1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const PLAIN = { stride: [1, 1], before: [0, 0], dilation: [1, 1], groups: 1 };

describe("what torch computes", () => {
  for (const { name, source: packed, units, values } of CASES)
    test(name, () => {
      const open = opened(packed);
      closeTo(
        units.map((unit) => account(open, unit).value),
        values,
        1e-4,
      );
    });
});

test("a block is unpacked from little-endian float32", () => {
  const bytes = new Uint8Array(new Float32Array([1.5, -2]).buffer);
  const packed = { shape: [2], base64: btoa(String.fromCharCode(...bytes)) };
  assert.deepEqual([...unpack(packed).values], [1.5, -2]);
});

test("a convolution's unit is the sum of its planes' products and the bias, the largest plane first", () => {
  const found = account(
    source({
      made: { kind: "conv", ...PLAIN },
      input: block([2, 1, 1], [2, -10]),
      weights: block([1, 2, 1, 1], [3, 4]),
      biases: [0.5],
    }),
    UNIT,
  );
  assert.deepEqual(
    found.terms.map(({ plane, products }) => [plane, products]),
    [
      [1, [-40]],
      [0, [6]],
    ],
  );
  assert.deepEqual([found.sum, found.value], [-34, -33.5]);
});

test("padding of a convolution is zero", () => {
  const made = { kind: "conv", ...PLAIN, before: [1, 1] };
  const weights = block([1, 1, 2, 2], [1, 10, 100, 1000]);
  const found = account(source({ made, input: ONE_TO_NINE, weights }), UNIT);
  assert.deepEqual(found.terms[0].values, [0, 0, 0, 1]);
  assert.equal(found.value, 1000);
});

test("a transposed convolution counts only the stamps that land", () => {
  const made = { kind: "transposed", ...PLAIN, stride: [2, 2] };
  const weights = block([1, 1, 2, 2], [1, 10, 100, 1000]);
  const found = account(source({ made, input: ONE_TO_NINE, weights }), { ...UNIT, row: 1, column: 2 });
  assert.deepEqual(
    found.terms[0].values.filter((value) => !Number.isNaN(value)),
    [2],
  );
  assert.equal(found.value, 200); // the second number's lower left weight
});

test("pooling: zeros of the padding are part of a mean, and never the largest", () => {
  const made = { ...PLAIN, window: [2, 2], stride: [2, 2], before: [1, 1] };
  const negative = block([1, 3, 3], [-1, -2, -3, -4, -5, -6, -7, -8, -9]);
  assert.equal(account(source({ made: { ...made, kind: "average" }, input: negative }), UNIT).value, -0.25);
  const largest = account(source({ made: { ...made, kind: "max" }, input: negative }), UNIT);
  assert.deepEqual([largest.value, largest.count, largest.winner, largest.padded], [-1, 1, 3, true]);
});

test("softmax is a share of all planes at the unit's own place", () => {
  const input = block([3, 1, 1], [0, Math.log(2), Math.log(5)]);
  const found = account(source({ made: { kind: "softmax" }, input }), { ...UNIT, plane: 1 });
  assert.ok(Math.abs(found.value - 2 / 8) < 1e-6);
  assert.ok(Math.abs(found.powers - 8) < 1e-5);
});

test("a layer whose weights are too many to send has no sum", () => {
  assert.equal(account(source({ made: { kind: "linear" } }), UNIT).value, undefined);
});

test("a capsule's number is that before the squash, times what the squash leaves of the length", () => {
  const { length, long, before } = squashed(source({ made: { kind: "squashed" } }), UNIT, [0.3, -0.4]);
  closeTo([length, long, ...before], [0.5, 1, 0.6, -0.8], 1e-6);
  assert.deepEqual(squashed(source({ made: { kind: "squashed" } }), UNIT, [0, 0]).before, [0, 0]);
});

test("a routed capsule's number before the squash is the sum of predictions times coupling coefficients", () => {
  const routed = source({
    made: { kind: "squashed", routed: true },
    coefficients: block([2, 1, 3], [0.5, 0.5, 0.5, 0.25, 0.5, 0.75]),
    predictions: block([2, 3, 2], [9, 9, 9, 9, 9, 9, 1, 2, 3, 4, -5, 6]),
  });
  const found = squashed(routed, { ...UNIT, tile: 1, plane: 11, column: 1 }, [0.1, 0.2]);
  assert.deepEqual(found.values, [2, 4, 6]);
  assert.deepEqual(found.products, [0.5, 2, 4.5]);
  assert.equal(found.sum, 7);
});

test("a length is that of the capsule with the unit's number", () => {
  const input = block([2, 1, 2], [1, 1, 3, -4]);
  assert.equal(account(source({ made: { kind: "length" }, input }), { ...UNIT, plane: 1 }).value, 5);
});

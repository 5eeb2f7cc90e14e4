// What fed a unit, where its window lies, and how the last layer's logits become probabilities.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { account, opened } from "../../core/ui/components/network_stage/unit_arithmetic.js";
import { cellOf, feeds, softmax, steps, windowOf } from "../../core/ui/components/network_stage/contributions.js";
import { fitCells } from "../../core/ui/components/network_stage/network_row.js";
import { fallOf } from "../../core/ui/components/network_stage/unit_trace.js";
import { partsOf } from "../../core/ui/components/network_stage/logits.js";
import { closeTo } from "./close.js";

/** @typedef {import("../../core/ui/components/network_stage/unit_arithmetic.js").Source} Source */

/** @type {{name: string, source: any, units: any[], values: number[]}[]} */
const CASES = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8")).units;
const SUMS = ["conv", "transposed", "linear", "norm", "added"];

for (const { name, source: packed, units, values } of CASES)
  test(`${name}: the steps of a sum end at the network's value`, () => {
    const source = opened(packed);
    units.forEach((unit, i) => {
      const whole = { ...unit, value: values[i] };
      const found = steps(source, whole, account(source, whole));
      assert.equal(
        found.length > 0,
        SUMS.includes(source.made.kind) && (source.made.kind !== "added" || !!source.ways),
      );
      if (found.length === 0) return;
      const ends = fallOf(found, values[i]);
      closeTo([ends[ends.length - 2].to], [values[i]], 1e-4);
      const fed = feeds(source, whole, account(source, whole)).map(({ value }) => Math.abs(value));
      assert.deepEqual(
        fed,
        fed.toSorted((a, b) => b - a),
      );
    });
  });

/** @type {(made: any, weights?: number[]) => Source} */
const source = (made, weights) =>
  /** @type {any} */ ({
    made,
    input: { shape: [2, 9, 9], values: new Float32Array(162) },
    weights: weights && { shape: weights, values: new Float32Array() },
  });
const UNIT = { tile: 0, plane: 1, row: 1, column: 2, value: 5 };

test("a unit's window lies where its layer reads, the border included", () => {
  const conv = { kind: "conv", stride: [2, 1], before: [1, 0], dilation: [1, 2] };
  assert.deepEqual(windowOf(source(conv, [4, 2, 3, 3]), UNIT), { y: 1, x: 2, height: 3, width: 5 });
  const pool = { kind: "max", window: [3, 2], stride: [2, 2], before: [1, 1] };
  assert.deepEqual(windowOf(source(pool), UNIT), { y: 1, x: 3, height: 3, width: 2 });
  const spans = [[0, 4, 9].map((n) => [n, n + 2]), [0, 3, 6].map((n) => [n, n + 3])];
  assert.deepEqual(windowOf(source({ kind: "average", spans }), UNIT), { y: 4, x: 6, height: 2, width: 3 });
  const up = { kind: "transposed", stride: [2, 2], before: [0, 1], dilation: [1, 1] };
  assert.deepEqual(windowOf(source(up, [2, 2, 3, 3]), UNIT), { y: 0, x: 1, height: 1, width: 1 });
  assert.deepEqual(windowOf(source({ kind: "relu" }), UNIT), { y: 1, x: 2, height: 1, width: 1 });
  assert.equal(windowOf(source({ kind: "linear" }), UNIT), null);
  const flat = { ...UNIT, plane: 81 + 9 + 4 };
  assert.deepEqual(windowOf(source({ kind: "flatten" }), flat), { y: 1, x: 4, height: 1, width: 1 });
  assert.deepEqual(feeds(source({ kind: "flatten" }), flat, /** @type {any} */ ({})), [{ plane: 1, value: 5 }]);
});

test("a list's cells share its numbers as numpy.array_split does", () => {
  const cells = Array.from({ length: 11 }, (_, number) => cellOf(number, 11, 4));
  assert.deepEqual(cells, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3]);
  assert.equal(cellOf(7, 10, 10), 7);
});

test("a pulled logit shares the probabilities anew, and a temperature flattens them", () => {
  closeTo(softmax([1, 2, 3]), [0.0900306, 0.2447285, 0.6652409], 1e-6);
  closeTo(softmax([1001, 1002, 1003]), [0.0900306, 0.2447285, 0.6652409], 1e-6);
  closeTo(softmax([2, 4, 6], 2), softmax([1, 2, 3]), 1e-9);
  const [cold, hot] = [softmax([1, 2], 0.1), softmax([1, 2], 5)];
  assert.ok(cold[1] > 0.999 && hot[1] < 0.56 && hot[1] > 0.5);
});

test("the largest products stand alone, the others together", () => {
  const products = Array.from({ length: 30 }, (_, i) => (i % 2 ? i : -i));
  const { products: largest, rest, others, bias } = partsOf(products, 0.5);
  assert.deepEqual(largest.slice(0, 3), [29, -28, 27]);
  assert.deepEqual([largest.length, others, bias], [12, 18, 0.5]);
  assert.equal(
    largest.reduce((a, b) => a + b, rest),
    products.reduce((a, b) => a + b, 0),
  );
});

test("the cells of a layer fit into its box, as large as can be", () => {
  for (const count of [1, 4, 16, 32, 64, 400])
    for (const [wide, high] of [
      [78, 150],
      [78, 200],
      [40, 200],
    ]) {
      const grid = fitCells(count, 26, 26, wide, high);
      assert.ok(grid.columns * (grid.wide + grid.gap) - grid.gap <= wide, `${count} in ${wide}`);
      assert.ok(grid.columns * grid.rows >= count);
      if (grid.wide > 2) assert.ok(grid.rows * (grid.high + grid.gap) - grid.gap <= high, `${count} in ${high}`);
    }
  assert.equal(fitCells(16, 26, 26, 78, 200).wide, 24);
});

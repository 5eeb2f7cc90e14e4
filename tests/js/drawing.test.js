// The colors of a picture and its output: their kind is the operation's, whatever values happen to occur.

import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseScales } from "../../core/ui/components/kit/drawing.js";

/** @type {(...values: number[]) => import("../../core/ui/components/kit/math.js").Planes} */
const row = (...values) => ({ depth: 1, height: 1, width: values.length, values: Float64Array.from(values) });

const EDGES = { operation: "convolve", kernel: [[[1, -1]]] };
const BLUR = { operation: "convolve", kernel: [[[0.2, 0.2]]] };
/** @type {(patch: any, input?: number) => string} */
const kind = (patch, input = 0.5) => chooseScales(row(input, 1), row(0.25, 1), patch).output.kind;

test("a kernel with a negative weight is signed, also where no output is below zero", () => {
  assert.equal(kind(EDGES), "signed");
  assert.equal(kind({ ...EDGES, scale: "shared" }), "signed");
  assert.equal(kind({ ...EDGES, relu: true }), "gray");
});

test("a kernel without one is signed for signed inputs or a negative bias", () => {
  assert.equal(kind(BLUR), "gray");
  assert.equal(kind(BLUR, -0.5), "signed");
  assert.equal(kind({ ...BLUR, bias: -0.1 }), "signed");
});

test("pooling keeps the sign of its input, the L2 norm has none", () => {
  for (const operation of ["max", "min", "average"])
    for (const [input, expected] of /** @type {[number, string][]} */ ([
      [0.5, "gray"],
      [-0.5, "signed"],
    ]))
      assert.equal(kind({ operation, scale: "own" }, input), expected);
  assert.equal(kind({ operation: "l2", scale: "own" }, -0.5), "gray");
});

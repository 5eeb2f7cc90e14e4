// What the inspector says of one output, and what it compares a changed kernel's output with.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { difference, isChanged } from "../../core/ui/components/convolution_inspector/comparison.js";
import { inParts, inWords } from "../../core/ui/components/convolution_inspector/output_in_words.js";
import { compute, terms } from "../../core/ui/components/kit/math.js";

const IMAGE = { depth: 1, height: 2, width: 2, values: Float64Array.from([1, 2, 3, 4]) };
const KERNEL = [
  [
    [1, 0],
    [0, -2],
  ],
];
const SETTINGS = {
  operation: "convolve",
  kernel: KERNEL,
  window: [2, 2],
  stride: [1, 1],
  dilation: [1, 1],
  padding: "valid",
  amount: null,
  ceil: false,
  bias: 0,
  relu: false,
};

describe("the written-out line", () => {
  const t = terms(compute(IMAGE, SETTINGS), SETTINGS, [0, 0]);

  test("names each product by its place in the window, without weights of zero", () => {
    const products = inParts(t, SETTINGS, [0, 0], false).filter((part) => typeof part !== "string");
    assert.deepEqual(products, [
      { text: "1 × 1", index: 0 },
      { text: "4 × (−2)", index: 3 },
    ]);
  });

  test("is one text, for the eye and for the ear", () => {
    assert.equal(
      inWords(t, SETTINGS, [0, 0], false),
      "Row 1, column 1: 1 × 1 + 4 × (−2) = −7; 2 of the 4 weights are 0.",
    );
    assert.equal(
      inWords(t, SETTINGS, [0, 0], true),
      "Row 1, column 1: 1 times 1 + 4 times minus 2 = minus 7; 2 of the 4 weights are 0.",
    );
  });
});

describe("yours beside the catalogue's", () => {
  const reference = { title: "Edge", text: "", kernel: KERNEL };

  test("a kernel is changed by another weight or another size, not by a negative zero", () => {
    assert.ok(!isChanged(structuredClone(KERNEL), reference));
    assert.ok(!isChanged([[[1, -0], [0, -2]]], reference)); // prettier-ignore
    assert.ok(isChanged([[[1, 0], [0, -2.1]]], reference)); // prettier-ignore
    assert.ok(isChanged([[[1]]], reference));
  });

  test("the difference is taken pixel by pixel, of outputs of one size", () => {
    const other = { ...IMAGE, values: Float64Array.from([1, 0, 5, 4]) };
    assert.deepEqual([...(difference(IMAGE, other)?.values ?? [])], [0, 2, -2, 0]);
    assert.equal(difference(IMAGE, { ...IMAGE, width: 4, height: 1 }), null);
  });
});

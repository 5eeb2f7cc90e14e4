// A capsule network's decoder by node's own test runner, against torch: tests/js/expected.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { draw, unpack } from "../../core/ui/components/capsule_decoder/decoder.js";
import { readHalves } from "../../core/ui/components/kit/float16.js";
import { closeTo } from "./close.js";

/** @type {{widths: number[], base64: string, cases: {vector: number[], digit: number, pixels: number[]}[]}} */
const DECODER = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8")).decoder;

test("float16 is read to the bit: zeros, one, the largest, a third, and the smallest below the normal ones", () => {
  const bits = [0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x3555, 0x0001, 0x83ff];
  const bytes = Uint8Array.from(bits.flatMap((half) => [half & 255, half >> 8]));
  const exact = [0, -0, 1, -2, 65504, 0.333251953125, 2 ** -24, -1023 * 2 ** -24];
  assert.deepEqual([...readHalves(bytes)], exact);
});

test("the decoder draws what torch draws, for each class", () => {
  const decoder = unpack(
    DECODER.widths,
    Uint8Array.from(atob(DECODER.base64), (c) => c.charCodeAt(0)),
  );
  assert.deepEqual(
    decoder.layers.map(({ biases }) => biases.length),
    DECODER.widths.slice(1),
  );
  assert.ok(DECODER.cases.length >= 3);
  for (const { vector, digit, pixels } of DECODER.cases) closeTo(draw(decoder, vector, digit), pixels, 1e-5);
});

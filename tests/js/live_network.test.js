// What a pen draws on home, by node's own test runner: centered as core.images.digits has it, see tests/js/expected.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { drawDigit, moved, SIDE } from "../../core/ui/components/live_network/digit.js";
import { arrange } from "../../core/ui/components/live_network/network_picture.js";
import { percent, PLACES, sentence } from "../../core/ui/components/live_network/page_places.js";

/** @typedef {import("../../core/ui/components/live_network/digit.js").Point} Point */

/** @type {{strokes: Point[][], pen: number, pixels: number[]}[]} */
const PEN = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8")).pen;

/**
 * @param {ArrayLike<number>} pixels
 * @returns {[number, number]} the center of mass
 */
function middle(pixels) {
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++)
    [sum, x, y] = [sum + pixels[i], x + pixels[i] * (i % SIDE), y + pixels[i] * Math.floor(i / SIDE)];
  return [x / sum, y / sum];
}

test("strokes become the digit that core.images.digits draws, but for the edges' gray", () => {
  assert.ok(PEN.length >= 3);
  for (const { strokes, pen, pixels } of PEN) {
    const drawn = /** @type {Float32Array} */ (drawDigit(strokes, pen));
    const off = pixels.map((v, i) => Math.abs(v / 255 - drawn[i]));
    assert.ok(off.reduce((a, b) => a + b, 0) / off.length < 0.015, "mean");
    assert.ok(Math.max(...off) < 0.45, `largest ${Math.max(...off)}`);
  }
});

test("wherever and however large it is drawn, a digit is centered as MNIST's and 20 px long", () => {
  /** @type {Point[]} */
  const seven = [
    [0, 0],
    [30, 0],
    [12, 60],
  ];
  const pictures = [
    [1, 5, 5],
    [1, 240, 200],
    [4, 100, 20],
  ].map(([scale, left, top]) =>
    drawDigit([seven.map(([x, y]) => /** @type {Point} */ ([left + scale * x, top + scale * y]))], 3),
  );
  for (const picture of pictures) {
    assert.ok(picture);
    for (const at of middle(picture)) assert.ok(Math.abs(at - 14) <= 0.5, `center ${at}`);
    const rows = new Set([...picture.keys()].filter((i) => picture[i] > 0).map((i) => Math.floor(i / SIDE)));
    assert.equal(rows.size, 20);
    picture.forEach((v, i) => assert.ok(Math.abs(v - /** @type {Float32Array} */ (pictures[0])[i]) < 0.01));
  }
});

test("nothing and a dot are no digit", () => {
  assert.equal(drawDigit([], 3), null);
  assert.equal(drawDigit([[[100, 100]]], 3), null);
  assert.equal(
    drawDigit(
      [
        [
          [100, 100],
          [104, 108],
        ],
      ],
      3,
    ),
    null,
  );
});

test("a picture is moved by whole pixels to the bit, and black comes in", () => {
  const pixels = Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i % 7) / 8);
  const found = moved(pixels, 5, 0, 0);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) assert.equal(found[y * SIDE + x], x < 5 ? 0 : pixels[y * SIDE + x - 5]);
});

test("the blocks fill the width they get, and follow one another", () => {
  for (const [width, tall] of /** @type {[number, boolean][]} */ ([
    [540, false],
    [490, false],
    [722, true],
  ])) {
    const { columns, units, tile } = arrange(width, tall);
    const boxes = [tile, ...columns.map(({ box }) => box), units];
    boxes.slice(1).forEach((box, i) => assert.ok(box.x >= boxes[i].x + boxes[i].width + 6, `${width}: ${i}`));
    assert.ok(units.x + units.width <= width - 14);
  }
});

test("a sentence says what it reads; nothing is called all that is not", () => {
  assert.equal(percent(1), "100\u202f%");
  assert.equal(percent(0.998), "over 99\u202f%");
  assert.equal(percent(0.001), "under 1\u202f%");
  const shares = [0, 0, 0, 0.1, 0, 0, 0, 0.9, 0, 0];
  assert.match(sentence(shares, null), /7, with 90.%; next comes 3, with 10.%/);
  assert.match(sentence(shares, 7), /and it is one/);
  assert.match(sentence(shares, 3), /but it is a 3/);
  assert.equal(Object.keys(PLACES).length, 11);
});

// A picture moved by hand: its pixels as torch has them, its handles, the answers that are kept, and the words.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Answers, largest, turningPoints } from "../../core/ui/components/transform_stage/answers.js";
import { frameOf, keyed, scaled, shifted, turned } from "../../core/ui/components/transform_stage/handles.js";
import { ORDER, UNCHANGED, forward, transformed } from "../../core/ui/components/transform_stage/transform.js";
import { answer, changes, describe, withUnit } from "../../core/ui/components/transform_stage/what_to_notice.js";
import { closeTo } from "./close.js";

/** @typedef {import("../../core/ui/components/transform_stage/transform.js").Values} Values */

const { moves } = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8"));
/** @param {number[]} numbers */
const values = (numbers) => /** @type {Values} */ (Object.fromEntries(ORDER.map((name, i) => [name, numbers[i]])));

test("pixels are those of core.insight.invariance", () => {
  for (const { shape, pixels, transform, output } of moves)
    closeTo(transformed(pixels, shape, values(transform)), output, 2e-2);
});

test("a point goes where its pixel goes", () => {
  const pixels = new Float32Array(49);
  pixels[2 * 7 + 3] = 255; // one above the middle
  const moved = { ...UNCHANGED, rotate: 90, scale: 2, dx: 1 };
  const [x, y] = forward(moved, [0, -1]);
  closeTo([x, y], [3, 0], 1e-9); // clockwise: what was above is at the right
  assert.equal(largest(transformed(pixels, [1, 7, 7], moved)), 3 * 7 + 6);
});

test("a drag shifts by whole pixels, or finely by tenths", () => {
  assert.deepEqual(shifted({ ...UNCHANGED, dx: 2 }, [1.4, -3.6], false), { dx: 3, dy: -4 });
  assert.deepEqual(shifted({ ...UNCHANGED, dx: 2 }, [1.44, -3.6], true), { dx: 3.4, dy: -3.6 });
});

test("the knob turns and a corner scales", () => {
  assert.deepEqual(turned(UNCHANGED, [0, -10], [10, 0]), { rotate: 90 });
  assert.deepEqual(turned({ ...UNCHANGED, rotate: 170 }, [0, -10], [10, -10]), { rotate: -145 });
  assert.deepEqual(scaled(UNCHANGED, [10, 10], [15, 15]), { scale: 1.5 });
  assert.deepEqual(keyed("["), ["rotate", -1]);
  assert.deepEqual(keyed("ArrowUp"), ["dy", -1]);
  assert.equal(keyed("a"), null);
});

test("the frame holds what a digit shows, and the middle of a photograph", () => {
  const pixels = new Uint8Array(100);
  pixels[23] = pixels[57] = 200; // row 2, column 3; row 5, column 7
  assert.deepEqual(frameOf(pixels, [1, 10, 10]), [-2, -3, 3, 1]);
  closeTo(frameOf(pixels.fill(200), [1, 10, 10]), [-3.6, -3.6, 3.6, 3.6], 1e-9);
});

test("a strip answers for all of its values, whatever the other numbers were before", () => {
  const answers = new Answers();
  const encode = (/** @type {number[]} */ numbers) => Buffer.from(new Float32Array(numbers).buffer).toString("base64");
  const transform = [0, 2, 0, 1, 0, 0];
  answers.add({
    about: "a",
    transform,
    along: "dx",
    values: [-1, 0, 1],
    unchanged: [encode([1, 0])],
    moved: [encode([0.5, 0.5])],
    strip: [encode([0.2, 0.8, 0.5, 0.5, 0.9, 0.1])],
  });
  closeTo(answers.at({ ...UNCHANGED, dx: -1, dy: 2 })?.[0] ?? [], [0.2, 0.8], 1e-6);
  closeTo(answers.at(UNCHANGED)?.[0] ?? [], [1, 0], 1e-6);
  assert.equal(answers.at({ ...UNCHANGED, dx: 1, dy: 1 }), undefined);
  assert.equal(answers.over({ ...UNCHANGED, dx: 7, dy: 2 }, "dx")?.values.length, 3);
  assert.equal(answers.over({ ...UNCHANGED, dy: 1 }, "dx"), undefined);
});

test("turning points are the nearest to the untouched value", () => {
  const strip = Array.from({ length: 25 }, (_, i) => i - 12);
  const predictions = strip.map((value) => (Math.abs(value) > 6 ? 7 : Math.abs(value) <= 2 ? 3 : 5));
  const points = turningPoints(predictions, 12).map((i) => strip[i]);
  assert.deepEqual(points, [-3, 3]);
  assert.match(changes(predictions, strip, "dx", [..."0123456789"]), /−3.px \(to 5\) and \+3.px \(to 5\)/);
  assert.doesNotMatch(
    changes(
      strip.map(() => 4),
      strip,
      "dx",
      [..."0123456789"],
    ),
    / at /,
  );
});

test("numbers are written with sign and unit", () => {
  assert.equal(withUnit("rotate", -15), "−15°");
  assert.equal(withUnit("dx", 3), "+3\u202fpx");
  assert.equal(withUnit("scale", 0.82), "0.82");
  assert.equal(withUnit("blur", 0.5), "0.5\u202fpx");
  assert.equal(describe({ ...UNCHANGED, dx: 3, rotate: -15 }), "shift right +3\u202fpx, rotate −15°");
});

test("the sentence names who changed its mind", () => {
  const now = { names: ["MLP", "CNN", "third"], kept: [9, 9, 9], classes: [..."0123456789"], noun: "digit" };
  const moved = { ...UNCHANGED, dx: 4 };
  assert.match(
    answer({ ...now, values: moved, predictions: [8, 9, 9] }),
    /the MLP says 8; the other two still say 9\./,
  );
  assert.match(answer({ ...now, values: moved, predictions: [9, 9, 9] }), /all three networks still say 9\./);
  assert.match(answer({ ...now, values: moved, predictions: [8, 8, 1] }), /no network reads a 9 now/);
  assert.match(
    answer({ ...now, values: moved, predictions: [8, 8, 9] }),
    /the MLP and the CNN say 8; only the third still says 9/,
  );
});

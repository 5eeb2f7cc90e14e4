// The arithmetic of the number that is dragged, stepped and written; what pointer and keys do is tested in Chromium.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  accepted,
  cannotBecome,
  dragPixels,
  readNumber,
  stepSize,
  stepped,
} from "../../core/ui/components/kit/number.js";

const WEIGHT = { low: -1e6, high: 1e6, step: 0.1, digits: 2 };
const STRIDE = { low: 1, high: 8, step: 1 };
const DECADE = { low: 10, high: 20, step: 1 };

describe("a step", () => {
  test("is fine with Shift, but never less than the last digit shown", () => {
    assert.equal(stepSize(WEIGHT, false), 0.1);
    assert.equal(stepSize(WEIGHT, true), 0.01);
    assert.equal(stepSize({ ...WEIGHT, step: 0.05 }, true), 0.01);
    assert.equal(stepSize(STRIDE, true), 1);
  });

  test("ends at the limits and leaves no rounding behind", () => {
    assert.equal(stepped(0.1, 2, WEIGHT), 0.3);
    assert.equal(stepped(0.3, -3, WEIGHT), 0);
    assert.ok(Object.is(stepped(0.1, -1, WEIGHT), 0), "no negative zero");
    assert.ok(Object.is(stepped(-0.1, 1, WEIGHT), 0));
    assert.equal(stepped(1, 5, WEIGHT, true), 1.05);
    assert.equal(stepped(7, 10, STRIDE), 8);
    assert.equal(stepped(2, -10, STRIDE), 1);
  });

  test("takes more of a drag where there are few", () => {
    assert.equal(dragPixels(WEIGHT), 2);
    assert.equal(dragPixels({ low: -5, high: 5, step: 0.1 }), 2);
    assert.equal(dragPixels(STRIDE), 8);
  });
});

describe("what is written or pasted", () => {
  for (const [text, unit, value] of /** @type {[string, string, number | null][]} */ ([
    ["-1", "", -1],
    [" −0,5 ", "", -0.5],
    ["1/9", "", 1 / 9],
    ["3 px", "px", 3],
    ["45°", "°", 45],
    ["3 px", "", null],
    ["1e3", "", 1000],
    ["left", "", null],
    ["1 2", "", null],
    ["", "px", null],
    ["px", "px", null],
    ["-", "", null],
    ["1/0", "", null],
    ["Infinity", "", null],
  ]))
    test(`"${text}" with "${unit}" is ${value}`, () => assert.equal(readNumber(text, unit), value));

  test("counts within the limits, whole where no decimals are shown", () => {
    assert.equal(accepted(1 / 9, WEIGHT), 1 / 9);
    assert.equal(accepted(2.6, STRIDE), 3);
    assert.equal(accepted(8.4, STRIDE), 8);
    assert.equal(accepted(9, STRIDE), null);
    assert.equal(accepted(0.4, STRIDE), null);
    assert.ok(Object.is(accepted(-0, WEIGHT), 0));
    assert.equal(accepted(null, STRIDE), null);
  });

  test("is refused at once only where it can become nothing else", () => {
    assert.ok(!cannotBecome("-", null, WEIGHT));
    assert.ok(!cannotBecome("1", 1, DECADE));
    assert.ok(!cannotBecome("", null, DECADE));
    assert.ok(cannotBecome("21", 21, DECADE));
    assert.ok(cannotBecome("-1", -1, DECADE));
    assert.ok(cannotBecome("left", null, WEIGHT));
  });
});

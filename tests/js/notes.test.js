// Where notes stand beside what they speak of, and their arrows, by node's own test runner.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { arrowPath, overlap, placeNote } from "../../core/ui/components/kit/notes.js";

const AT = { left: 200, top: 100, width: 100, height: 80 };
const NOTE = { width: 120, height: 36 };
const ROOM = { width: 800, height: 400 };

/** @type {import("../../core/ui/components/kit/notes.js").Side[]} */
const SIDES = ["left", "right", "above", "below"];

describe("notes", () => {
  for (const side of SIDES)
    test(`a note ${side} stands off what it speaks of and within the picture`, () => {
      const { left, top } = placeNote(AT, NOTE, ROOM, side, 0.5, 40);
      assert.equal(overlap({ left, top, ...NOTE }, AT), false);
      assert.ok(left >= 0 && top >= 0 && left + NOTE.width <= ROOM.width && top + NOTE.height <= ROOM.height);
    });

  test("an arrow ends at the edge of what a note speaks of", () => {
    assert.deepEqual(placeNote(AT, NOTE, ROOM, "left", 0.25, 40).end, { x: 196, y: 120 });
    assert.deepEqual(placeNote(AT, NOTE, ROOM, "below", 0.5, 40).end, { x: 250, y: 184 });
  });

  test("a note near the picture's corner is moved inside", () => {
    const corner = { left: 0, top: 0, width: 20, height: 20 };
    const { left, top } = placeNote(corner, NOTE, ROOM, "above", 0.5, 40);
    assert.deepEqual([left, top], [0, 0]);
  });

  test("boxes that only touch do not overlap", () => {
    assert.equal(overlap(AT, { ...AT, left: 300 }), false);
    assert.equal(overlap(AT, { ...AT, left: 299 }), true);
  });

  test("an arrow is one curve and two wings at its end", () => {
    const path = arrowPath({ x: 0, y: 0 }, { x: 50, y: 20 }, true);
    assert.match(path, /^M0 0Q25 20 50 20M50 20l-6 4M50 20l-6 -4$/);
  });
});

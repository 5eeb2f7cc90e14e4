// Where notes stand beside what they speak of, and their arrows, by node's own test runner.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { arrowPath, isFree, overlap, placeNote } from "../../core/ui/components/kit/notes.js";

const AT = { left: 200, top: 100, width: 100, height: 80 };
const NOTE = { width: 120, height: 36 };
const ROOM = { width: 800, height: 400 };

/** @type {import("../../core/ui/components/kit/notes.js").Side[]} */
const SIDES = ["left", "right", "above", "below"];

describe("notes", () => {
  for (const side of SIDES)
    test(`a note ${side} stands off what it speaks of and within the picture`, () => {
      const { left, top } = placeNote(AT, NOTE, ROOM, { side, along: 0.5, gap: 40 });
      assert.equal(overlap({ left, top, ...NOTE }, AT), false);
      assert.ok(left >= 0 && top >= 0 && left + NOTE.width <= ROOM.width && top + NOTE.height <= ROOM.height);
    });

  test("an arrow ends at the edge of what a note speaks of", () => {
    assert.deepEqual(placeNote(AT, NOTE, ROOM, { side: "left", along: 0.25, gap: 40 }).end, { x: 196, y: 120 });
    assert.deepEqual(placeNote(AT, NOTE, ROOM, { side: "below", along: 0.5, gap: 40 }).end, { x: 250, y: 184 });
  });

  test("a note near the picture's corner is moved inside", () => {
    const corner = { left: 0, top: 0, width: 20, height: 20 };
    const { left, top } = placeNote(corner, NOTE, ROOM, { side: "above", along: 0.5, gap: 40 });
    assert.deepEqual([left, top], [0, 0]);
  });

  test("a note stands beside the picture that its dot lies in, and its arrow reaches over that", () => {
    const dot = { left: 240, top: 130, width: 10, height: 10 };
    const { left, end } = placeNote(dot, NOTE, ROOM, { side: "right", along: 0.5, gap: 40, beside: AT });
    assert.deepEqual([left, end.x], [344, 254]);
  });

  test("a note covers nothing, and its arrow has a length and crosses only what it leads into", () => {
    const place = placeNote(AT, NOTE, ROOM, { side: "right", along: 0.5, gap: 40 });
    const free = (/** @type {import("../../core/ui/components/kit/notes.js").Box[]} */ ...taken) =>
      isFree(place, NOTE, "right", taken);
    assert.ok(free(AT, { left: 0, top: 0, width: 800, height: 60 }));
    assert.ok(!free({ left: place.left + 100, top: place.top, width: 40, height: 10 })); // under its words
    assert.ok(!free({ left: 318, top: 100, width: 6, height: 80 })); // between the note and what it speaks of
    assert.ok(free({ ...AT, width: 110 })); // around the arrow's end
    const narrow = placeNote({ ...AT, left: 570 }, NOTE, ROOM, { side: "right", along: 0.5, gap: 40 });
    assert.ok(!isFree(narrow, NOTE, "right", [])); // pushed back by the picture's edge
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

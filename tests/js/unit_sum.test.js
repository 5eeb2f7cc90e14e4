// Long lists of units are drawn so large that each can be told apart.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cellSide, stripLength } from "../../core/ui/components/network_stage/unit_sum.js";

test("a list is about as high as wide, a flattened picture is square, a short list is a column", () => {
  for (const [count, columns] of [
    [10, 1],
    [16, 1],
    [100, 10],
    [128, 16],
    [512, 32],
    [784, 28],
    [2048, 64],
  ])
    assert.equal(stripLength(count), columns);
});

test("the cells of 512 units are legible on every screen, and none is wider than it", () => {
  for (const room of [350, 480, 520, 900])
    for (const count of [512, 784, 1152, 2048]) {
      const columns = stripLength(count);
      const cell = cellSide(columns, room);
      assert.ok(columns * cell <= room, `${count} in ${room} px`);
      if (count <= 784) assert.ok(cell >= 7, `${count} in ${room} px: ${cell}`);
    }
  assert.equal(cellSide(1, 500), 10);
});

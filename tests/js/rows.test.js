// The rows of the table of layers as a tree, by node's own test runner.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { dropIndex } from "../../core/ui/components/layer_table/dragging.js";
import {
  beside,
  countLayers,
  inSight,
  isSibling,
  locate,
  takeOver,
  toPython,
} from "../../core/ui/components/layer_table/rows.js";

/** @typedef {import("../../core/ui/components/layer_table/rows.js").Row} Row */

/** @type {(kind: string, filters?: string) => Row} */
const row = (kind, filters = "4") => ({ kind, values: { filters }, open: false });
/** @type {(open: boolean) => Row} */
const block = (open) => ({
  kind: "Residual",
  values: {},
  open,
  body: [row("Conv", "5"), row("BatchNorm")],
  shortcut: [row("Conv", "6")],
});

describe("rows", () => {
  test("of a block are in sight while it is open, and are numbered after it", () => {
    const seen = (/** @type {Row[]} */ rows) => inSight(rows).map(({ number }) => number);
    assert.deepEqual(seen([row("Conv"), block(false)]), ["1", "2"]);
    assert.deepEqual(seen([row("Conv"), block(true), row("Flatten")]), ["1", "2", "2.1", "2.2", "2+1", "3"]);
  });

  test("are found by their paths", () => {
    const rows = [row("Conv"), block(true)];
    for (const { path, row: there } of inSight(rows)) {
      const { list, index } = locate(rows, path);
      assert.equal(list[index], there);
    }
    assert.deepEqual(beside([1, "body", 0], 1), [1, "body", 1]);
  });

  test("are counted with those in blocks", () => {
    assert.equal(countLayers([row("Conv"), block(false)]), 5);
  });

  test("go to Python without what it doesn't know, and a new block without its shortcut", () => {
    const [sent] = toPython([block(true)]);
    assert.deepEqual(Object.keys(sent), ["kind", "body", "shortcut"]);
    assert.deepEqual(toPython([{ ...block(true), body: null, shortcut: null }]), [
      { kind: "Residual", body: null, shortcut: null },
    ]);
  });

  test("keep what was open, and what they remember if the answer is to an edit", () => {
    const before = [
      { ...row("Conv"), open: true, memory: { began: {}, written: {}, kinds: {}, turn: 1 } },
      block(true),
    ];
    const fresh = () => [row("Conv", "9"), block(false)];
    const [first, second] = takeOver(fresh(), before, true);
    assert.deepEqual([first.open, first.memory?.turn, first.values.filters, second.open], [true, 1, "9", true]);
    assert.equal(takeOver(fresh(), before, false)[0].memory, undefined);
    assert.equal(takeOver([row("Conv")], before, true)[0].open, false);
  });

  test("are dragged among those of their own list", () => {
    assert.ok(isSibling([1], [3]));
    assert.ok(isSibling([1, "body", 0], [1, "body", 2]));
    assert.ok(!isSibling([1, "body", 0], [1, "shortcut", 0]));
    assert.ok(!isSibling([1, "body", 0], [2, "body", 0]));
    assert.ok(!isSibling([1], [1, "body", 0]));
  });

  test("go below all whose middle the pointer has passed", () => {
    const middles = [10, 30, 50, 70];
    assert.deepEqual(
      [0, 29, 31, 51, 99].map((y) => dropIndex(middles, 1, y)),
      [0, 1, 1, 2, 3],
    );
    assert.equal(dropIndex(middles, 3, 20), 1);
    assert.equal(dropIndex(middles, 0, 75), 3);
  });
});

// What a row of the table of layers keeps when its kind is changed, by node's own test runner.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { changeKind } from "../../core/ui/components/layer_table/kinds.js";

/** @typedef {import("../../core/ui/components/layer_table/kinds.js").Cell} Cell */
/** @typedef {{kind: string, values: import("../../core/ui/components/layer_table/kinds.js").Values, memory?: any}} Row */

/** @type {(name: string, fresh: string | boolean, patch?: Partial<Cell>) => Cell} */
const cell = (name, fresh, patch = {}) => ({
  name,
  fresh,
  flag: typeof fresh === "boolean",
  choices: [],
  words: [],
  ...patch,
});

/** @type {Record<string, Cell[]>} as core/ui/components/layer_table/cells.py describes them, in short */
const CELLS = {
  Conv: [
    cell("filters", "16"),
    cell("kernel", "3"),
    cell("stride", "1"),
    cell("padding", "1", { words: ["same"] }),
    cell("bias", true),
  ],
  Pool: [
    cell("kind", "max", { choices: ["max", "average"] }),
    cell("kernel", "2"),
    cell("stride", ""),
    cell("padding", "0"),
  ],
  Activation: [cell("kind", "relu", { choices: ["relu", "tanh"] })],
  Linear: [cell("units", "10"), cell("bias", true)],
};

/** @type {(kind: string, written?: Row["values"]) => Row} */
const row = (kind, written = {}) => ({
  kind,
  values: { ...Object.fromEntries(CELLS[kind].map(({ name, fresh }) => [name, fresh])), ...written },
});

/** @type {(row: Row, kind: string) => Row} */
const changed = (row, kind) => ({ kind, ...changeKind(row, kind, CELLS[kind]) });

/** @type {(row: Row, ...kinds: string[]) => Row} */
const through = (row, ...kinds) => kinds.reduce(changed, row);

/** @type {(row: Row, written: Row["values"]) => Row} */
const write = (row, written) => ({ ...row, values: { ...row.values, ...written } });

describe("a row whose kind is changed", () => {
  const CONV = row("Conv", { filters: "7", kernel: "5x3", stride: "2", padding: "1", bias: false });

  for (const between of [
    ["Activation"],
    ["Pool"],
    ["Linear"],
    ["Pool", "Activation", "Linear"],
    ["Linear", "Pool", "Linear"],
  ])
    test(`keeps K, F, S and P by way of ${between.join(", ")}`, () => {
      assert.deepEqual(through(CONV, ...between, "Conv").values, CONV.values);
    });

  test("takes along what both kinds have and was written", () => {
    assert.deepEqual(through(CONV, "Pool").values, { kind: "max", kernel: "5x3", stride: "2", padding: "1" });
  });

  test("has what is usual for what its old kind did not have", () => {
    assert.deepEqual(through(row("Activation"), "Conv").values, row("Conv").values);
    assert.deepEqual(through(row("Linear"), "Activation", "Pool").values, row("Pool").values);
  });

  test("leaves behind a choice that the new kind does not have", () => {
    const average = row("Pool", { kind: "average" });
    assert.equal(through(average, "Activation").values.kind, "relu");
    assert.deepEqual(through(average, "Activation", "Pool").values, average.values);
  });

  test("leaves behind a word that the new kind does not know", () => {
    assert.equal(through(row("Conv", { padding: "same" }), "Pool").values.padding, "0");
    assert.equal(through(row("Conv", { padding: "same" }), "Pool", "Conv").values.padding, "same");
  });

  test("brings back what was written in between, and only that", () => {
    const back = through(write(through(CONV, "Pool"), { kernel: "4" }), "Conv");
    assert.deepEqual(back.values, { ...CONV.values, kernel: "4" });
  });

  test("takes what was written last, where several kinds wrote it", () => {
    const pool = write(through(CONV, "Pool"), { kernel: "4" });
    const conv = write(through(pool, "Activation", "Conv"), { kernel: "6" });
    assert.equal(through(conv, "Linear", "Pool").values.kernel, "6");
  });

  test("is not changed itself", () => {
    const before = structuredClone(CONV);
    changed(changed(CONV, "Pool"), "Conv");
    assert.deepEqual(CONV, before);
  });
});

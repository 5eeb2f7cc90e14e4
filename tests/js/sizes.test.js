// One layer's sizes, limits and sentences, by node's own test runner. The numbers are core.layers.calculator's, as written in
// expected.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import {
  answer,
  fitted,
  groupings,
  hill,
  measures,
  shownWidth,
  slope,
} from "../../core/ui/components/one_layer/arithmetic.js";

/** @typedef {import("../../core/ui/components/one_layer/arithmetic.js").Layer} Layer */

const { limits, cases, unfit } = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8")).sizes;

/** @type {(settings: Record<string, any>) => Layer} */
const toLayer = (settings) => ({
  width: settings.c_w,
  window: settings.c_f,
  stride: settings.c_s,
  padding: settings.c_p,
  dilation: settings.c_dilation,
  depth: settings.c_d,
  filters: settings.c_k,
  groups: settings.c_groups,
  bias: settings.c_bias === "true",
});
/** @type {(patch: Partial<Layer>) => Layer} */
const layer = (patch) => ({
  width: 8,
  window: 3,
  stride: 2,
  padding: 0,
  dilation: 1,
  depth: 3,
  filters: 8,
  groups: 1,
  bias: true,
  ...patch,
});

describe("one layer", () => {
  test("has the size and the cost that Python has", () => {
    assert.ok(cases.length);
    for (const { settings, ...expected } of cases) {
      const { output, unused, parameters, macs } = measures(toLayer(settings));
      assert.deepEqual({ output, unused, parameters, macs }, expected, JSON.stringify(settings));
    }
  });

  test("is fitted as Python fits it", () => {
    for (const { given, read } of unfit) assert.deepEqual(fitted(toLayer(given), limits), toLayer(read));
  });

  test("is split into groups that divide both depths", () => {
    assert.deepEqual(groupings(layer({ depth: 12, filters: 8 })), [1, 2, 4]);
    assert.equal(fitted(layer({ depth: 12, filters: 8, groups: 6 }), limits).groups, 4);
  });

  test("of a wide picture is drawn narrower, with the same left over", () => {
    for (const width of [32, 40, 41, 255, 256])
      for (const stride of [1, 3, 8]) {
        const wide = layer({ width, stride, window: 11, dilation: 3 });
        const shown = { ...wide, width: shownWidth(wide) };
        assert.ok(shown.width <= 32 + stride && shown.width <= width);
        assert.equal(measures(shown).remainder, measures(wide).remainder);
        assert.equal((wide.width - shown.width) % stride, 0);
      }
  });

  test("has a window that answers to slopes and a picture of whole numbers", () => {
    assert.deepEqual(slope(3)[0], [-1, 0, 1]);
    assert.deepEqual(slope(1), [[1]]);
    const { values } = hill(8);
    assert.deepEqual([Math.min(...values) >= 0, Math.max(...values)], [true, 9]);
  });
});

describe("the sentence", () => {
  test("names what was moved, the new size and what is left over", () => {
    const said = answer(layer({ stride: 3 }), layer({}), "stride");
    for (const part of ["3 pixels", "from 3 to 2 × 2", "2 columns and rows"]) assert.ok(said.includes(part), said);
  });

  test("says that only padding stays unread, or nothing", () => {
    assert.match(answer(layer({ padding: 1, width: 9, stride: 4, window: 4 })), /last 2 columns/);
    assert.match(answer(layer({ padding: 1 })), /only padding/);
    assert.match(answer(layer({ window: 2, stride: 4, width: 10 })), /36 of 100 pixels/);
    assert.match(answer(layer({ width: 9 })), /Nothing is left over/);
  });

  test("says which bounds came along", () => {
    const before = layer({ width: 12, window: 7, padding: 6 });
    const said = answer(fitted({ ...before, width: 4 }, limits), before, "width");
    assert.match(said, /F had to become 4. P had to become 3./);
  });

  test("of planes and groups is about the cost alone", () => {
    const said = answer(layer({ filters: 16 }), layer({}), "filters");
    for (const part of ["stays 3 × 3", "224 → 448"]) assert.ok(said.includes(part), said);
  });
});

// What the frequency page says of a filter, also of one that keeps everything or nothing.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { edgeResponse, gain, radii } from "../../core/ui/components/kit/fourier.js";
import {
  edgeSentence,
  extent,
  keptVariance,
  keptWaves,
  wavesSentence,
} from "../../core/ui/components/spectrum/what_to_notice.js";

/** @typedef {import("../../core/ui/components/kit/fourier.js").Filter} Filter */

const SIZE = 64; // 32 cycles along an axis, 45.3 in a corner

/** @type {(patch: Partial<Filter>) => import("../../core/ui/components/spectrum/what_to_notice.js").Filtered} */
function filtered(patch) {
  const settings = { pass: "low", kind: "ideal", order: 2, radius: 8, inner: 2, ...patch };
  const gains = radii(SIZE).map((cycles) => gain(cycles, settings));
  const power = new Float64Array(SIZE * SIZE).fill(1);
  return { size: SIZE, settings, gains, power, edge: edgeResponse(SIZE, settings) };
}

describe("what of the spectrum is kept", () => {
  for (const [patch, expected] of /** @type {[Partial<Filter>, string][]} */ ([
    [{ radius: 8 }, "some"],
    [{ radius: 46 }, "all"],
    [{ radius: 0.5 }, "mean"],
    [{ pass: "high", radius: 46 }, "none"],
    [{ pass: "high", radius: 0.5 }, "some"],
    [{ pass: "band", radius: 8, inner: 8 }, "none"],
    [{ pass: "band", radius: 8, inner: 8, kind: "gaussian" }, "none"],
    [{ pass: "band", radius: 46, inner: 0.5 }, "some"],
    [{ kind: "gaussian", radius: 45 }, "some"],
  ]))
    test(`${JSON.stringify(patch)}: ${expected}`, () => assert.equal(extent(filtered(patch).gains), expected));

  test("each wave counts by the share of its power that passes", () => {
    const { gains } = filtered({ kind: "butterworth", radius: 10, order: 1 });
    const expected = radii(SIZE).reduce((sum, r) => sum + (1 / (1 + (r / 10) ** 2)) ** 2, 0) / SIZE ** 2;
    assert.ok(Math.abs(keptWaves(gains) - expected) < 1e-12);
    const power = new Float64Array(SIZE * SIZE);
    assert.equal(keptVariance(gains, power), null); // a uniform picture has none
    [power[0], power[10], power[3]] = [100, 1, 3]; // the mean, and waves of 10 and 3 cycles
    const held = (0.5 ** 2 + 3 * (1 / 1.09) ** 2) / 4;
    assert.ok(Math.abs(/** @type {number} */ (keptVariance(gains, power)) - held) < 1e-12);
  });

  test("a share is said, and for a soft filter how it counts", () => {
    assert.match(wavesSentence(filtered({})), /^4\.\d.% of the waves are kept; they hold/);
    assert.match(wavesSentence(filtered({ kind: "gaussian" })), /each counted by the share of its power/);
    for (const patch of [{ radius: 46 }, { radius: 0.5 }, { pass: "band", radius: 8, inner: 8 }])
      assert.doesNotMatch(wavesSentence(filtered(/** @type {any} */ (patch))), /%/);
  });
});

describe("what becomes of an edge", () => {
  for (const [patch, expected] of /** @type {[Partial<Filter>, RegExp][]} */ ([
    [{ radius: 8 }, /^The ideal filter causes ringing/],
    [{ radius: 46 }, /unchanged\.$/],
    [{ radius: 32 }, /unchanged: across it no wave is faster than 32/],
    [{ radius: 40 }, /Only diagonal waves are removed/],
    [{ radius: 0.5 }, /the same gray/],
    [{ kind: "gaussian" }, /^The Gaussian causes no ringing/],
    [{ kind: "butterworth", order: 1 }, /^At order 1 there is no ringing/],
    [{ kind: "butterworth", order: 8 }, /^Order 8 causes ringing/],
    [{ pass: "high", radius: 46 }, /^Nothing of an edge remains/],
    [{ pass: "high", radius: 40 }, /^Nothing of an upright edge remains/],
    [{ pass: "high", radius: 8 }, /becomes zero, and the edge remains, with ripples/],
    [{ pass: "high", kind: "gaussian", radius: 8 }, /becomes zero, and the edge remains\.$/],
    [{ pass: "high", radius: 0.5 }, /^Both sides keep part of their brightness/],
    [{ pass: "band", radius: 8, inner: 8 }, /^Nothing of an edge remains/],
  ]))
    test(JSON.stringify(patch), () => {
      const said = edgeSentence(filtered(patch));
      assert.match(said, expected);
      if (patch.kind !== "butterworth") assert.doesNotMatch(said, /order/i); // only this filter has one
    });
});

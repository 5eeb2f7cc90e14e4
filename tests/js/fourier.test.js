// The Fourier transform and filters by node's own test runner.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import {
  Fourier,
  analyze,
  centered,
  edgeResponse,
  filter,
  frequencies,
  gain,
  gratings,
  radialProfile,
  radii,
  strengths,
} from "../../core/ui/components/kit/fourier.js";
import { decodePixels } from "../../core/ui/components/kit/math.js";
import { closeTo } from "./close.js";

/** @typedef {import("../../core/ui/components/kit/fourier.js").Filter} Filter */

const EXPECTED = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8"));

/** @type {(values: number[]) => import("../../core/ui/components/kit/fourier.js").Complex} */
const complex = (values) => ({ re: Float64Array.from(values), im: new Float64Array(values.length) });

/** Numbers that look random and are the same each time. */
const noise = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1)) % 1);

/** @type {(patch: Partial<Filter>) => Filter} */
const setting = (patch) => ({ pass: "low", kind: "ideal", order: 2, radius: 4, inner: 1, ...patch });

describe("the transform", () => {
  test("of one bright pixel is even, of an even square one number", () => {
    const spike = complex([1, ...Array(15).fill(0)]);
    new Fourier(4).transform(spike, -1);
    closeTo(spike.re, Array(16).fill(1), 1e-12);
    closeTo(spike.im, Array(16).fill(0), 1e-12);
    const even = complex(Array(16).fill(3));
    new Fourier(4).transform(even, -1);
    closeTo(even.re, [48, ...Array(15).fill(0)], 1e-12);
  });

  test("of a wave is a pair of numbers, at its frequency and the opposite one", () => {
    const size = 8;
    const wave = complex(
      Array.from({ length: size * size }, (_, i) => Math.cos((2 * Math.PI * 3 * (i % size)) / size)),
    );
    new Fourier(size).transform(wave, -1);
    const expected = Array(size * size).fill(0);
    expected[3] = expected[size - 3] = (size * size) / 2;
    closeTo(wave.re, expected, 1e-9);
    closeTo(wave.im, Array(size * size).fill(0), 1e-9);
  });

  for (const { size, values, re, im } of EXPECTED.transforms)
    test(`of ${size} x ${size} numbers is numpy.fft.fft2's`, () => {
      const square = complex(values);
      new Fourier(size).transform(square, -1);
      closeTo(square.re, re, 1e-9);
      closeTo(square.im, im, 1e-9);
    });

  for (const size of [2, 4, 16, 64])
    test(`there and back gives ${size} x ${size} numbers again, and keeps their power (Parseval)`, () => {
      const values = noise(size * size);
      const square = complex(values);
      const fourier = new Fourier(size);
      fourier.transform(square, -1);
      const power = square.re.reduce((sum, x, k) => sum + x * x + square.im[k] ** 2, 0) / (size * size);
      const before = values.reduce((sum, v) => sum + v * v, 0);
      assert.ok(Math.abs(power - before) < 1e-9 * before);
      fourier.transform(square, 1);
      closeTo(
        square.re.map((v) => v / (size * size)),
        values,
        1e-12,
      );
    });
});

test("frequencies are in the transform's order, and the middle of a centered spectrum is zero", () => {
  assert.deepEqual([...frequencies(8)], [0, 1, 2, 3, -4, -3, -2, -1]);
  assert.equal(centered(4, 4, 8), 0);
  assert.equal(centered(4, 5, 8), 1);
  assert.equal(centered(3, 4, 8), 7 * 8);
  assert.equal(radii(8)[8 * 3 + 4], 5); // 3 down, 4 across
});

describe("gains", () => {
  for (const [name, settings, cycles, expected] of /** @type {[string, Filter, number, number][]} */ ([
    ["ideal, at the ring", setting({}), 4, 1],
    ["ideal, outside", setting({}), 4.01, 0],
    ["Gaussian, at the ring", setting({ kind: "gaussian" }), 4, Math.exp(-0.5)],
    ["Butterworth, at the ring", setting({ kind: "butterworth", order: 5 }), 4, 0.5],
    ["Butterworth, an octave out", setting({ kind: "butterworth", order: 2 }), 8, 1 / 17],
    ["high pass, the rest of the low one", setting({ kind: "gaussian", pass: "high" }), 4, 1 - Math.exp(-0.5)],
    ["band, between the rings", setting({ pass: "band" }), 2, 1],
    ["band, within the inner one", setting({ pass: "band" }), 1, 0],
  ]))
    test(name, () => assert.ok(Math.abs(gain(cycles, settings) - expected) < 1e-12));
});

describe("filters", () => {
  const picture = decodePixels(EXPECTED.filters.image);
  const fourier = new Fourier(picture.width);
  const analysis = analyze(picture, fourier);

  for (const { settings, output } of EXPECTED.filters.cases)
    test(`${settings.kind} ${settings.pass} is core.images.frequency_filters'`, () => {
      const gains = radii(picture.width).map((cycles) => gain(cycles, settings));
      closeTo(filter(analysis, gains, fourier), output.flat(2), 1e-6);
    });

  test("all waves give the picture again", () => {
    closeTo(filter(analysis, new Float64Array(picture.width ** 2).fill(1), fourier), picture.values, 1e-12);
  });

  test("the profile begins with the power of the mean, and strengths are logarithms of it", () => {
    const rings = Int32Array.from(radii(picture.width), Math.round);
    assert.equal(radialProfile(analysis.power, rings)[0], analysis.power[0]);
    const nothing = radialProfile(analysis.power, rings, new Float64Array(picture.width ** 2));
    assert.ok(nothing.every((power) => power === 0));
    const mean = Math.sqrt(analysis.power[0]) * picture.width;
    assert.ok(Math.abs(strengths(analysis)[0] - Math.log10(1 + mean)) < 1e-12);
  });

  test("an edge that all waves pass stays an edge", () => {
    closeTo(edgeResponse(16, setting({ radius: 100 })), [...Array(8).fill(0), ...Array(8).fill(1)], 1e-12);
  });
});

test("a grating goes up and down as often as it should; several are scaled down together", () => {
  const one = gratings(16, [{ cycles: 2, degrees: 0, contrast: 0.8, phase: 0 }]);
  closeTo([one[8], one[8 + 2], one[8 + 4]], [0.9, 0.5, 0.1], 1e-12); // its crest is in the middle, its trough 4 px on
  closeTo(one.slice(0, 16), one.slice(16, 32), 1e-12); // the same in each row
  const up = gratings(16, [{ cycles: 1, degrees: 90, contrast: 1, phase: 0.25 }]);
  assert.ok(Math.abs(up[16 * 4] - 1) < 1e-12); // a quarter of a wave up from the middle
  const two = gratings(16, Array(2).fill({ cycles: 1, degrees: 0, contrast: 1, phase: 0 }));
  assert.equal(Math.max(...two), 1);
});

import assert from "node:assert/strict";

/**
 * Assert that numbers are equal but for rounding.
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 * @param {number} tolerance
 */
export function closeTo(found, expected, tolerance) {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(found[i] - expected[i]) <= tolerance, `[${i}] is ${found[i]}, not ${expected[i]}`);
}

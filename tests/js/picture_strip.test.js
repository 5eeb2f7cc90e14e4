// Keys in a row of pictures.

import assert from "node:assert/strict";
import test from "node:test";

import { nextPlace } from "../../core/ui/components/picture_strip/picture_strip.js";

test("arrow keys move along the row and stop at its ends", () => {
  assert.equal(nextPlace("ArrowRight", 3, 10), 4);
  assert.equal(nextPlace("ArrowLeft", 0, 10), 0);
  assert.equal(nextPlace("ArrowDown", 9, 10), 9);
  assert.equal(nextPlace("Home", 5, 10), 0);
  assert.equal(nextPlace("End", 5, 10), 9);
  assert.equal(nextPlace("Enter", 5, 10), null);
});

// Keys in a row of pictures.

import assert from "node:assert/strict";
import test from "node:test";

import { nextPlace, wholeTiles } from "../../core/ui/components/picture_strip/picture_strip.js";

test("arrow keys move along the row and stop at its ends", () => {
  assert.equal(nextPlace("ArrowRight", 3, 10), 4);
  assert.equal(nextPlace("ArrowLeft", 0, 10), 0);
  assert.equal(nextPlace("ArrowDown", 9, 10), 9);
  assert.equal(nextPlace("Home", 5, 10), 0);
  assert.equal(nextPlace("End", 5, 10), 9);
  assert.equal(nextPlace("Enter", 5, 10), null);
});

test("a row shows whole squares alone, and a button where not all of them fit", () => {
  assert.equal(wholeTiles(10, 436, 40, 16), 10); // ten of 40 px with 4 px between them
  assert.equal(wholeTiles(10, 435, 40, 16), 9);
  assert.equal(wholeTiles(10, 407, 40, 16), 8); // the button takes the place of one
  assert.equal(wholeTiles(12, 20, 44, 28), 1);
});

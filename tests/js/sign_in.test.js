// Where a sign-in goes on to: only an address of this app.

import assert from "node:assert/strict";
import { test } from "node:test";

import { kept } from "../../core/ui/layout/sign_in.js";

const ORIGIN = "https://lab.school.test";
const NOW = 1e12;

/** @param {unknown} path @param {number} [age] */
const target = (path, age = 0, root = "/") => kept(JSON.stringify([NOW - age, path]), NOW, ORIGIN, root);

test("the page and all its parameters are kept", () => {
  assert.equal(target("/mnist?m_a=1&m_b=%5B2%5D"), `${ORIGIN}/mnist?m_a=1&m_b=%5B2%5D`);
  assert.equal(target("/lab/mnist?x=1", 0, "/lab/"), `${ORIGIN}/lab/mnist?x=1`);
});

test("no other origin is one to go on to", () => {
  for (const path of [
    "//evil.test/x",
    "///evil.test",
    "/\\evil.test/x",
    "\\\\evil.test",
    "https://evil.test/",
    "https:evil.test",
    "https://lab.school.test.evil.test/",
    "https://lab.school.test@evil.test/",
    "http://lab.school.test/",
    "javascript:alert(1)",
    "data:text/html,x",
    "\t//evil.test",
  ]) {
    const found = target(path);
    assert.ok(found === null || new URL(found).origin === ORIGIN, `${path} leads to ${found}`);
  }
  assert.equal(target("/other", 0, "/lab/"), null);
});

test("what is old or not ours is dropped", () => {
  assert.equal(target("/mnist", 600_001), null);
  for (const stored of [null, "", "{", "[]", "null", "1", '["x", "/mnist"]', "[1e12, 5]"]) {
    assert.equal(kept(stored, NOW, ORIGIN, "/"), null);
  }
});

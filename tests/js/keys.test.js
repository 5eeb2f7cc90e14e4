// Which keys undo and redo, and where they are left to the browser, by node's own test runner.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isWritten, playStep, stepOf } from "../../core/ui/components/kit/keys.js";

/** @typedef {("alt" | "ctrl" | "meta" | "shift")[]} Held */

/** @type {(key: string, held: Held) => import("../../core/ui/components/kit/keys.js").Key} */
const pressed = (key, held) => ({
  key,
  altKey: held.includes("alt"),
  ctrlKey: held.includes("ctrl"),
  metaKey: held.includes("meta"),
  shiftKey: held.includes("shift"),
});
const step = (/** @type {string} */ key, /** @type {Held} */ ...held) => stepOf(pressed(key, held));
const play = (/** @type {string} */ key, /** @type {Held} */ ...held) => playStep(pressed(key, held));

describe("the steps of a key", () => {
  test("undo is Ctrl+Z, and Cmd+Z on a Mac", () => {
    assert.equal(step("z", "ctrl"), -1);
    assert.equal(step("z", "meta"), -1);
    assert.equal(step("Z", "ctrl"), -1); // with caps lock
  });

  test("redo is the same with Shift", () => {
    assert.equal(step("Z", "ctrl", "shift"), 1);
    assert.equal(step("z", "meta", "shift"), 1);
  });

  test("no other key takes a step", () => {
    assert.equal(step("z"), 0);
    assert.equal(step("Z", "shift"), 0);
    assert.equal(step("y", "ctrl"), 0);
    assert.equal(step("z", "ctrl", "alt"), 0);
    assert.equal(step("z", "ctrl", "meta"), 0);
    assert.equal(step("Control", "ctrl"), 0);
  });
});

describe("the steps of a stage that plays", () => {
  test("brackets, also where they are written with AltGr", () => {
    assert.equal(play("["), -1);
    assert.equal(play("]"), 1);
    assert.equal(play("]", "ctrl", "alt"), 1);
  });

  test("not with keys that the browser has a use for", () => {
    for (const held of /** @type {Held} */ (["alt", "ctrl", "meta"])) assert.equal(play("]", held), 0, held);
    assert.equal(play("z"), 0);
  });
});

describe("where text is written", () => {
  test("inputs of text, text areas and what is editable", () => {
    for (const type of ["text", "search", "number", "url"]) assert.ok(isWritten({ tagName: "INPUT", type }), type);
    assert.ok(isWritten({ tagName: "TEXTAREA" }));
    assert.ok(isWritten({ tagName: "DIV", isContentEditable: true }));
  });

  test("not in sliders, boxes and buttons, nor in what is no element", () => {
    for (const type of ["range", "checkbox", "radio", "color"]) assert.ok(!isWritten({ tagName: "INPUT", type }), type);
    assert.ok(!isWritten({ tagName: "BUTTON", isContentEditable: false }));
    assert.ok(!isWritten({}));
  });

  test("in a number that can be dragged only while it is written", () => {
    const number = { tagName: "INPUT", type: "text", role: "spinbutton" };
    assert.ok(isWritten({ ...number, dataset: { typing: "" } }));
    assert.ok(!isWritten({ ...number, dataset: {} }));
  });

  test("in a list to choose from only while it is open and something is written", () => {
    const list = { tagName: "INPUT", type: "text", role: "combobox" };
    assert.ok(isWritten({ ...list, ariaExpanded: "true", value: "bo" }));
    assert.ok(!isWritten({ ...list, ariaExpanded: "true", value: "" }));
    assert.ok(!isWritten({ ...list, ariaExpanded: "false", value: "Box blur" }));
  });
});

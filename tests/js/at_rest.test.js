// When Python is told of a change: once the hand rests, or when the person goes on sooner, by node's own test runner.

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";

import { AtRest } from "../../core/ui/components/kit/at_rest.js";

mock.timers.enable({ apis: ["setTimeout"] });
const page = new EventTarget();
Object.assign(globalThis, { window: Object.assign(page, { setTimeout }) });

const own = new EventTarget();
let told = 0;
const atRest = new AtRest(own, 250, () => (told += 1));

/** @param {string} kind */
function happens(kind, isOwn = false, more = {}) {
  const event = Object.assign(new Event(kind), { altKey: false }, more);
  event.composedPath = () => (isOwn ? [own, page] : [page]);
  page.dispatchEvent(event);
}

describe("a change is told", () => {
  beforeEach(() => {
    atRest.stop();
    told = 0;
  });

  test("once, after the last one has rested", () => {
    atRest.wait();
    mock.timers.tick(200);
    atRest.wait();
    mock.timers.tick(200);
    assert.equal(told, 0);
    mock.timers.tick(50);
    assert.equal(told, 1);
  });

  for (const kind of ["pointerdown", "keydown"])
    test(`before a ${kind} elsewhere can lead away, and then no more`, () => {
      atRest.wait();
      happens(kind);
      assert.equal(told, 1);
      happens(kind);
      mock.timers.tick(1000);
      assert.equal(told, 1);
    });

  test("not while the same hand goes on", () => {
    atRest.wait();
    happens("keydown", true);
    happens("pointerdown", true);
    assert.equal(told, 0);
  });

  for (const [kind, more] of /** @type {const} */ ([
    ["keydown", { altKey: true }],
    ["pointerdown", { button: 3 }],
  ]))
    test(`before Back by a ${kind}`, () => {
      atRest.wait();
      happens(kind, true, more);
      assert.equal(told, 1);
    });

  test("before the mouse is at the browser's own buttons", () => {
    atRest.wait();
    happens("mouseout", true, { relatedTarget: page });
    assert.equal(told, 0);
    happens("mouseout", true, { relatedTarget: null });
    assert.equal(told, 1);
  });

  test("not after Back: it would ask for the page that is left", () => {
    atRest.wait();
    happens("popstate");
    mock.timers.tick(1000);
    assert.equal(told, 0);
  });

  test("not when it was taken back", () => {
    atRest.wait();
    atRest.stop();
    happens("pointerdown");
    mock.timers.tick(1000);
    assert.equal(told, 0);
  });
});

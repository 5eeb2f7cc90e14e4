// Ctrl+Z and Ctrl+Shift+Z (Cmd on a Mac) for an editor of the page. Nothing of it is seen. Where text is
// written, the keys stay the browser's own.

import { mountPart } from "../kit/component.js";
import { isWritten, stepOf } from "../kit/keys.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */

const REST_MS = 450; // what was just done reaches Python first: the components report once they have rested for less
const MOST_PRESSES = 100; // a key held down repeats some 30 times a second
const MODIFIERS = new Set(["Alt", "Control", "Meta", "Shift"]);
const EDITOR = '[class*="st-key-editor_"]';

class Keys {
  /** @type {Tell} */
  tell;
  /** @type {boolean | null} whether the editor that was used last is this one; null before any was */
  isUsed = null;

  /** @param {Parent} parent */
  constructor(parent) {
    const root = parent.getRootNode();
    this.host = root instanceof ShadowRoot ? root.host : parent; // components stand in a shadow of their own
    this.counter = Date.now();
    /** @type {number[]} every step asked for, in order: a sum would lose an undo that came to nothing, and its redo */
    this.presses = [];
    this.actedAt = 0;
    this.waiting = 0;
    this.ended = new AbortController();
    const options = { capture: true, signal: this.ended.signal };
    window.addEventListener("keydown", (event) => this.press(event), options);
    window.addEventListener("pointerdown", (event) => this.use(event), options);
    window.addEventListener("pointerup", () => this.act(), options);
    window.addEventListener("focusin", (event) => this.use(event), options);
    window.addEventListener("input", () => this.act(), options);
  }

  dispose() {
    clearTimeout(this.waiting);
    this.ended.abort();
  }

  /**
   * @param {unknown} _data
   * @param {Tell} tell
   */
  update(_data, tell) {
    this.tell = tell;
  }

  /** The latest steps, and how many there were in all, so that none is lost where two reports come as one. */
  report() {
    return { counter: this.counter, total: this.presses.length, latest: this.presses.slice(-MOST_PRESSES) };
  }

  act() {
    this.actedAt = performance.now();
  }

  /**
   * A pointer or the focus has come to something: is it in this editor, in another, or in none?
   * @param {Event} event
   */
  use(event) {
    const editor = event.composedPath().find((target) => target instanceof Element && target.matches(EDITOR));
    if (editor instanceof Element) this.isUsed = editor.contains(this.host);
  }

  get isMeant() {
    if (this.isUsed !== null) return this.isUsed;
    const first = document.querySelector(EDITOR);
    return first === null || first.contains(this.host);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = stepOf(event);
    if (step === 0 && !MODIFIERS.has(event.key)) this.act();
    if (step === 0 || isWritten(/** @type {HTMLInputElement} */ (event.composedPath()[0])) || !this.isMeant) return;
    event.preventDefault();
    this.presses.push(step);
    clearTimeout(this.waiting);
    const rest = this.actedAt + REST_MS - performance.now();
    this.waiting = window.setTimeout(() => this.tell("keys", this.report()), Math.max(0, rest));
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Keys, component);
}

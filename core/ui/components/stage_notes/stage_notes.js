// Notes pinned to a stage that Streamlit draws: this component stands in it, draws nothing itself, and lays them over it.

import { mountPart } from "../kit/component.js";
import { Notes } from "../kit/notes.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/notes.js").Side} Side */
/** @typedef {{name: string, covers: string, notes: {at: string, text: string, side: Side, along: number, gap: number}[]}} Data */

const STAGE = ".st-key-stage";

class StageNotes {
  /** @type {Notes | undefined} */
  notes;
  frame = 0;

  /** @param {Parent} parent */
  constructor(parent) {
    this.parent = parent;
    this.changes = new MutationObserver(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.notes?.place());
    });
  }

  dispose() {
    cancelAnimationFrame(this.frame);
    this.changes.disconnect();
    this.notes?.dispose();
  }

  /** @param {Data} data */
  update({ name, covers, notes }) {
    const host = this.parent instanceof ShadowRoot ? this.parent.host : this.parent;
    const stage = host.closest(STAGE);
    if (!(stage instanceof HTMLElement)) return;
    const pinned = notes.map(({ at, ...note }) => ({ ...note, at: () => stage.querySelector(at) }));
    this.notes ??= new Notes(name, stage, pinned, covers, this.parent);
    this.changes.observe(stage, { childList: true, subtree: true });
    this.notes.place();
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(StageNotes, component);
}

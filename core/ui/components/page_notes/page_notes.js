// Notes pinned to parts of the page that Streamlit draws: the component is a clear pane over them.

import { mountPart } from "../kit/component.js";
import { find, make } from "../kit/elements.js";
import { Notes } from "../kit/notes.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {Omit<import("../kit/notes.js").Note, "at"> & {at: string}} Pinned A note, and what selects what it speaks of. */

/**
 * @typedef {object} Data What Python sends.
 * @property {string} name of the page's picture, in the browser's storage
 * @property {Pinned[]} notes
 * @property {string} clear selects what else no note may cover
 */

const PAGE = "[data-testid=stMainBlockContainer]"; // whatever is used of it, the notes have been read

class Pane {
  /** @type {Notes | undefined} */
  notes;

  /** @param {Parent} parent */
  constructor(parent) {
    this.root = make("div", { class: "pane" });
    parent.append(this.root);
  }

  dispose() {
    this.notes?.dispose();
    this.root.remove();
  }

  /** @param {Data} data */
  update({ name, notes, clear }) {
    const page = find(document, PAGE);
    const pinned = notes.map(({ at, ...how }) => ({ ...how, at: () => page.querySelector(at) }));
    this.notes ??= new Notes(name, this.root, pinned, clear, page);
    this.notes.place();
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Pane, component);
}

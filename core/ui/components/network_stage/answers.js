// The network's answers at the end of the row: a bar for each class.

import { make } from "../kit/elements.js";

/**
 * @typedef {object} Data What core.ui.views.anatomy.network_row packs of the answers.
 * @property {string[]} names of all classes
 * @property {number[]} shown the classes that have a row
 * @property {number[]} values logits, or the lengths of capsules, of all classes
 * @property {boolean} lengths
 * @property {number | null} label the picture's class, if it is known
 * @property {string} color of the bars; empty for ink
 * @property {string} caption what the bars are, for screen readers
 */

/**
 * Return a share as people read it: "93.4 %"; a length as a number.
 * @param {number} share
 * @param {boolean} isLength
 */
export const written = (share, isLength) => (isLength ? share.toFixed(2) : `${(100 * share).toFixed(1)}\u00a0%`);

export class Answers {
  constructor() {
    this.verdict = make("p", { class: "verdict" });
    this.caption = make("caption");
    this.body = make("tbody");
    this.table = make("table", {}, this.caption, this.body);
    this.root = make("div", { class: "answers" }, this.verdict, this.table);
    /** @type {Data | null} */
    this.data = null;
    /** @type {{row: HTMLElement, bar: HTMLElement, share: HTMLElement}[]} */
    this.rows = [];
  }

  /**
   * @param {Data | null} data null without a picture
   * @param {string} missing what is said then
   */
  update(data, missing) {
    this.data = data;
    this.table.hidden = !data;
    if (!data) {
      this.rows = [];
      this.body.replaceChildren();
      this.verdict.replaceChildren(make("small", {}, missing));
      return;
    }
    this.caption.textContent = data.caption;
    this.root.style.setProperty("--role", data.color);
    this.rows = data.shown.map((number) => {
      const [bar, share] = [make("i"), make("td")];
      const name = make("th", { scope: "row", title: data.names[number] }, data.names[number]);
      const row = make("tr", { "data-row": number }, name, make("td", {}, bar), share);
      return { row, bar, share };
    });
    this.body.replaceChildren(...this.rows.map(({ row }) => row));
  }

  /**
   * Fill the bars, and say which is the longest.
   * @param {number[]} shares
   * @param {boolean} changed whether a person has changed the logits: then it is not the network's own answer
   */
  show(shares, changed) {
    const { data } = this;
    if (!data) return;
    const best = shares.indexOf(Math.max(...shares));
    data.shown.forEach((number, i) => {
      const { row, bar, share } = this.rows[i];
      row.classList.toggle("best", number === best);
      bar.style.transform = `scaleX(${Math.min(1, shares[number])})`;
      share.textContent = written(shares[number], data.lengths);
    });
    const right = data.label === null ? "" : best === data.label ? ", right" : `, wrong: ${data.names[data.label]}`;
    const after = changed ? ", with your logits" : right;
    this.verdict.replaceChildren(make("b", {}, data.names[best]), ` ${written(shares[best], data.lengths)}${after}`);
  }
}

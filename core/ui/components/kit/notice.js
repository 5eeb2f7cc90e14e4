// What to notice: one sentence that answers the last move, and the others on demand.

import { make } from "./elements.js";

export class Notice {
  constructor() {
    this.first = make("p", { "aria-live": "polite" });
    this.more = make("ul");
    this.rest = make("details", {}, make("summary", {}, "More"), this.more);
    this.root = make("div", { class: "notice" }, this.first, this.rest);
  }

  /** @param {string[]} lines */
  show([sentence, ...others]) {
    if (this.first.textContent !== sentence) this.first.textContent = sentence;
    this.more.replaceChildren(...others.map((line) => make("li", {}, line)));
    this.rest.hidden = !others.length;
  }
}

// A network while it trains: its drawing with the present filters and weights, and its answers to ten test pictures.

import { mountPart } from "../kit/component.js";
import { make, makeSvg, setAll } from "../kit/elements.js";
import { Notes } from "../kit/notes.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {{url: string, width: number, height: number, alt: string}} Sprite a picture of pixels, in CSS pixels */
/** @typedef {{text: string, words: string, wrong: boolean}} Answer as it is shown, and as it is read aloud */

/**
 * @typedef {object} Data
 * @property {string} drawing the network as SVG
 * @property {number[][]} wires of each fan the widths of its lines in px, from each unit to each; none before training
 * @property {Sprite | null} filters the first filters, or what the first units weigh
 * @property {Sprite | null} pictures the test pictures, side by side
 * @property {Answer[]} answers
 * @property {string} caption
 * @property {string} notes of the page whose notes are pinned to it; empty for none
 */

const THIN = 0.5; // px, before there are weights

/** @param {string | undefined} text */
const numbersIn = (text) => (text ?? "").split(" ").map(Number);

/** Return the middle of a line, where a note's arrow ends at it and not in a corner of its box. @param {Element | undefined} line */
function middleOf(line) {
  if (!line) return null;
  const { left, top, width, height } = line.getBoundingClientRect();
  return new DOMRect(left + width / 2, top + height / 2, 1, 1);
}

class TrainingNetwork {
  /** @type {Data} */
  data;
  /** @type {SVGLineElement[][]} of each fan */
  lines = [];
  /** @type {SVGRectElement} */
  paper = makeSvg("rect", { class: "paper" }); // so that a weight of zero is of the page's color
  /** @type {Notes | undefined} */
  notes;
  /** @type {SVGImageElement | null} what lies on the first layer's front plane */
  front = null;

  /** @param {Parent} parent */
  constructor(parent) {
    this.drawing = make("div", { class: "drawing" });
    this.units = make("img", { alt: "" });
    this.row = make("div", { class: "units" }, this.units);
    this.answers = make("ol", { class: "ten", "aria-label": "Answers to ten test pictures" });
    this.caption = make("p", { class: "caption" });
    this.root = make("div", { class: "live" }, this.drawing, this.row, this.answers, this.caption);
    parent.append(this.root);
  }

  dispose() {
    this.notes?.dispose();
    this.root.remove();
  }

  /** @param {Data} data */
  update(data) {
    if (data.drawing !== this.data?.drawing) this.draw(data.drawing);
    this.data = data;
    this.lines.forEach((fan, layer) => this.weigh(fan, data.wires[layer] ?? []));
    this.filter(data.filters);
    this.answer(data);
    this.caption.textContent = data.caption;
    if (data.notes)
      this.notes ??= new Notes(
        data.notes,
        this.root,
        this.hints(),
        ".drawing :is(rect, text, path, line, polygon, .fan), .ten > *, .units img, .caption",
      );
    this.notes?.place();
  }

  /**
   * Return what to watch while it trains, until the picture was used once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    const at = (/** @type {string} */ selector) => () => this.root.querySelector(selector);
    return [
      { at: at(".front"), text: "Its filters now", side: "below" },
      { at: () => middleOf(this.lines.at(-1)?.[0]), text: "A thick line: a large weight", side: "above" },
      { at: at(".ten .wrong i"), text: "A cross: a mistake", side: "above" },
    ];
  }

  /** @param {string} drawing */
  draw(drawing) {
    this.drawing.innerHTML = drawing; // made by the app, its texts escaped
    this.lines = [...this.drawing.querySelectorAll(".fan")].map((fan) => {
      const { from, to } = /** @type {SVGElement} */ (fan).dataset;
      const [[x1, ...starts], [x2, ...ends]] = [numbersIn(from), numbersIn(to)];
      const lines = starts.flatMap((y1) => ends.map((y2) => makeSvg("line", { x1, y1, x2, y2 })));
      fan.append(...lines);
      return lines;
    });
    const plane = this.drawing.querySelector(".front");
    this.front = plane && makeSvg("image");
    if (plane && this.front) plane.after(this.paper, this.front);
  }

  /**
   * @param {SVGLineElement[]} lines
   * @param {number[]} widths
   */
  weigh(lines, widths) {
    const fit = widths.length === lines.length;
    lines.forEach((line, i) => (line.style.strokeWidth = `${fit ? widths[i] : THIN}px`));
  }

  /** @param {Sprite | null} filters */
  filter(filters) {
    this.row.hidden = this.front !== null;
    const plane = this.drawing.querySelector(".front");
    if (this.front && plane) {
      this.paper.toggleAttribute("hidden", !filters);
      if (!filters) {
        this.front.removeAttribute("href");
        return;
      }
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(plane.getAttribute(name)));
      const times = Math.min(width / filters.width, height / filters.height);
      const whole = times >= 1 ? Math.floor(times) : times; // pixels of one size
      const size = { width: whole * filters.width, height: whole * filters.height };
      const place = { x: x + (width - size.width) / 2, y: y + (height - size.height) / 2 };
      setAll(this.front, { href: filters.url, role: "img", "aria-label": filters.alt, ...place, ...size });
      setAll(this.paper, { x, y, width, height });
    } else {
      this.units.hidden = !filters;
      if (!filters) return;
      this.units.src = filters.url;
      this.units.alt = filters.alt;
      this.units.style.width = `${filters.width}px`;
    }
  }

  /** @param {Data} data */
  answer({ answers, pictures }) {
    this.answers.classList.toggle(
      "long",
      answers.some(({ text }) => text.length > 2),
    );
    const side = pictures ? pictures.width / Math.max(answers.length, 1) : 0;
    this.answers.replaceChildren(
      ...answers.map(({ text, words, wrong }, place) => {
        const picture = make("i", { "aria-hidden": true });
        if (pictures) {
          picture.style.cssText = `width: ${side}px; height: ${pictures.height}px; `;
          picture.style.background = `url(${pictures.url}) ${-place * side}px 0 / ${pictures.width}px no-repeat padding-box`;
        }
        const cross = makeSvg("svg", { viewBox: "0 0 10 10" }, makeSvg("path", { d: "M1 1L9 9M9 1L1 9" }));
        const answer = make("b", { "aria-hidden": true }, text, ...(wrong ? [cross] : []));
        const read = make("span", { class: "read" }, words);
        return make("li", { class: wrong ? "wrong" : "", title: words }, picture, answer, read);
      }),
    );
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(TrainingNetwork, component);
}

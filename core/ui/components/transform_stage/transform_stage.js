// A picture that is moved by hand; beside it the numbers of its transform, and what each network answers meanwhile.

import { AtRest } from "../kit/at_rest.js";
import { mountPart } from "../kit/component.js";
import { penOf } from "../kit/drawing.js";
import { make } from "../kit/elements.js";
import { Notes } from "../kit/notes.js";
import { number } from "../kit/number.js";
import { segments } from "../kit/panel.js";
import { Answers, largest, nameOf } from "./answers.js";
import { Handles, frameOf } from "./handles.js";
import { Row } from "./rows.js";
import { ORDER, UNCHANGED, paint, transformed } from "./transform.js";
import { HANDLES, answer, describe } from "./what_to_notice.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */
/** @typedef {import("./answers.js").Sent} Sent */
/** @typedef {import("./rows.js").Network} Network */
/** @typedef {import("./transform.js").Values} Values */
/** @typedef {keyof Values} Name */

/**
 * @typedef {object} Data
 * @property {Record<string, number | string>} settings
 * @property {number} serial
 * @property {{shape: number[], base64: string}} picture
 * @property {string} title
 * @property {string} noun
 * @property {string[]} classes
 * @property {number | null} truth
 * @property {Record<Name, [number, number]>} limits
 * @property {Network[]} networks
 * @property {boolean} waits whether Python answers only when it is asked
 * @property {Sent | null} answers
 */

const LARGE = 364; // CSS pixels of the picture; SMALL in a low window
const SMALL = 310;
const LOW = 800;
const REST_MS = 300; // before the link is written, where no answer is missing
const LATE_MS = 20_000; // an answer that has not come by then is asked for again

class Stage {
  /** @type {Data} */
  data;
  /** @type {Tell} */
  tell;
  /** @type {Values} */
  values = { ...UNCHANGED };
  /** @type {Name} */
  along = "dx";
  answers = new Answers();
  /** @type {Row[]} */
  rows = [];
  /** @type {Uint8Array} */
  pixels;
  /** @type {[number, number, number, number]} of what the picture shows */
  box;
  made = "";
  /** @type {string} what Python was asked last and has not answered */
  asked = "";
  askedAt = 0;
  /** @type {string} what the link says */
  reported = "";
  resting = 0;
  frame = 0;
  zoom = 0;

  /** @param {Parent} parent */
  constructor(parent) {
    this.canvas = make("canvas", { role: "img" });
    this.picture = make("div", { class: "picture" }, this.canvas);
    this.caption = make("p", { class: "caption" });
    this.numbers = make("div", { class: "numbers", role: "group", "aria-label": "The transform in numbers" });
    this.nets = make("div", { class: "nets" });
    this.side = make("section", { class: "side", "aria-label": "Answers of the networks" });
    this.notice = make("p", { class: "notice", "aria-live": "polite" });
    this.back = make(
      "button",
      { type: "button", class: "back", title: "Reset all numbers: the unchanged picture" },
      "Put it back",
    );
    this.back.addEventListener("click", () => this.change({ ...UNCHANGED }, null));
    const shown = make(
      "div",
      { class: "shown" },
      this.picture,
      make("div", { class: "foot" }, this.caption, this.back),
    );
    const parts = make("div", { class: "parts" }, make("div", { class: "hand" }, shown, this.numbers), this.side);
    this.root = make("div", { class: "panel transform" }, make("div", { class: "inner" }, parts, this.notice));
    parent.append(this.root);
    this.atRest = new AtRest(this.root, REST_MS, () => {
      this.reported = this.name;
      this.report();
    });
    this.notes = new Notes(
      "invariance",
      this.root,
      this.hints(),
      ".foot > *, .numbers > *, .net, .ranges > *, .notice",
    );
    this.resizes = new ResizeObserver(() => this.data && this.arrange());
    this.resizes.observe(this.root);
    this.resized = () => this.data && this.arrange();
    window.addEventListener("resize", this.resized);
  }

  /**
   * Return what to do with the picture, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    const at = (/** @type {string} */ selector) => () => this.root.querySelector(selector);
    return [
      { at: at(".numbers > :last-child"), text: "Drag a number", side: "below", along: 0.2, wide: 88 },
      { at: at(".bars"), text: "How sure of each class", side: "above", along: 0.5, fixed: true },
    ];
  }

  dispose() {
    this.notes.dispose();
    this.resizes.disconnect();
    window.removeEventListener("resize", this.resized);
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    this.atRest.stop();
    this.root.remove();
  }

  /**
   * @param {Data} data
   * @param {Tell} tell
   */
  update(data, tell) {
    const before = this.data;
    [this.data, this.tell] = [data, tell];
    if (!before || before.serial !== data.serial) this.adopt(data.settings);
    const made = JSON.stringify([data.picture, data.classes, data.truth, data.networks, data.answers?.about]);
    if (made !== this.made) {
      this.made = made;
      this.build();
    }
    if (data.answers) {
      this.answers.add(data.answers);
      const values = Object.fromEntries(
        ORDER.map((name, i) => [name, /** @type {Sent} */ (data.answers).transform[i]]),
      );
      this.root.dataset.answered = String(performance.now());
      if (`${nameOf(/** @type {Values} */ (values))} ${data.answers.along}` === this.asked) this.asked = "";
    } else if (!data.waits) this.asked = "";
    this.arrange();
    this.notes.place();
  }

  /** @param {Record<string, number | string>} settings */
  adopt(settings) {
    for (const name of ORDER) this.values[name] = Number(settings[`i_${name}`] ?? UNCHANGED[name]);
    this.along = /** @type {Name} */ (settings.i_along ?? "dx");
    this.reported = this.name;
  }

  get name() {
    return `${nameOf(this.values)} ${this.along}`;
  }

  /** Build what depends on the picture and the networks. */
  build() {
    const { picture, limits, networks } = this.data;
    this.pixels = Uint8Array.from(atob(picture.base64), (c) => c.charCodeAt(0));
    [this.canvas.height, this.canvas.width] = picture.shape.slice(1);
    this.box = frameOf(this.pixels, picture.shape);
    this.zoom = 0;
    if (!this.handles) {
      this.handles = new Handles(this.picture, limits, (changed) =>
        this.change(changed, /** @type {Name} */ (Object.keys(changed)[0])),
      );
      this.fields = ORDER.map((name) => {
        const { title, unit, step, digits, help } = HANDLES[name];
        const [low, high] = limits[name];
        const set = (/** @type {number} */ value) => this.change({ [name]: value }, name);
        const settings = {
          label: title,
          help,
          low,
          high,
          step,
          digits,
          value: this.values[name],
          initial: UNCHANGED[name],
          set,
          unit,
        };
        const { field, show } = number(settings);
        return { name, field, show };
      });
      this.numbers.replaceChildren(...this.fields.map(({ field }) => field));
    }
    const options = Object.fromEntries(
      ORDER.map((name) => [
        name,
        [HANDLES[name].short, `Show every prediction over the range of: ${HANDLES[name].title.toLowerCase()}`],
      ]),
    );
    this.ranges = segments({
      label: "Answers over the range of",
      options,
      set: (name) => this.choose(/** @type {Name} */ (name)),
    });
    this.rows = networks.map(
      (network) => new Row(network, this.data, (value) => this.change({ [this.along]: value }, this.along)),
    );
    const head = make("div", { class: "ranges" }, make("span", {}, "Try each step"), this.ranges.field);
    this.nets.replaceChildren(...this.rows.map(({ root }) => root));
    this.side.replaceChildren(...(networks.length ? [head, this.nets] : []));
    this.notice.hidden = !networks.length;
  }

  /** Size the picture to the room there is. */
  arrange() {
    const width = this.root.clientWidth;
    if (!width) return;
    const [, , side] = this.data.picture.shape;
    const room = Math.min(window.innerHeight < LOW ? SMALL : LARGE, width);
    this.zoom = Math.max(1, Math.floor(room / side));
    this.picture.style.width = this.picture.style.height = `${this.zoom * side}px`;
    this.draw();
  }

  /**
   * Change numbers of the transform; the strip shows the range of `along`, which may stay.
   * @param {Partial<Values>} changed
   * @param {Name | null} along
   */
  change(changed, along) {
    const moved = /** @type {Name[]} */ (Object.keys(changed)).filter((name) => changed[name] !== this.values[name]);
    if (!moved.length) return;
    Object.assign(this.values, changed);
    if (along !== null && !moved.includes(this.along)) this.along = moved.includes(along) ? along : moved[0];
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  /** @param {Name} name */
  choose(name) {
    this.along = name;
    this.draw();
  }

  /** Draw all that the transform changes, and ask for what is not known. */
  draw() {
    const { picture, title, noun } = this.data;
    const side = picture.shape[2];
    paint(penOf(this.canvas), transformed(this.pixels, picture.shape, this.values), picture.shape);
    this.handles?.draw(this.values, this.box, side, this.zoom);
    const text = `${title}, ${describe(this.values)}`;
    this.canvas.setAttribute("aria-label", text);
    this.caption.textContent = `${text}: ${side} × ${side} px, ${picture.shape[0]} channel${picture.shape[0] > 1 ? "s" : ""}`;
    this.fields?.forEach(({ name, show }) => show(this.values[name]));
    this.back.disabled = ORDER.every((name) => this.values[name] === UNCHANGED[name]);
    this.ranges?.show(this.along);
    this.root.dataset.painted = String(Number(this.root.dataset.painted ?? 0) + 1);
    this.canvas.dataset.noun = noun;
    this.respond();
  }

  /** Show the answers that are known; ask for the others. */
  respond() {
    const { networks, classes, noun } = this.data;
    const now = this.answers.at(this.values);
    const strip = this.answers.over(this.values, this.along);
    const isKnown = now !== undefined && now.length === networks.length;
    if (isKnown && networks.length) {
      const kept = this.rows.map((_, i) => this.data.truth ?? largest(this.answers.unchanged[i]));
      const predictions = this.rows.map((row, i) => row.now(now[i], kept[i]));
      const names = networks.map(({ name }) => name);
      const sentence = answer({ values: this.values, names, predictions, kept, classes, noun });
      if (this.notice.textContent !== sentence) this.notice.textContent = sentence;
      this.root.dataset.shown = nameOf(this.values);
    }
    if (!now && this.data.waits && !this.data.answers) this.notice.textContent = "The networks are starting …";
    if (strip) {
      const name = `${this.answers.about} ${this.along} ${nameOf({ ...this.values, [this.along]: 0 })}`;
      this.rows.forEach((row, i) => row.over(strip.outputs[i], strip.values, this.along, name));
      for (const row of this.rows) row.mark(this.values[this.along]);
    }
    this.root.classList.toggle("stale", networks.length > 0 && !(isKnown && strip));
    this.side.setAttribute("aria-busy", String(networks.length > 0 && !(isKnown && strip)));
    if (networks.length && (this.data.answers || this.data.waits) && !(isKnown && strip)) this.ask();
    else this.rest();
  }

  /** Ask Python for the answers to the present transform, unless it is at another question. */
  ask() {
    clearTimeout(this.resting);
    this.atRest.stop();
    const late = performance.now() - this.askedAt;
    if (this.asked && late < LATE_MS) {
      this.resting = window.setTimeout(() => this.respond(), LATE_MS - late);
      return;
    }
    [this.asked, this.askedAt] = [this.name, performance.now()];
    this.report({ moving: true });
  }

  /** Write the link once the hand rests. */
  rest() {
    clearTimeout(this.resting);
    this.atRest.stop();
    if (this.name !== this.reported) this.atRest.wait();
  }

  /** @param {{moving?: boolean}} how */
  report(how = {}) {
    const settings = Object.fromEntries(ORDER.map((name) => [`i_${name}`, this.values[name]]));
    this.tell("settings", { ...settings, i_along: this.along, serial: this.data.serial, ...how });
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Stage, component);
}

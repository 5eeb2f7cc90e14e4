// Capsules by hand: parts on a stage, the wholes they vote for, and what routing makes of the votes.

import { mountPart } from "../kit/component.js";
import { clamp, make } from "../kit/elements.js";
import { Notes } from "../kit/notes.js";
import { Panel, arrows, capital, followDrag, segments, slider } from "../kit/panel.js";
import { MaxPooling, Routing, Squash, two } from "./diagrams.js";
import { rotate } from "./poses.js";
import { CARD, MOST_ITERATIONS, SCENES, STAGE, look, readPoses, swapLastTwo, write } from "./scenes.js";
import { Stage, grasped, middle, ringOf } from "./stage.js";
import { description, sentence } from "./what_to_notice.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("./poses.js").Pose} Pose */
/** @typedef {import("./scenes.js").Look} Look */
/** @typedef {import("./stage.js").Item} Item */
/** @typedef {import("./what_to_notice.js").Move} Move */
/** @typedef {{v_scene: string, v_iterations: number, v_parts: string, v_card: string}} Settings */

const SCENE_MS = 350; // in which parts fly to a scene's places
const TURN_STEP = 5; // degrees, by keyboard
const REST_MS = 600; // after which a key press begins a new move, and a screen reader hears of the last
const NARROW_ROUTING = 320; // px that routing needs

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const toDegrees = (/** @type {number} */ turn) => Math.round((turn * 180) / Math.PI);
const toRadians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;
/** The same turn, from -180 to 180 degrees. */
const wrapped = (/** @type {number} */ turn) => Math.atan2(Math.sin(turn), Math.cos(turn));

class ByHand extends Panel {
  /** @type {string} the scene's name */
  key;
  /** @type {Pose[]} */
  poses;
  /** @type {{x: number, y: number}} */
  card;
  /** @type {number} */
  iterations;
  /** @type {Item} */
  chosen = 0;
  spin = 0; // of everything, since it was chosen
  /** @type {Move} */
  move = { kind: "scene", item: "all" };
  /** @type {Look} */
  seen;
  /** @type {Look} before the last move */
  before;
  movedAt = 0;
  flight = 0;
  resting = 0;
  /** @type {{item: Item | "knob", x: number, y: number} | null} */
  held = null;

  /** @param {Parent} parent */
  constructor(parent) {
    super(parent, "hand");
    const { house, boat, face, bicycle, swapped } = SCENES;
    this.scenes = segments({
      label: "Scenes",
      options: Object.fromEntries(
        Object.entries({ house, boat, face, bicycle }).map(([key, { label, help }]) => [key, [label, help]]),
      ),
      set: (key) => this.setUp(key, SCENES[key].poses),
    });
    this.swap = make("button", { type: "button", title: swapped.help, "aria-pressed": "false" }, swapped.label);
    this.swap.addEventListener("click", () => this.swapParts());
    this.sentence = make("p", { class: "notice", "aria-hidden": "true" }); // a screen reader gets it once it is at rest
    this.live = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.stage = new Stage();
    this.routing = new Routing();
    this.squash = new Squash();
    this.pooling = new MaxPooling();
    this.chips = make("div", { class: "chips", role: "group", "aria-label": "What to move" });
    this.turn = slider({
      label: "Turn",
      low: -180,
      high: 180,
      step: 1,
      help: "Turns what is chosen, as the round knob on the stage and the keys [ and ] do",
      words: (value) => `${value}°`.replace("-", "−"),
      set: (value) => {
        this.begin("turn", this.chosen);
        this.turnTo(toRadians(value));
      },
    });
    this.cover = make("button", { type: "button", class: "quiet" });
    this.cover.addEventListener("click", () => this.coverChosen());
    this.rounds = slider({
      label: "Routing iterations",
      low: 0,
      high: MOST_ITERATIONS,
      step: 1,
      help: "How often the shares of the votes are computed. Each time, votes that agree with their sum get more",
      words: String,
      set: (value) => {
        this.begin("iterations", "all");
        this.iterations = value;
        this.changed();
      },
    });
    this.table = make("table");
    this.root.append(
      make("div", { class: "bar" }, this.scenes.field, this.swap),
      this.live,
      make(
        "div",
        { class: "work" },
        make(
          "div",
          { class: "left" },
          this.stage.screen,
          make("div", { class: "drive" }, this.chips, this.cover, this.turn.field),
        ),
        make(
          "div",
          { class: "right" },
          this.rounds.field,
          this.routing.svg,
          make(
            "div",
            { class: "pair" },
            make("figure", {}, make("figcaption", {}, "Squash: every length below 1"), this.squash.svg),
            make("figure", {}, make("figcaption", {}, "Best match anywhere (max pooling)"), this.pooling.svg),
          ),
        ),
      ),
      this.sentence,
      make("details", {}, make("summary", {}, "The numbers as a table"), this.table),
    );
    this.notes = new Notes(
      "capsules",
      this.root,
      this.hints(),
      ".bar, .drive, .slider, .notice, text, .part, .ghost, .card",
    );
    const { svg } = this.stage;
    followDrag(
      svg,
      (x, y, begins) => this.drag(x, y, begins),
      (x, y) => (svg.style.cursor = this.graspAt(x, y) === "knob" ? "grab" : "move"),
      () => {},
      (x, y) => this.graspAt(x, y) !== "all",
    );
    svg.addEventListener("keydown", (event) => this.press(event));
  }

  /**
   * Return what to do with the parts, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    const at = (/** @type {string} */ selector) => () => this.root.querySelector(selector);
    return [
      { at: at(".part"), text: "Drag a part: its arrow is its capsule", side: "left", along: 0.4 },
      { at: at(".knob"), text: "Turn it by the knob", side: "right", along: 0.5 },
      {
        at: at(".coupling"),
        text: "Votes that agree get thicker lines",
        side: "above",
        along: 0.7,
        wide: 120,
        fixed: true,
      },
    ];
  }

  get scene() {
    return SCENES[this.key];
  }

  /** CSS pixels of a hundredth of the stage. */
  get scale() {
    return this.stage.svg.clientWidth / STAGE.width || 1;
  }

  /** @param {Settings} settings */
  adopt({ v_scene, v_iterations, v_parts, v_card }) {
    cancelAnimationFrame(this.flight);
    this.key = v_scene;
    this.iterations = v_iterations;
    this.poses = v_parts ? readPoses(v_parts) : this.scene.poses.map((pose) => ({ ...pose }));
    const [card] = v_card ? readPoses(`${v_card}-0`) : [CARD];
    this.card = { x: card.x, y: card.y };
    if (typeof this.chosen === "number" && this.chosen >= this.poses.length) this.chosen = 0;
    this.spin = 0;
    this.move = { kind: "scene", item: "all" };
    this.seen = this.compute(this.poses);
    this.before = this.seen;
  }

  /** @returns {Settings} */
  report() {
    const [parts, own, [card, parked]] = [
      write(this.poses),
      write(this.scene.poses),
      [this.card, CARD].map(({ x, y }) => write([{ x, y, turn: 0 }]).slice(0, -2)),
    ];
    return {
      v_scene: this.key,
      v_iterations: this.iterations,
      v_parts: parts === own ? "" : parts,
      v_card: card === parked ? "" : card,
    };
  }

  /** @param {Pose[]} poses */
  compute(poses) {
    return look(this.scene.family, poses, this.card, this.iterations);
  }

  // ---- moves --------------------------------------------------------------------------------------------------------------

  /**
   * Note what is done, and how things stood before it.
   * @param {Move["kind"]} kind
   * @param {Item} item
   * @param {boolean} begins a move of its own, even if it is of the same kind as the last
   */
  begin(kind, item, begins = false) {
    const now = performance.now();
    if (begins || kind !== this.move.kind || item !== this.move.item || now - this.movedAt > REST_MS)
      this.before = this.seen;
    this.move = { kind, item };
    this.movedAt = now;
  }

  /**
   * @param {string} key
   * @param {Pose[]} poses
   */
  setUp(key, poses) {
    cancelAnimationFrame(this.flight);
    const isSameParts = this.scene.family === SCENES[key].family;
    const from = this.poses;
    this.key = key;
    if (!isSameParts && typeof this.chosen === "number") this.chosen = 0;
    this.spin = 0;
    this.move = { kind: "scene", item: "all" };
    const targets = poses.map((pose) => ({ ...pose }));
    if (!isSameParts || still()) {
      this.poses = targets;
      this.seen = this.compute(targets);
      this.changed();
      return;
    }
    const start = performance.now();
    const fly = (/** @type {number} */ now) => {
      const share = clamp((now - start) / SCENE_MS, 0, 1);
      const eased = share * share * (3 - 2 * share);
      this.poses = targets.map(({ x, y, turn }, i) => ({
        x: from[i].x + (x - from[i].x) * eased,
        y: from[i].y + (y - from[i].y) * eased,
        turn: from[i].turn + wrapped(turn - from[i].turn) * eased,
      }));
      if (share < 1) {
        this.redraw();
        this.flight = requestAnimationFrame(fly);
      } else {
        this.poses = targets;
        this.changed();
      }
    };
    this.flight = requestAnimationFrame(fly);
  }

  swapParts() {
    const isFace = this.key === "face" || this.key === "swapped";
    const key = this.key === "swapped" ? "face" : "swapped";
    this.setUp(key, isFace ? swapLastTwo(this.poses) : SCENES.swapped.poses);
  }

  /**
   * Move what is chosen by [x, y] hundredths.
   * @param {number} x
   * @param {number} y
   */
  moveBy(x, y) {
    cancelAnimationFrame(this.flight);
    const { width, height } = STAGE;
    if (this.chosen === "card") {
      this.card = { x: clamp(this.card.x + x, 0, width), y: clamp(this.card.y + y, 0, height) };
    } else if (this.chosen === "all") {
      const center = middle(this.poses);
      const [across, down] = [clamp(center.x + x, 0, width) - center.x, clamp(center.y + y, 0, height) - center.y];
      this.poses = this.poses.map((pose) => ({ ...pose, x: pose.x + across, y: pose.y + down }));
    } else {
      const pose = this.poses[this.chosen];
      [pose.x, pose.y] = [clamp(pose.x + x, 0, width), clamp(pose.y + y, 0, height)];
    }
    this.changed();
  }

  /**
   * Turn what is chosen.
   * @param {number} turn in radians
   */
  turnTo(turn) {
    cancelAnimationFrame(this.flight);
    if (this.chosen === "all") {
      const by = turn - this.spin;
      const center = middle(this.poses);
      this.poses = this.poses.map((pose) => {
        const [x, y] = rotate(pose.x - center.x, pose.y - center.y, by);
        return { x: center.x + x, y: center.y + y, turn: wrapped(pose.turn + by) };
      });
      this.spin = turn;
    } else if (this.chosen !== "card") {
      this.poses[this.chosen].turn = wrapped(turn);
    }
    this.changed();
  }

  /** Lay the card on the chosen part, or put it aside. */
  coverChosen() {
    this.begin("card", this.chosen, true);
    this.card = this.isCovered ? { x: CARD.x, y: CARD.y } : { x: this.target.x, y: this.target.y };
    this.changed();
  }

  /** Where the card goes: onto the chosen part, or else onto the first. */
  get target() {
    return this.poses[typeof this.chosen === "number" ? this.chosen : 0];
  }

  get isCovered() {
    return Math.hypot(this.card.x - this.target.x, this.card.y - this.target.y) < 1;
  }

  /** @param {Item} item */
  choose(item) {
    if (item === this.chosen) return;
    this.chosen = item;
    this.spin = 0;
  }

  /**
   * @param {number} x CSS px
   * @param {number} y
   */
  graspAt(x, y) {
    const ring = ringOf(this.chosen, this.poses, this.spin);
    return grasped(this.scene.family, this.poses, this.card, ring, x / this.scale, y / this.scale);
  }

  /**
   * @param {number} x CSS px
   * @param {number} y
   * @param {boolean} begins
   */
  drag(x, y, begins) {
    if (begins) {
      const item = this.graspAt(x, y);
      if (item !== "knob") this.choose(item);
      this.held = { item, x, y };
      this.begin(item === "knob" ? "turn" : item === "card" ? "card" : "move", this.chosen, true);
      this.changed();
      return;
    }
    if (!this.held) return;
    this.begin(this.move.kind, this.move.item);
    if (this.held.item === "knob") {
      const ring = ringOf(this.chosen, this.poses, this.spin);
      if (ring) this.turnTo(Math.atan2(x / this.scale - ring.x, ring.y - y / this.scale));
    } else {
      this.moveBy((x - this.held.x) / this.scale, (y - this.held.y) / this.scale);
      [this.held.x, this.held.y] = [x, y];
    }
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = arrows(event);
    if (step) {
      this.begin(this.chosen === "card" ? "card" : "move", this.chosen);
      this.moveBy(2 * step[0], 2 * step[1]);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = event.key === "]" ? 1 : event.key === "[" ? -1 : 0;
    if (way && this.chosen !== "card") {
      event.preventDefault();
      this.begin("turn", this.chosen);
      const turn = this.chosen === "all" ? this.spin : this.poses[this.chosen].turn;
      this.turnTo(wrapped(turn + way * toRadians(TURN_STEP)));
    } else if (event.key === " ") {
      event.preventDefault();
      this.coverChosen();
    }
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------------

  arrange() {
    this.measure();
    if (this.width === 0) return;
    this.redraw();
    this.rest();
  }

  changed() {
    super.changed();
    clearTimeout(this.resting);
    this.resting = window.setTimeout(() => this.rest(), REST_MS);
  }

  redraw() {
    const { family } = this.scene;
    this.seen = this.compute(this.poses);
    this.stage.svg.style.setProperty("--scale", String(this.scale));
    this.stage.draw(family, this.poses, this.card, this.seen, this.chosen, this.spin);
    const room = this.routing.svg.parentElement?.clientWidth ?? NARROW_ROUTING;
    this.routing.draw(family, this.seen, Math.min(Math.max(room, NARROW_ROUTING), 440));
    this.squash.draw(this.seen, typeof this.chosen === "number" ? this.chosen : null);
    this.pooling.draw(family, this.seen);
    this.drawControls();
    const words = this.words();
    if (this.sentence.textContent !== words) this.sentence.textContent = words;
  }

  words() {
    const intact = this.key === "swapped" ? this.compute(swapLastTwo(this.poses)) : this.seen;
    return sentence(this.key, this.scene, this.move, this.before, this.seen, intact);
  }

  drawControls() {
    const { family } = this.scene;
    const isAsSet = write(this.poses) === write(this.scene.poses);
    this.scenes.show(isAsSet ? this.key : null);
    this.swap.setAttribute("aria-pressed", String(this.key === "swapped"));
    this.rounds.show(this.iterations);
    const turn = this.chosen === "card" ? 0 : this.chosen === "all" ? this.spin : this.poses[this.chosen].turn;
    this.turn.show(toDegrees(wrapped(turn)));
    this.turn.field.classList.toggle("off", this.chosen === "card");
    this.cover.textContent = this.isCovered ? "Take the card away" : "Cover it";
    this.cover.title = `${this.isCovered ? "Puts the card aside" : "Lays the card on the chosen part"} (Space)`;
    this.cover.hidden = typeof this.chosen !== "number";
    /** @type {[Item, string, string][]} */
    const items = [
      ...family.parts.map(
        ({ name }, i) =>
          /** @type {[Item, string, string]} */ ([i, capital(name), `Choose the ${name}, to move, turn or cover it`]),
      ),
      ["all", "Everything", "Choose all parts, to move and turn them together; so does dragging beside them"],
      ["card", "Card", "Choose the card, to cover parts with it"],
    ];
    const names = items.map(([, name]) => name).join();
    if (this.chips.dataset.names !== names) {
      this.chips.dataset.names = names;
      this.chips.replaceChildren(
        ...items.map(([item, name, title]) => {
          const button = make("button", { type: "button", title }, name);
          button.addEventListener("click", () => {
            this.choose(item);
            this.redraw();
          });
          return button;
        }),
      );
    }
    items.forEach(([item], i) => this.chips.children[i].setAttribute("aria-pressed", String(item === this.chosen)));
  }

  /** Say in words and in a table how things stand. */
  rest() {
    const { family } = this.scene;
    this.live.textContent = this.words();
    const keys = "Arrow keys move what is chosen, [ and ] turn it, Space covers it.";
    this.stage.svg.setAttribute("aria-label", `${description(this.scene, this.poses, this.seen)} ${keys}`);
    const points = [
      ...family.parts.map(({ name }, i) => `${name} ${two(this.seen.evidence[i])} to ${two(this.seen.chances[i])}`),
    ];
    const sums = family.wholes.map(
      ({ name }, j) => `${name} ${two(this.seen.sums[j])} to ${two(this.seen.lengths[j])}`,
    );
    this.squash.svg.setAttribute("aria-label", `The curve of squash, and on it: ${[...points, ...sums].join("; ")}`);
    const row = (/** @type {"th" | "td"} */ tag, /** @type {string[]} */ cells) =>
      make("tr", {}, ...cells.map((cell, i) => make(i === 0 ? "th" : tag, { scope: i === 0 ? "row" : "col" }, cell)));
    const wholes = family.wholes.map(({ name }) => name);
    this.table.replaceChildren(
      make(
        "thead",
        {},
        row("th", ["Part", "Turn", "In sight", "Length", ...wholes.map((name) => `Share for the ${name}`)]),
      ),
      make(
        "tbody",
        {},
        ...family.parts.map(({ name }, i) =>
          row("td", [
            capital(name),
            `${toDegrees(this.poses[i].turn)}°`.replace("-", "−"),
            `${Math.round(100 * this.seen.seen[i])}\u202f%`,
            two(this.seen.chances[i]),
            ...this.seen.coefficients[i].map(two),
          ]),
        ),
        row("td", ["Length of the whole", "", "", "", ...this.seen.lengths.map(two)]),
        row("td", ["Max pooling's answer", "", "", "", ...wholes.map(() => two(this.seen.poolingAnswer))]),
      ),
    );
  }

  dispose() {
    cancelAnimationFrame(this.flight);
    clearTimeout(this.resting);
    super.dispose();
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(ByHand, component);
}

// Thumbnails in a row: a click picks one. Above them the sets there are, behind them the ways to bring a picture.

import { mountPart, partOf } from "../kit/component.js";
import { clamp, focused, make, makeSvg } from "../kit/elements.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */
/** @typedef {{value: string, title: string, alt: string}} Thumbnail */
/** @typedef {{name: string, title: string, more: boolean, sprite: string, thumbnails: Thumbnail[]}} PictureSet */
/** @typedef {{value: string, title: string, icon: string}} Own */
/** @typedef {{label: string, help: string, chosen: string, sets: PictureSet[], own: Own[]}} Data */

const WAITING = 10; // empty squares while a set is loaded
const GAP = 4; // CSS px between squares
/** @type {Record<string, string>} paths in a square of 24 */
const ICONS = {
  draw: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  upload: "M12 16V4M7 9l5-5 5 5M4 15v5h16v-5",
  camera: "M3 8h4l2-3h6l2 3h4v11H3zM12 10a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7",
  more: "M20 5v5h-5M4 19v-5h5M5.5 9a7 7 0 0 1 12-2.5L20 10M18.5 15a7 7 0 0 1-12 2.5L4 14",
  on: "M9 5l7 7-7 7",
};

/** @param {string} name */
const icon = (name) =>
  makeSvg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, makeSvg("path", { d: ICONS[name] ?? ICONS.upload }));

/**
 * Return what an arrow key, Home or End moves the focus to, of `count` in a row; null of other keys.
 * @param {string} key
 * @param {number} place
 * @param {number} count
 */
export function nextPlace(key, place, count) {
  const places = {
    ArrowLeft: place - 1,
    ArrowUp: place - 1,
    ArrowRight: place + 1,
    ArrowDown: place + 1,
    Home: 0,
    End: count - 1,
  };
  const next = places[/** @type {keyof typeof places} */ (key)];
  return next === undefined ? null : clamp(next, 0, count - 1);
}

/**
 * Return how many squares of a row stand side by side, none of them cut off; where some do not, there is also a button.
 * @param {number} count
 * @param {number} room
 * @param {number} side
 * @param {number} button
 */
export function wholeTiles(count, room, side, button) {
  const fitting = (/** @type {number} */ width) => Math.max(1, Math.floor((width + GAP) / (side + GAP)));
  return fitting(room) >= count ? count : Math.min(count, fitting(room - button - GAP));
}

class Strip {
  /** @type {Data} */
  data;
  /** @type {Tell} */
  trigger;
  /** @type {string} the name of the set that is shown */
  shown = "";
  /** @type {{tile: HTMLElement, value: string}[]} */
  tiles = [];
  /** @type {string} of the tiles that stand there: what they were made of */
  made = "";
  url = "";
  /** @type {number | undefined} squares in sight */
  shownTiles;

  /** @param {Parent} parent */
  constructor(parent) {
    this.head = make("div", { class: "head" });
    this.row = make("div", { class: "tiles", role: "radiogroup" });
    this.own = make("div", { class: "own", role: "group", "aria-label": "Your own picture" });
    this.on = make("button", { type: "button", class: "on", tabindex: -1, "aria-hidden": "true" }); // keys reach all squares
    this.on.append(icon("on"));
    this.on.addEventListener("click", () => this.turn());
    this.body = make("div", { class: "body" }, this.row, this.on, this.own);
    this.root = make("div", { class: "strip" }, this.head, this.body);
    this.row.addEventListener("keydown", (event) => this.move(event));
    parent.append(this.root);
    this.resized = new ResizeObserver(() => {
      if (!this.data) return;
      this.fit();
      this.reveal(this.tiles.find(({ tile }) => tile.ariaChecked === "true")?.tile);
    });
    this.resized.observe(parent instanceof ShadowRoot ? parent.host : parent);
  }

  dispose() {
    this.resized.disconnect();
    URL.revokeObjectURL(this.url);
    this.root.remove();
  }

  /** @param {Data} data */
  update(data) {
    const before = this.data;
    this.data = data;
    const known = data.sets.some(({ name }) => name === this.shown);
    if (!known || before?.chosen !== data.chosen)
      this.shown = (
        this.holding(data.chosen) ??
        data.sets.find(({ name }) => name === this.shown) ??
        data.sets[0]
      ).name;
    this.arrange();
  }

  /** @param {string} value */
  holding(value) {
    return this.data.sets.find(({ thumbnails }) => thumbnails.some((one) => one.value === value));
  }

  get set() {
    return /** @type {PictureSet} */ (this.data.sets.find(({ name }) => name === this.shown));
  }

  /** Build what is new, and mark what is chosen. */
  arrange() {
    const { label, help, sets, own } = this.data;
    const head = JSON.stringify([label, sets.map(({ name, title, more }) => [name, title, more]), own, this.shown]);
    if (this.head.dataset.made !== head) {
      this.head.dataset.made = head;
      this.buildHead(label, help);
      this.own.replaceChildren(...own.map((way) => this.ownButton(way)));
      this.own.hidden = own.length === 0;
    }
    const { sprite, thumbnails } = this.set;
    const made = JSON.stringify([this.shown, sprite.length, sprite.slice(-64), thumbnails]);
    if (this.made !== made) {
      this.made = made;
      this.buildTiles(sprite, thumbnails);
    }
    this.fit();
    this.mark(this.data.chosen);
  }

  /**
   * @param {string} label
   * @param {string} help
   */
  buildHead(label, help) {
    const { sets } = this.data;
    const parts = [make("span", { class: "label", title: help }, label)];
    if (sets.length > 1)
      parts.push(
        ...sets.map(({ name, title }) => {
          const button = make("button", {
            type: "button",
            "aria-pressed": name === this.shown,
            title: `Show ${title}`,
          });
          button.textContent = title;
          button.addEventListener("click", () => this.open(name));
          return button;
        }),
      );
    if (this.set.more) {
      const button = make("button", { type: "button", class: "more", title: "Show ten others" });
      button.append(icon("more"), "Another ten");
      button.addEventListener("click", () => this.trigger("more", this.shown));
      parts.push(button);
    }
    const had = this.head.contains(focused(this.head)) ? focused(this.head)?.textContent : null;
    this.head.replaceChildren(...parts);
    parts.find((part) => had && part.textContent === had)?.focus();
    this.row.setAttribute("aria-label", label);
    this.row.title = help;
  }

  /** @param {Own} way */
  ownButton({ value, title, icon: name }) {
    const button = make("button", { type: "button", class: "way", title, "aria-label": title, "data-value": value });
    button.append(icon(name));
    button.addEventListener("click", () => this.pick(value));
    return button;
  }

  /**
   * @param {string} sprite
   * @param {Thumbnail[]} thumbnails
   */
  buildTiles(sprite, thumbnails) {
    const hadFocus = this.row.contains(focused(this.row));
    const before = this.tiles.findIndex(({ tile }) => tile === focused(this.row));
    const old = this.url;
    const bytes = Uint8Array.from(atob(sprite), (c) => c.charCodeAt(0));
    this.url = sprite ? URL.createObjectURL(new Blob([bytes], { type: "image/webp" })) : "";
    this.tiles = thumbnails.map(({ value, title, alt }, i) => {
      const tile = make("button", { type: "button", role: "radio", title, "aria-label": alt });
      tile.style.backgroundImage = `url("${this.url}")`;
      tile.style.setProperty("--place", String(i));
      tile.addEventListener("click", () => this.pick(value));
      return { tile, value };
    });
    this.row.style.setProperty("--count", String(thumbnails.length));
    const empty = Array.from({ length: thumbnails.length ? 0 : WAITING }, () => make("span", { class: "empty" }));
    this.row.replaceChildren(...this.tiles.map(({ tile }) => tile), ...empty);
    this.row.setAttribute("aria-busy", String(empty.length > 0));
    if (hadFocus) this.tiles[clamp(before, 0, this.tiles.length - 1)]?.tile.focus({ preventScroll: true });
    if (old) setTimeout(() => URL.revokeObjectURL(old)); // the new tiles are painted first
  }

  /** @param {string} chosen */
  mark(chosen) {
    const place = this.tiles.findIndex(({ value }) => value === chosen);
    this.tiles.forEach(({ tile }, i) => {
      tile.setAttribute("aria-checked", String(i === place));
      tile.tabIndex = i === Math.max(place, 0) ? 0 : -1;
    });
    for (const button of this.own.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.dataset.value === chosen));
    this.reveal(this.tiles[place]?.tile);
  }

  /**
   * Scroll the row so that a square is in sight.
   * @param {HTMLElement | undefined} tile
   */
  reveal(tile) {
    const place = this.tiles.findIndex((one) => one.tile === tile);
    if (!tile || this.isShown(tile)) return;
    this.scrollTo(place - Math.floor((this.shownTiles ?? 1) / 2), "instant");
  }

  /** @param {HTMLElement} tile */
  isShown(tile) {
    const [row, box] = [this.row.getBoundingClientRect(), tile.getBoundingClientRect()];
    return box.left >= row.left - 1 && box.right <= row.right + 1;
  }

  /** Show as many whole squares as there is room for, and a button where there are more. */
  fit() {
    const count = this.row.childElementCount;
    const side = this.row.firstElementChild?.clientWidth ?? 0;
    const room = this.root.parentElement?.clientWidth ?? this.root.clientWidth;
    this.on.hidden = false;
    const own = this.own.hidden ? 0 : this.own.offsetWidth + 2 * GAP;
    const shown = wholeTiles(count, (room || Infinity) - own, side, this.on.offsetWidth);
    this.on.hidden = shown >= count;
    this.on.title = `Show the other ${count - shown}`;
    this.shownTiles = shown;
    this.row.style.maxWidth = this.on.hidden ? "" : `${shown * (side + GAP) - GAP}px`;
  }

  /**
   * @param {number} place of the first square in sight
   * @param {ScrollBehavior} behavior
   */
  scrollTo(place, behavior) {
    const side = (this.row.firstElementChild?.clientWidth ?? 0) + GAP;
    this.row.scrollTo({ left: side * clamp(place, 0, this.tiles.length), behavior });
  }

  /** Show the squares after those in sight, after the last the first. */
  turn() {
    const side = (this.row.firstElementChild?.clientWidth ?? 1) + GAP;
    const shown = this.shownTiles ?? 1;
    const first = Math.round(this.row.scrollLeft / side);
    this.scrollTo(first + shown >= this.tiles.length ? 0 : first + shown, "smooth");
  }

  /** @param {string} name */
  open(name) {
    if (name === this.shown) return;
    this.shown = name;
    this.arrange();
    if (!this.set.thumbnails.length) this.trigger("opened", name);
  }

  /** @param {string} value */
  pick(value) {
    this.mark(value); // at once; the page follows
    this.trigger("picked", value);
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = this.tiles.findIndex(({ tile }) => tile === focused(this.row));
    const next = place < 0 ? null : nextPlace(event.key, place, this.tiles.length);
    if (next === null) return;
    event.preventDefault();
    this.tiles[place].tile.tabIndex = -1;
    this.tiles[next].tile.tabIndex = 0;
    this.tiles[next].tile.focus();
  }
}

/** @param {Component} component */
export default function mount(component) {
  const end = mountPart(Strip, component);
  /** @type {Strip} */ (partOf(component.parentElement)).trigger = component.setTriggerValue;
  return end;
}

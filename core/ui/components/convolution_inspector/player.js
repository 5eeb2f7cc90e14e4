// The clock of the sliding window: play, one step, start and speed, and how many cells each frame takes.

import { clamp, make } from "../kit/elements.js";
import { formatNumber } from "../kit/math.js";

/**
 * @typedef {object} Window What the clock moves.
 * @property {() => void} begin called when it begins to play
 * @property {(cells: number) => void} advance
 * @property {() => void} restart
 * @property {() => void} redraw at the next frame
 */

const SHOWING = 4; // cells a second while the window slides by itself
const SLOW = 5; // cells a second: as fast as values can fly one by one
const PASS_SECONDS = 12; // of a whole pass at the first speed

const signs = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  step: "M3 2.5v11l7-5.5zM11 2.5h2v11h-2z",
  restart: "M8 3V.5L4 4l4 3.5V5a4 4 0 1 1-4 4H2.5A5.5 5.5 0 1 0 8 3z",
};
const icon = (/** @type {keyof typeof signs} */ name) => {
  const span = make("span", { "aria-hidden": "true" });
  span.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" fill="currentColor"><path d="${signs[name]}"/></svg>`;
  return span;
};

export class Player {
  isPlaying = false;
  isShowing = false; // playing by itself until something is touched
  stepped = false; // the next drawing lets the output value fly to its place
  clock = 0;
  owed = 0; // the part of a cell that time has not yet paid for
  cellsPerSecond = 0;
  speedFor = 0; // cells of a whole pass

  /** @param {Window} window */
  constructor(window) {
    this.window = window;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {(name: keyof typeof signs, label: string, title: string, act: () => void) => HTMLButtonElement} */
    const button = (name, label, title, act) => {
      const element = make("button", { type: "button", title }, icon(name), make("span", {}, label));
      element.addEventListener("click", act);
      return element;
    };
    this.button = button("play", "Play", "Slides the window over the picture", () => this.play(!this.isPlaying));
    const keys = "Moves the window on by one; the keys [ and ] move it back and on";
    const step = button("step", "Step", keys, () => this.step(1));
    const restart = button("restart", "Start", "Moves the window to the first place", () => window.restart());
    this.speed = make("input", { type: "range", min: "0", max: "3.5", step: "0.1" });
    this.speedText = make("output");
    this.speed.addEventListener("input", () => this.limit(this.speedFor));
    this.speedLabel = make("label", { class: "speed" }, "speed ", this.speed, this.speedText);
    const attributes = { class: "bar player", role: "group", "aria-label": "Slide the window" };
    this.root = make("div", attributes, this.button, step, restart, this.speedLabel);
  }

  /** @param {number} by */
  step(by) {
    this.play(false);
    this.window.advance(by);
    this.stepped = by > 0;
  }

  /**
   * Set cells a second; at first such that a whole pass takes about twelve seconds, slow where the system asks for less
   * motion.
   * @param {number} cells of a whole pass
   */
  limit(cells) {
    if (this.speedFor !== cells) this.speed.value = String(Math.log10(clamp(cells / PASS_SECONDS, 2, 2000)));
    this.speedFor = cells;
    this.cellsPerSecond = Math.min(10 ** this.speed.valueAsNumber, this.calm.matches ? 2 : Infinity);
    const pace = formatNumber(this.cellsPerSecond, this.cellsPerSecond < 10 ? 1 : 0);
    this.speedText.textContent = `${pace} cells/s${this.calm.matches ? " (less motion)" : ""}`;
  }

  /** @param {boolean} on */
  play(on) {
    this.isShowing = false;
    this.button.replaceChildren(icon(on ? "pause" : "play"), make("span", {}, on ? "Pause" : "Play"));
    if (on && !this.isPlaying) {
      this.window.begin();
      this.clock = performance.now();
      this.owed = 0;
    }
    this.isPlaying = on;
    this.window.redraw();
  }

  /** Slide slowly until something is touched. */
  demonstrate() {
    this.play(true);
    this.isShowing = true;
  }

  /** Move the window on by the cells that are due. @param {number} now */
  tick(now) {
    const pace = this.isShowing ? SHOWING : this.cellsPerSecond;
    this.owed += (Math.max(0, now - this.clock) / 1000) * pace;
    this.clock = now;
    const whole = Math.floor(this.owed);
    this.owed -= whole;
    if (whole > 0) this.window.advance(whole);
    this.stepped ||= whole === 1 && pace <= SLOW;
  }
}

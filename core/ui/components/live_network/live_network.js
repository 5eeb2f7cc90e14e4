// Home's stage: a digit goes through a trained CNN, which runs in the browser. Test digits take turns until somebody
// draws. Data are bytes: a line of JSON, then the network's numbers, then the test digits.

import { mountPart, partOf, watchLooks } from "../kit/component.js";
import { prepareCanvas, readTheme } from "../kit/drawing.js";
import { clamp, find, make } from "../kit/elements.js";
import { analyze, centered, Fourier, strengths } from "../kit/fourier.js";
import { stepByKeys } from "../kit/keys.js";
import { Notes } from "../kit/notes.js";
import { drawDigit, moved, SHEET, SIDE } from "./digit.js";
import { arrange, Flow, PAD, PASS_MS, share } from "./network_picture.js";
import { argmax, forward, unpack } from "./network.js";
import { Pad } from "./pad.js";
import { percent, PLACES, sentence } from "./page_places.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("./network.js").Answer} Answer */
/** @typedef {{pixels: Float32Array, label: number | null}} Digit its label is null if it was drawn here */
/** @typedef {{place: HTMLAnchorElement, canvas: HTMLCanvasElement, says: HTMLElement}} Tile */

const REST_MS = 3200; // a finished pass is shown before the next digit comes
const QUIET_MS = 400; // a drawing rests before the sentence follows it, and the three small pictures
const SAMPLES = 4; // digits that say which planes are shown, and what is full color
const PEN = 3; // px of a line in the network's input
const SHIFT = 5; // px, of the moved digit
const TURN = 20; // degrees, of the turned digit
const SMALL = 2; // CSS pixels a pixel of the small pictures
const MARK = "#e69f00";
const TALL = "(min-width: 1400px) and (min-height: 860px)"; // as in live_network.css
const NARROW = 760; // px, as there: the blocks stand below the digit
const LEAST = 540; // px of the blocks: a phone swipes them

/** @param {Component} component */
export default function mount(component) {
  const dispose = mountPart(LiveNetwork, component);
  /** @type {LiveNetwork} */ (partOf(component.parentElement)).open = (name) => component.setTriggerValue("page", name);
  return dispose;
}

class LiveNetwork {
  /** @type {import("./network.js").Network} */
  network;
  /** @type {Flow} */
  flow;
  /** @type {Digit[]} */
  digits;
  /** @type {Digit} */
  digit;
  /** @type {Answer} */
  answer;
  /** @type {{waves: Tile, turned: Tile, moved: Tile}} */
  tiles;
  ratio = 0; // device pixels in a CSS pixel; 0 before everything has its place
  /** @type {(page: string) => void} */
  open = () => {};
  time = PASS_MS; // ms since the pass began
  number = 0; // of the test digit
  last = 0; // when the last frame was drawn
  isPlaying = true; // test digits take turns
  isEmpty = false; // the square waits for a drawing
  frame = 0;
  waiting = 0;
  following = 0;

  /** @param {Parent} parent */
  constructor(parent) {
    this.root = find(parent, ".live");
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.fourier = new Fourier(32);
    /** @type {HTMLCanvasElement} */
    this.canvas = find(this.root, ".pad");
    this.notice = find(this.root, ".notice");
    this.verdict = find(this.root, ".verdict");
    this.caption = find(this.root, ".caption");
    this.hint = find(this.root, ".hint");
    this.card = find(this.root, ".card");
    this.pause = find(this.root, ".pause");
    this.pad = new Pad(this.canvas, (begins) => this.#drawn(begins));
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const [bar, value] = [make("i"), make("span", { class: "value" })];
      return {
        bar,
        value,
        row: make("div", { class: "bar" }, make("b", {}, String(digit)), make("span", {}, bar), value),
      };
    });
    find(this.root, ".bars").replaceChildren(...this.bars.map(({ row }) => row));
    this.draw = find(this.root, ".draw");
    this.draw.onclick = () => this.#ask();
    find(this.root, ".another").onclick = () => this.#show((this.number + 1) % this.digits.length);
    this.pause.onclick = () => this.#play(!this.isPlaying);
    this.pause.title = "Test digits take turns; the keys [ and ] show the one before and the next";
    this.leave = new AbortController();
    stepByKeys(this.root, (by) => this.network && this.#step(by), this.leave.signal);
  }

  /** @param {Uint8Array} data */
  update(data) {
    if (this.network) return;
    const end = data.indexOf(10);
    const head = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
    const [weights, pictures] = [data.subarray(end + 1, end + 1 + head.bytes), data.subarray(end + 1 + head.bytes)];
    this.network = unpack(head.network, weights);
    this.digits = head.labels.map((/** @type {number} */ label, /** @type {number} */ i) => ({
      label,
      pixels: Float32Array.from(pictures.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), (v) => v / 255),
    }));
    const { network } = this;
    const samples = this.digits.slice(0, SAMPLES).map(({ pixels }) => forward(network, pixels));
    this.flow = new Flow(find(this.root, ".planes"), network, samples);
    this.#link(head.pages);
    if (this.still.matches) this.#turns(false);
    this.digit = this.digits[0];
    this.answer = samples[0];
    this.unwatch = watchLooks(this.root, () => this.#arrange());
    this.#arrange();
    this.notes = new Notes(
      "home",
      this.root,
      this.#notes(),
      ".place:not(.whole), .name, .caption, .hint, .notice, .button, .bars, .verdict, .says",
    );
    this.root.classList.add("ready");
    this.#show(0);
  }

  dispose() {
    this.unwatch?.();
    this.leave.abort();
    this.notes?.dispose();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.waiting);
    clearTimeout(this.following);
  }

  /**
   * Return what to do with the picture, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  #notes() {
    const at = (/** @type {string} */ selector) => () => this.root.querySelector(selector);
    return [
      { at: at(".pad"), text: "Write a digit of your own", side: "above", along: 0.7 },
      {
        at: at('[data-page="anatomy"] .name'),
        text: "Each part is a link",
        side: "right",
        fixed: true,
      },
      { at: at(".bars"), text: "The longest bar is its prediction", side: "above", fixed: true },
    ];
  }

  /**
   * Make each place of the picture a link to its page.
   * @param {import("./page_places.js").Page[]} pages
   */
  #link(pages) {
    const { parameters } = this.network;
    for (const { name, number, label } of pages) {
      if (!Object.hasOwn(PLACES, name)) continue; // a page that no part of the picture stands for
      const { word, line } = PLACES[name];
      const place = /** @type {HTMLAnchorElement} */ (find(this.root, `[data-page="${name}"]`));
      place.href = address(name);
      place.setAttribute("aria-label", `${label}: ${line}`);
      const words = name === "anatomy" ? `${word}: ${parameters.toLocaleString("en-US")} parameters` : word;
      find(place, ".name").replaceChildren(make("i", {}, String(number)), words);
      place.onclick = (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab or window
        event.preventDefault();
        this.open(name);
      };
      const show = () => this.#describe(place, `${number} · ${label}`, line);
      place.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show());
      place.addEventListener("focus", show);
      for (const end of ["pointerleave", "blur"]) place.addEventListener(end, () => (this.card.hidden = true));
    }
    const start = /** @type {HTMLAnchorElement} */ (find(this.root, ".start"));
    start.href = address("kernels");
    start.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open("kernels");
    };
    const tile = (/** @type {string} */ name) => ({
      place: /** @type {HTMLAnchorElement} */ (find(this.root, `[data-page="${name}"]`)),
      canvas: /** @type {HTMLCanvasElement} */ (find(this.root, `[data-page="${name}"] canvas`)),
      says: find(this.root, `[data-page="${name}"] .says`),
    });
    this.tiles = { waves: tile("frequency"), turned: tile("augmentation"), moved: tile("invariance") };
  }

  /**
   * Show a card with a place's name and line, under or over it.
   * @param {HTMLElement} place
   * @param {string} title
   * @param {string} line
   */
  #describe(place, title, line) {
    this.card.replaceChildren(make("b", {}, title), line);
    this.card.hidden = false;
    const [box, whole] = [place.getBoundingClientRect(), this.root.getBoundingClientRect()];
    const width = this.card.offsetWidth;
    const left = Math.min(Math.max(0, box.left + box.width / 2 - whole.left - width / 2), whole.width - width);
    const below = box.bottom - whole.top + 4;
    this.card.style.left = `${left}px`;
    this.card.style.top = `${box.height < 40 ? below : below - 4}px`;
  }

  /** Size everything to the width there is. */
  #arrange() {
    const { flow, root } = this;
    if (!flow || !root.clientWidth) return;
    const theme = readTheme(root);
    const scroller = find(root, ".scroller");
    const isNarrow = root.clientWidth <= NARROW;
    const layout = arrange(
      isNarrow ? Math.max(scroller.clientWidth, LEAST) : scroller.clientWidth,
      !isNarrow && matchMedia(TALL).matches,
    );
    this.ratio = window.devicePixelRatio || 1;
    flow.arrange(layout, theme, this.ratio);
    const canvas = find(root, ".planes").getBoundingClientRect();
    flow.padTop = isNarrow
      ? layout.top + (layout.height - layout.top - PAD) / 2 - 10
      : this.canvas.getBoundingClientRect().top - canvas.top;
    flow.bars = isNarrow
      ? []
      : this.bars.map(({ row }) => {
          const box = row.getBoundingClientRect();
          return box.top + box.height / 2 - canvas.top;
        });
    this.#place(layout);
    flow.adopt(this.answer);
    this.#small();
    this.#paint();
  }

  /**
   * Put the links over what they lead from.
   * @param {import("./network_picture.js").Layout} layout
   */
  #place({ columns, units, tile, top, height }) {
    const put = (
      /** @type {string} */ name,
      /** @type {number} */ left,
      /** @type {number} */ right,
      from = top - 20,
      to = height,
    ) =>
      Object.assign(find(this.root, `[data-page="${name}"]`).style, {
        left: `${left}px`,
        width: `${right - left}px`,
        top: `${from}px`,
        height: `${to - from}px`,
      });
    const boxes = columns.map(({ box }) => box);
    const names = ["filters", "pooling", "layer_calculator", "capsules"];
    boxes.forEach((box, i) => {
      const half = 10;
      put(names[i], box.x - half, box.x + box.width + half);
    });
    put("kernels", 2, boxes[0].x - 12, tile.y - 28, tile.y + tile.height + 8);
    put("mnist", units.x - 14, units.x + units.width + 24);
    put("anatomy", boxes[0].x, units.x + units.width, 0, 20);
  }

  /**
   * Send a test digit through the network.
   * @param {number} number
   */
  #show(number) {
    this.number = number;
    this.pad.clear();
    this.#take(this.digits[number]);
    this.#begin();
  }

  /** Begin a pass from the left; where nothing moves, show its end. */
  #begin() {
    clearTimeout(this.waiting);
    this.#small();
    this.notice.textContent = "A test digit, 28 × 28 gray values, goes in at the left.";
    this.time = this.still.matches ? PASS_MS : 0;
    this.last = performance.now();
    cancelAnimationFrame(this.frame);
    this.#tick(this.last);
  }

  /** @param {number} now */
  #tick(now) {
    this.time = Math.min(PASS_MS, this.time + clamp(now - this.last, 0, 100));
    this.last = now;
    this.#paint();
    if (this.time < PASS_MS) {
      this.frame = requestAnimationFrame((later) => this.#tick(later));
      return;
    }
    this.#say();
    if (this.isPlaying && !this.isEmpty)
      this.waiting = window.setTimeout(() => this.#show((this.number + 1) % this.digits.length), REST_MS);
  }

  /**
   * Let test digits take turns, or stop where we are.
   * @param {boolean} isPlaying
   */
  #play(isPlaying) {
    this.#turns(isPlaying);
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.frame);
    if (!isPlaying) {
      this.time = PASS_MS;
      this.#paint();
      this.#say();
    } else this.#show((this.number + 1) % this.digits.length);
  }

  /** Show the next digit or the one before, and stay there. @param {number} by */
  #step(by) {
    this.#turns(false);
    this.#show((this.number + by + this.digits.length) % this.digits.length);
  }

  /** @param {boolean} isPlaying */
  #turns(isPlaying) {
    this.isPlaying = isPlaying;
    this.pause.textContent = isPlaying ? "Pause" : "Play";
    this.notice.setAttribute("aria-live", isPlaying ? "off" : "polite"); // what nobody asked for is not read aloud
  }

  /** Empty the square for a drawing. */
  #ask() {
    this.#turns(false);
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.frame);
    this.pad.clear();
    this.time = PASS_MS;
    this.#take({ pixels: new Float32Array(SIDE * SIDE), label: null });
    this.isEmpty = true;
    this.canvas.focus();
    this.#small();
    this.#paint();
    this.notice.textContent = matchMedia("(pointer: coarse)").matches
      ? "Draw a digit from 0 to 9 on the black square with your finger."
      : "Draw a digit from 0 to 9 on the black square. With the keyboard: space puts the pen down, arrows move it.";
  }

  /**
   * Follow the pen: the network answers with every frame.
   * @param {boolean} begins
   */
  #drawn(begins) {
    if (!this.network) return;
    if (begins && this.digit.label !== null) this.#ask();
    if (begins || this.digit.label !== null) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const pixels = drawDigit(this.pad.strokes, PEN);
      if (pixels) {
        this.#take({ pixels, label: null });
        clearTimeout(this.following);
        this.following = window.setTimeout(() => {
          this.#small();
          this.#say();
        }, QUIET_MS);
      }
      this.#paint();
    });
  }

  /**
   * Compute what the network makes of a digit.
   * @param {Digit} digit
   */
  #take(digit) {
    const network = this.network;
    this.digit = digit;
    this.isEmpty = false;
    this.answer = forward(network, digit.pixels);
    this.flow?.adopt(this.answer);
  }

  #say() {
    if (!this.isEmpty) this.notice.textContent = sentence(this.answer.probabilities, this.digit.label);
  }

  /** Draw everything as it stands. */
  #paint() {
    const { answer, time, flow } = this;
    if (!flow?.layout) return;
    flow.draw(this.isEmpty ? 0 : time);
    this.#paintPad();
    const done = this.isEmpty ? 0 : share(5, time);
    const best = argmax(answer.probabilities);
    this.bars.forEach(({ bar, value, row }, digit) => {
      const part = answer.probabilities[digit];
      bar.style.transform = `scaleX(${(done * part).toFixed(4)})`;
      const text = done === 1 && part >= 0.005 ? `${Math.round(100 * part)}\u202f%` : "";
      if (value.textContent !== text) value.textContent = text;
      row.classList.toggle("best", done === 1 && digit === best);
    });
    const words = done === 1 ? `${best}, ${percent(answer.probabilities[best])}` : "\u00a0";
    if (this.verdict.textContent !== words) this.verdict.textContent = words;
    this.caption.textContent = this.digit.label === null ? "Your digit" : "A test digit, 28 × 28";
    this.draw.textContent = this.digit.label === null ? "Clear and draw again" : "Draw a digit";
    const isShipped = this.digit.label !== null;
    this.hint.textContent = isShipped ? "Draw your own" : this.pad.strokes.length ? "" : "Draw here";
    this.hint.classList.toggle("low", isShipped);
  }

  #paintPad() {
    const side = Math.round(PAD * this.ratio);
    const pen = prepareCanvas(this.canvas, side, side, this.ratio);
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, side, side);
    if (this.digit.label === null) {
      const scale = side / SHEET;
      Object.assign(pen, { lineWidth: 22 * scale, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
      for (const [first, ...rest] of this.pad.strokes) {
        pen.beginPath();
        pen.moveTo(first[0] * scale, first[1] * scale);
        for (const [x, y] of rest.length ? rest : [first]) pen.lineTo(x * scale, y * scale);
        pen.stroke();
      }
      if (this.pad.pen) {
        const [x, y] = this.pad.pen;
        pen.beginPath();
        pen.arc(x * scale, y * scale, 7 * scale, 0, 2 * Math.PI);
        Object.assign(pen, { lineWidth: 4 * scale, strokeStyle: MARK, fillStyle: MARK });
        if (this.pad.isDown) pen.fill();
        pen.stroke();
      }
      return;
    }
    paintPixels(pen, this.digit.pixels, side);
    const done = share(0, this.time);
    if (done <= 0 || done >= 1) return;
    const cell = Math.floor(done * 26 * 26);
    const unit = side / SIDE;
    pen.strokeStyle = MARK;
    pen.lineWidth = 2 * this.ratio;
    pen.strokeRect((cell % 26) * unit, Math.floor(cell / 26) * unit, 3 * unit, 3 * unit);
  }

  /** Draw the three small pictures: the digit's waves, the digit turned, and the digit moved, with its answer. */
  #small() {
    const { tiles, network, digit } = this;
    if (!tiles || !network || !this.ratio) return;
    const draw = (/** @type {Tile} */ { canvas }, /** @type {Float32Array} */ pixels) => {
      const side = Math.round(SIDE * SMALL * this.ratio);
      paintPixels(prepareCanvas(canvas, side, side, this.ratio), pixels, side);
    };
    draw(tiles.waves, spectrum(digit.pixels, this.fourier));
    draw(tiles.turned, moved(digit.pixels, 0, 0, TURN));
    const shifted = moved(digit.pixels, SHIFT, 0, 0);
    draw(tiles.moved, shifted);
    const [answer, before] = [forward(network, shifted).probabilities, this.answer.probabilities].map(argmax);
    const isOther = !this.isEmpty && answer !== before;
    tiles.moved.place.classList.toggle("other", isOther);
    tiles.moved.says.textContent = this.isEmpty ? "" : `${isOther ? "✕" : "="} ${answer}`;
  }
}

/**
 * Return a page's address, as the app's navigation has it: home is where we are.
 * @param {string} page
 */
const address = (page) => `${location.pathname.replace(/\/$/, "")}/${page}`;

/**
 * Draw 28 x 28 gray values as a square.
 * @param {CanvasRenderingContext2D} pen
 * @param {Float32Array} pixels from 0 to 1
 * @param {number} side device pixels
 */
function paintPixels(pen, pixels, side) {
  const image = new ImageData(SIDE, SIDE);
  pixels.forEach((v, i) => image.data.set([255 * v, 255 * v, 255 * v, 255], 4 * i));
  const small = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  small.getContext("2d")?.putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, 0, 0, side, side);
}

/**
 * Return how strong each wave of a picture is, the slowest in the middle: from 0 to 1, on a logarithmic scale.
 * @param {Float32Array} pixels 28 x 28
 * @param {Fourier} fourier of 32 x 32
 */
function spectrum(pixels, fourier) {
  const values = new Float64Array(32 * 32);
  pixels.forEach((v, i) => (values[(Math.floor(i / SIDE) + 2) * 32 + (i % SIDE) + 2] = v));
  const found = strengths(analyze({ depth: 1, height: 32, width: 32, values }, fourier));
  const largest = Math.max(...found) || 1;
  return Float32Array.from(
    { length: SIDE * SIDE },
    (_, i) => found[centered(Math.floor(i / SIDE) + 2, (i % SIDE) + 2, 32)] / largest,
  );
}

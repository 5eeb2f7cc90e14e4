// A layer's planes in large. Pointing at a unit frames what it sees of the picture and tells the sum that made it.

import { mountPart } from "../kit/component.js";
import { css, mix, outline, paintGrid, penOf, prepareCanvas, readTheme, shade } from "../kit/drawing.js";
import { arrowStep, clamp, focused, make } from "../kit/elements.js";
import { decodePixels, formatNumber } from "../kit/math.js";
import { opened, unpack } from "./account.js";
import { stripLength, tellSum } from "./sums.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/math.js").Encoded} Encoded */
/** @typedef {import("./account.js").Packed} Packed */
/** @typedef {import("./account.js").Block} Block */
/** @typedef {import("./account.js").Source} Source */
/** @typedef {{tile: number, row: number, column: number}} Unit The tile counts within the planes in sight. */

/**
 * @typedef {object} Data What core.ui.views.anatomy.unit_view packs.
 * @property {string} name
 * @property {string} alt
 * @property {Packed} planes
 * @property {any} source
 * @property {Encoded} picture
 * @property {number} first plane in sight
 * @property {number} total
 * @property {number} selected
 * @property {boolean} flat
 * @property {boolean} capsules each plane is a capsule: a row of numbers, whose length is drawn below it
 * @property {number} depth neighbors in a flat list that have one position
 * @property {number[]} limits of the colors, of each plane
 * @property {string[]} names of the units
 * @property {number[][]} rows of each row of units: the picture's first row that it sees and the one after the last
 * @property {number[][]} columns
 */

/**
 * @typedef {object} Layout Where the planes stand: device pixels, but for counts.
 * @property {number} per tiles in a row
 * @property {number} unit
 * @property {number} gapX
 * @property {number} gapY
 * @property {number} height units of a tile
 * @property {number} width
 * @property {number} rows of tiles
 * @property {boolean} [named]
 */

/**
 * A canvas with another over it, and its caption.
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function buildGrid(name, attributes) {
  const [canvas, over] = [make("canvas", attributes), make("canvas", { "aria-hidden": "true" })];
  const caption = make("figcaption");
  const figure = make("figure", { class: name }, caption, make("div", { class: "grid" }, canvas, over));
  return { canvas, over, caption, figure };
}

const BESIDE_FROM = 760; // CSS pixels: from here on the picture stands beside the planes
const TALLEST = 520; // CSS pixels of all planes together, as far as units stay visible
const LARGEST_PLANE = 240; // CSS pixels of one plane
const GAP = 7; // CSS pixels between planes
const PICTURE = 270; // CSS pixels
const LENGTH_BAR = 3; // CSS pixels: the line that tells a capsule's length
const NAMES = 150; // CSS pixels beside a short list for its units' names and values
const QUIET_MS = 400; // pause before a screen reader gets an update

class Planes {
  /** @type {Data} */
  data;
  /** @type {Tell} */
  tell;
  /** @type {Block} */
  block;
  /** @type {Source} */
  source;
  /** @type {import("../kit/math.js").Planes} */
  pixels;
  /** @type {Unit} the one pointed at; tile -1: none yet */
  unit;
  /** @type {number} */
  width;
  /** @type {number} */
  ratio;
  /** @type {number} CSS pixels */
  room;
  /** @type {number} device pixels of a pixel of the picture */
  pixel;
  /** @type {Layout} */
  layout;
  /** @type {Theme} */
  theme;
  /** @type {number} */
  speaking;

  /** @param {Parent} parent */
  constructor(parent) {
    const keys = { tabindex: "0", role: "application", "aria-roledescription": "planes of units" };
    this.sprite = buildGrid("sprite", keys);
    this.picture = buildGrid("picture", { role: "img" });
    this.heading = make("p", { class: "heading" });
    this.sums = make("div", { class: "sums" });
    this.spoken = make("p", { class: "spoken", "aria-live": "polite" });
    this.root = make(
      "div",
      { class: "anatomy" },
      this.sprite.figure,
      make("div", { class: "right" }, this.picture.figure, this.heading, this.sums),
      this.spoken,
    );
    parent.append(this.root);
    const { canvas } = this.sprite;
    /** @type {(event: MouseEvent) => void} */
    const point = (event) => {
      const unit = this.unitAt(event);
      if (unit) this.point(unit);
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("click", (event) => {
      const unit = this.unitAt(event);
      if (unit) this.choose(unit);
    });
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.data && this.arrange());
    this.resizes.observe(this.root);
  }

  dispose() {
    this.resizes.disconnect();
    clearTimeout(this.speaking);
    this.root.remove();
  }

  /**
   * @param {Data} data
   * @param {Tell} tell
   */
  update(data, tell) {
    this.tell = tell;
    const same =
      this.data &&
      this.data.name === data.name &&
      this.data.first === data.first &&
      this.data.picture.base64 === data.picture.base64 && // of another picture, another unit is the strongest
      this.data.planes.shape.join() === data.planes.shape.join();
    this.data = data;
    this.block = unpack(data.planes);
    this.source = opened(data.source);
    this.pixels = decodePixels(data.picture);
    if (!same) this.unit = { tile: -1, row: 0, column: 0 };
    this.arrange();
  }

  /** Set sizes and places of everything, then draw the planes themselves. */
  arrange() {
    this.width = this.root.clientWidth;
    if (this.width === 0) return;
    const { data, block } = this;
    const ratio = (this.ratio = window.devicePixelRatio || 1);
    this.theme = readTheme(this.root);
    this.root.dataset.scheme = this.theme.dark ? "dark" : "light";
    const beside = this.width >= BESIDE_FROM;
    this.root.classList.toggle("beside", beside);
    this.room = beside ? (this.width - 32) / 2 : this.width;
    const [count, height, width] = block.shape;
    const wide = Math.floor((beside ? (this.width - 32) / 2 : this.width) * ratio) - 4;
    this.layout = data.flat
      ? this.strips(count, wide)
      : data.capsules && count <= 16
        ? this.rows(count, width, wide)
        : this.tiles(count, height, width, wide);
    this.paint();
    this.caption();
    const [rows, columns] = [this.pixels.height, this.pixels.width];
    this.pixel = Math.max(1, Math.floor((Math.min(PICTURE, this.room) * ratio) / Math.max(rows, columns)));
    paintGrid(
      this.picture.canvas,
      this.pixels,
      { kind: this.pixels.depth === 3 ? "color" : "grey", limit: 1 },
      this.pixel,
      ratio,
      this.theme,
      () => "",
    );
    this.picture.canvas.setAttribute("aria-label", data.alt);
    const selected = clamp(data.selected - data.first, 0, count - 1);
    this.point(this.unit.tile < 0 ? this.strongest(selected) : this.unit);
  }

  /**
   * Lay out planes, as large as all of them fit.
   * @param {number} count
   * @param {number} height
   * @param {number} width
   * @param {number} wide device pixels there are
   * @returns {Layout}
   */
  tiles(count, height, width, wide) {
    const gap = Math.round(GAP * this.ratio);
    const largest = Math.max(1, Math.floor((LARGEST_PLANE * this.ratio) / Math.max(height, width, 4)));
    for (let unit = largest; ; unit--) {
      const per = Math.max(1, Math.min(count, Math.floor((wide + gap) / (width * unit + gap))));
      const tall = Math.ceil(count / per) * (height * unit + gap);
      if (tall > TALLEST * this.ratio && unit > 1) continue;
      const rows = Math.ceil(count / per);
      return { per: Math.ceil(count / rows), unit, gapX: gap, gapY: gap, height, width, rows }; // rows as even as can be
    }
  }

  /**
   * Lay out a few capsules, one below the other, with their names and lengths.
   * @param {number} count
   * @param {number} width numbers of each
   * @param {number} wide
   * @returns {Layout}
   */
  rows(count, width, wide) {
    const unit = Math.max(1, Math.floor(Math.min(24 * this.ratio, (wide - NAMES * this.ratio) / width)));
    const gap = Math.round(GAP * this.ratio);
    return { per: 1, unit, gapX: 0, gapY: gap, height: 1, width, rows: count, named: true };
  }

  /**
   * Return the length of a capsule.
   * @param {number} tile
   */
  length(tile) {
    return Math.sqrt(this.capsule(tile).reduce((sum, value) => sum + value * value, 0));
  }

  /**
   * Return a capsule's numbers.
   * @param {number} tile
   */
  capsule(tile) {
    const [, , width] = this.block.shape;
    return [...this.block.values.subarray(tile * width, (tile + 1) * width)];
  }

  /**
   * Lay out a flat list.
   * @param {number} count
   * @param {number} wide
   * @returns {Layout}
   */
  strips(count, wide) {
    const per = stripLength(count);
    const rows = Math.ceil(count / per);
    const isSquare = per * per === count;
    const most = per === 1 ? 26 : Math.min(22, TALLEST / (rows + 1));
    const gap = isSquare ? 0 : Math.round((per === 1 ? 3 : 2) * this.ratio);
    const unit = Math.max(1, Math.floor(Math.min(most * this.ratio, (wide + gap) / per - gap)));
    return {
      per,
      unit,
      gapX: gap,
      gapY: gap,
      height: 1,
      width: 1,
      rows,
      named: per === 1,
    };
  }

  /**
   * Return left and top of a tile, in device pixels.
   * @param {number} tile
   */
  corner(tile) {
    const { per, unit, gapX, gapY, height, width } = this.layout;
    return [2 + (tile % per) * (width * unit + gapX), 2 + Math.floor(tile / per) * (height * unit + gapY)];
  }

  paint() {
    const { data, block, theme, ratio } = this;
    const [count, height, width] = block.shape;
    const { per, unit, gapX, gapY, rows, named } = this.layout;
    const across = 4 + per * (width * unit + gapX) - gapX + (named ? Math.round(NAMES * ratio) : 0);
    const bar = data.capsules ? Math.round(LENGTH_BAR * ratio) : 0;
    const down = 4 + rows * (height * unit + gapY) - gapY + bar;
    const context = prepareCanvas(this.sprite.canvas, across, down, ratio);
    prepareCanvas(this.sprite.over, across, down, ratio);
    const pixels = new ImageData(width, height * count); // one plane below the other
    const area = width * height;
    for (let i = 0; i < area * count; i++) {
      const limit = data.limits[data.flat ? 0 : Math.floor(i / area)];
      pixels.data.set([...shade(block.values[i], { kind: "signed", limit }, theme), 255], 4 * i);
    }
    const small = make("canvas", { width, height: height * count });
    penOf(small).putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    const line = Math.max(1, Math.round(ratio));
    for (let tile = 0; tile < count; tile++) {
      const [x, y] = this.corner(tile);
      if (!data.flat || named) {
        context.fillStyle = css(mix(theme.background, theme.text, 0.3));
        context.fillRect(x - line, y - line, width * unit + 2 * line, height * unit + 2 * line);
      }
      context.drawImage(small, 0, tile * height, width, height, x, y, width * unit, height * unit);
      if (data.capsules) {
        context.fillStyle = css(theme.text);
        context.fillRect(x, y + unit + line, Math.min(1, this.length(tile)) * width * unit, bar);
      }
      if (!named) continue;
      context.font = `${14 * ratio}px ${theme.font}`;
      context.textBaseline = "middle";
      context.fillStyle = css(theme.text);
      context.fillText(
        `${this.unitName(tile)}: ${formatNumber(data.capsules ? this.length(tile) : block.values[tile])}${data.capsules ? " long" : ""}`,
        x + width * unit + 8 * ratio,
        y + unit / 2,
        NAMES * ratio - 10 * ratio,
      );
    }
    if (data.flat && !named) {
      context.strokeStyle = css(mix(theme.background, theme.text, 0.3));
      context.strokeRect(1.5, 1.5, across - 3, down - 3);
    }
  }

  /** @param {number} tile */
  unitName(tile) {
    return this.data.names[tile] ?? `${tile + 1}`;
  }

  caption() {
    const { data, block } = this;
    const [count, height, width] = block.shape;
    const many = data.total.toLocaleString("en-US");
    const range = data.total > count ? `${data.first + 1} to ${data.first + count} of ` : "";
    const what = data.capsules
      ? `${data.name}: ${range ? "capsules " : ""}${range}${many}${range ? "" : ` capsule${data.total > 1 ? "s" : ""}`} of ${width} numbers; the line below each is its length, whole at 1.`
      : data.flat
        ? `${data.name}: ${many} units`
        : `${data.name}: ${data.total > count ? `planes ${data.first + 1} to ${data.first + count} of ${many}` : `${many} plane${data.total > 1 ? "s" : ""}`} of ${height} × ${width}`;
    const same = data.limits.every((limit) => limit === data.limits[0]);
    const scale = make("span", { class: "scale" });
    scale.append(
      ...(same
        ? [formatNumber(-data.limits[0]), make("i"), formatNumber(data.limits[0])]
        : ["below 0", make("i"), "above 0"]),
    );
    this.sprite.caption.replaceChildren(what, scale);
  }

  /**
   * Return the unit under the pointer, or null between planes.
   * @param {MouseEvent} event
   * @returns {Unit | null}
   */
  unitAt(event) {
    const box = this.sprite.canvas.getBoundingClientRect();
    const { per, unit, gapX, gapY, height, width, named } = this.layout;
    const [x, y] = [(event.clientX - box.left) * this.ratio - 2, (event.clientY - box.top) * this.ratio - 2];
    const [column, row] = [named ? 0 : Math.floor(x / (width * unit + gapX)), Math.floor(y / (height * unit + gapY))];
    const [inX, inY] = [
      named ? Math.min(Math.floor(x / unit), width - 1) : Math.floor((x - column * (width * unit + gapX)) / unit),
      Math.floor((y - row * (height * unit + gapY)) / unit),
    ];
    const tile = row * per + column;
    if (
      column < 0 ||
      column >= per ||
      row < 0 ||
      tile >= this.block.shape[0] ||
      inX < 0 ||
      inX >= width ||
      inY < 0 ||
      inY >= height
    )
      return null;
    return { tile, row: inY, column: inX };
  }

  /**
   * Return the unit of a plane that answers most.
   * @param {number} tile
   * @returns {Unit}
   */
  strongest(tile) {
    const [, height, width] = this.block.shape;
    const plane = this.block.values.subarray(tile * height * width, (tile + 1) * height * width);
    const place = plane.reduce((best, value, i) => (value > plane[best] ? i : best), 0);
    return { tile, row: Math.floor(place / width), column: place % width };
  }

  /**
   * @param {Unit} unit
   * @returns {void}
   */
  point({ tile, row, column }) {
    const [count, height, width] = this.block.shape;
    if (tile >= count || row >= height || column >= width) return this.point(this.strongest(0));
    this.unit = { tile, row, column };
    const value = this.block.values[(tile * height + row) * width + column];
    const plane = this.data.first + tile;
    this.frame();
    const seen = this.drawField(plane);
    const unitWord = this.data.names.length
      ? `Unit for ${this.unitName(tile)}`
      : `Unit ${(plane + 1).toLocaleString("en-US")}`;
    const name = this.data.names.length ? `Capsule of ${this.unitName(tile)}` : `Capsule ${plane + 1}`;
    const where = this.data.capsules
      ? `${name}, ${formatNumber(this.length(tile))} long, number ${column + 1}`
      : this.data.flat
        ? unitWord
        : `Plane ${plane + 1}, row ${row + 1}, column ${column + 1}`;
    this.heading.textContent = `${where}: ${formatNumber(value)}`;
    const capsule = this.data.capsules ? this.capsule(tile) : undefined;
    this.sums.replaceChildren(...tellSum(this, this.source, { tile, plane, row, column, value, capsule })); // this: room, theme, ratio
    this.sprite.canvas.setAttribute(
      "aria-label",
      `${this.heading.textContent}. It sees ${seen}. Arrow keys move the unit, Page Up and Page Down the plane, Enter selects it.`,
    );
    clearTimeout(this.speaking);
    if (focused(this.root) === this.sprite.canvas)
      this.speaking = window.setTimeout(
        () => (this.spoken.textContent = `${this.heading.textContent}. It sees ${seen}.`),
        QUIET_MS,
      );
  }

  /** Draw frames around the unit pointed at, its plane, and the selected plane. */
  frame() {
    const { unit, height, width } = this.layout;
    const { over } = this.sprite;
    const context = prepareCanvas(over, over.width, over.height, this.ratio);
    const line = Math.max(1, Math.round(this.ratio));
    const selected = this.data.selected - this.data.first;
    if (selected >= 0 && selected < this.block.shape[0]) {
      const [x, y] = this.corner(selected);
      context.strokeStyle = css(this.theme.accent);
      context.lineWidth = 3 * line;
      context.strokeRect(x - 1.5, y - 1.5, width * unit + 3, height * unit + 3);
    }
    const [x, y] = this.corner(this.unit.tile);
    context.strokeStyle = css(this.theme.text);
    context.lineWidth = line;
    context.strokeRect(x - 0.5, y - 0.5, width * unit + 1, height * unit + 1);
    outline(context, x + this.unit.column * unit, y + this.unit.row * unit, unit, unit, this.ratio, this.theme);
  }

  /**
   * Draw the receptive field on the picture; return it in words.
   * @param {number} plane
   */
  drawField(plane) {
    const { rows, columns } = this.data;
    const place =
      this.data.flat || this.data.capsules
        ? Math.floor(plane / this.data.depth) % (rows.length * columns.length)
        : this.unit.row * columns.length + this.unit.column;
    const [[top, bottom], [left, right]] = [rows[Math.floor(place / columns.length)], columns[place % columns.length]];
    const { canvas, over, caption } = this.picture;
    const context = prepareCanvas(over, canvas.width, canvas.height, this.ratio);
    const [x, y, width, height] = [left, top, right - left, bottom - top].map((n) => n * this.pixel);
    const size = `${this.pixels.height} × ${this.pixels.width} px, ${this.pixels.depth} channel${this.pixels.depth > 1 ? "s" : ""}`;
    const what = this.data.capsules ? "capsule" : "unit";
    if (width === 0 || height === 0) {
      caption.textContent = `${this.data.alt}, ${size}. The ${what} sees only padding.`;
      return "only padding";
    }
    context.fillStyle = `rgb(${this.theme.background.join(" ")} / 0.5)`;
    context.fillRect(0, 0, over.width, over.height);
    context.clearRect(x, y, width, height);
    const inset = 3 * this.ratio; // within the canvas, or its edge would cut the frame off
    outline(
      context,
      Math.max(x, inset),
      Math.max(y, inset),
      Math.min(width, over.width - inset - Math.max(x, inset)),
      Math.min(height, over.height - inset - Math.max(y, inset)),
      this.ratio,
      this.theme,
    );
    const seen = `${bottom - top}\u00a0×\u00a0${right - left}\u00a0px, rows ${top + 1} to ${bottom}, columns ${left + 1} to ${right}`;
    caption.textContent = `${this.data.alt}, ${size}. The ${what} sees ${seen}.`;
    return seen;
  }

  /** @param {Unit} unit */
  choose({ tile }) {
    const plane = this.data.first + tile;
    if (plane === this.data.selected) return;
    this.data = { ...this.data, selected: plane };
    this.frame(); // at once: the page follows
    this.tell("chosen", plane);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const [count, height, width] = this.block.shape;
    const { per } = this.layout;
    const { tile, row, column } = this.unit;
    /** @type {Record<string, number>} */
    const tiles = {
      PageUp: -1,
      PageDown: 1,
      ...(this.data.flat ? { ArrowLeft: -1, ArrowRight: 1 } : {}),
      ...(this.data.flat || this.data.capsules ? { ArrowUp: -per, ArrowDown: per } : {}),
    };
    if (event.key === "Enter") this.choose(this.unit);
    else if (event.key in tiles) this.point({ tile: clamp(tile + tiles[event.key], 0, count - 1), row, column });
    else {
      const step = arrowStep(event);
      if (!step) return;
      this.point({ tile, row: clamp(row + step[0], 0, height - 1), column: clamp(column + step[1], 0, width - 1) });
    }
    event.preventDefault(); // or the page scrolls
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Planes, component);
}

// A layer's planes, enlarged: pointing at a unit, or moving to it by keys, tells the stage which one it is.

import { css, mix, outline, penOf, prepareCanvas, shade } from "../kit/drawing.js";
import { arrowStep, clamp, make } from "../kit/elements.js";
import { formatNumber } from "../kit/math.js";
import { unpack } from "./unit_arithmetic.js";
import { stripLength } from "./unit_sum.js";

/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/math.js").Encoded} Encoded */
/** @typedef {import("./unit_arithmetic.js").Packed} Packed */
/** @typedef {import("./unit_arithmetic.js").Block} Block */
/** @typedef {{tile: number, row: number, column: number}} Unit The tile counts within the planes in sight. */

/**
 * @typedef {object} Data What core.ui.views.anatomy.layer_planes packs.
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

/** @typedef {{wide: number, tall: number, ratio: number, theme: Theme}} Look Room in CSS pixels, and how to draw. */

const LARGEST_PLANE = 240; // CSS pixels of one plane
const GAP = 7; // CSS pixels between planes
const LENGTH_BAR = 3; // CSS pixels: the line that tells a capsule's length
const NAMES = 150; // CSS pixels beside a short list for its units' names and values

export class Planes {
  /** @type {Data} */
  data;
  /** @type {Block} */
  block;
  /** @type {Unit} the one pointed at; tile -1: none yet */
  unit = { tile: -1, row: 0, column: 0 };
  /** @type {number} */
  ratio;
  /** @type {number} CSS pixels of all planes together, as far as units stay visible */
  tall;
  /** @type {Layout} */
  layout;
  /** @type {Theme} */
  theme;

  /**
   * @param {(unit: Unit) => void} onPoint called with each unit that is pointed at
   * @param {(plane: number) => void} onChoose called with the plane that is selected
   */
  constructor(onPoint, onChoose) {
    this.onPoint = onPoint;
    this.onChoose = onChoose;
    const keys = { tabindex: "0", role: "application", "aria-roledescription": "planes of units" };
    this.canvas = make("canvas", keys);
    this.over = make("canvas", { "aria-hidden": "true" });
    this.caption = make("figcaption");
    this.root = make(
      "figure",
      { class: "sprite" },
      this.caption,
      make("div", { class: "grid" }, this.canvas, this.over),
    );
    /** @type {(event: MouseEvent) => void} */
    const point = (event) => {
      const unit = this.unitAt(event);
      if (unit) this.point(unit);
    };
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
    this.canvas.addEventListener("click", (event) => {
      const unit = this.unitAt(event);
      if (unit) this.choose(unit);
    });
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {Data} data */
  update(data) {
    const before = this.data;
    const same =
      before &&
      before.name === data.name &&
      before.first === data.first &&
      before.picture.base64 === data.picture.base64 && // of another picture, another unit is the strongest
      before.planes.shape.join() === data.planes.shape.join() &&
      (before.selected === data.selected || this.unit.tile === data.selected - data.first);
    if (!same) this.unit = { tile: -1, row: 0, column: 0 };
    this.data = data;
    this.block = unpack(data.planes);
  }

  /**
   * Set sizes and places of everything, draw the planes, and point at the unit pointed at before, or at the default one.
   * @param {Look} look
   */
  arrange({ wide, tall, ratio, theme }) {
    [this.tall, this.ratio, this.theme] = [tall, ratio, theme];
    const { data, block } = this;
    const [count, height, width] = block.shape;
    const room = Math.floor(wide * ratio) - 4;
    this.layout = data.flat
      ? this.strips(count, room)
      : data.capsules && count <= 16
        ? this.rows(count, width, room)
        : this.tiles(count, height, width, room);
    this.paint();
    this.describe();
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
      const tall = 4 + Math.ceil(count / per) * (height * unit + gap) - gap;
      if (tall > this.tall * this.ratio && unit > 1) continue;
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
    const most = per === 1 ? 26 : Math.min(22, this.tall / rows - 3);
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
    const context = prepareCanvas(this.canvas, across, down, ratio);
    prepareCanvas(this.over, across, down, ratio);
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

  describe() {
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
    this.caption.replaceChildren(what, scale);
    this.caption.title = what; // where it is too long for its line
  }

  /**
   * Return the unit under the pointer, or null between planes.
   * @param {MouseEvent} event
   * @returns {Unit | null}
   */
  unitAt(event) {
    const box = this.canvas.getBoundingClientRect();
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
   * Return the unit that answers most in the middle half of a plane: one at the border would see mostly padding.
   * @param {number} tile
   * @returns {Unit}
   */
  strongest(tile) {
    const [, height, width] = this.block.shape;
    const [top, left] = [Math.floor(height / 4), this.data.capsules ? 0 : Math.floor(width / 4)];
    let best = { tile, row: top, column: left };
    for (let row = top; row < height - top; row++)
      for (let column = left; column < width - left; column++)
        if (this.value({ tile, row, column }) > this.value(best)) best = { tile, row, column };
    return best;
  }

  /** @param {Unit} unit */
  value({ tile, row, column }) {
    const [, height, width] = this.block.shape;
    return this.block.values[(tile * height + row) * width + column];
  }

  /**
   * @param {Unit} unit
   * @returns {void}
   */
  point({ tile, row, column }) {
    const [count, height, width] = this.block.shape;
    if (tile >= count || row >= height || column >= width) return this.point(this.strongest(0));
    this.unit = { tile, row, column };
    this.frame();
    this.onPoint(this.unit);
  }

  /** Return in words which unit is pointed at. */
  where() {
    const { data, unit } = this;
    const plane = data.first + unit.tile;
    if (data.capsules) {
      const name = data.names.length ? `Capsule of ${this.unitName(unit.tile)}` : `Capsule ${plane + 1}`;
      return `${name}, ${formatNumber(this.length(unit.tile))} long, number ${unit.column + 1}`;
    }
    if (data.flat)
      return data.names.length ? `Unit for ${this.unitName(unit.tile)}` : `Unit ${(plane + 1).toLocaleString("en-US")}`;
    return `Plane ${plane + 1}, row ${unit.row + 1}, column ${unit.column + 1}`;
  }

  /** Return what the unit pointed at sees of the picture: top, bottom, left, right. */
  field() {
    const { rows, columns, flat, capsules, depth, first } = this.data;
    const place =
      flat || capsules
        ? Math.floor((first + this.unit.tile) / depth) % (rows.length * columns.length)
        : this.unit.row * columns.length + this.unit.column;
    return [...rows[Math.floor(place / columns.length)], ...columns[place % columns.length]];
  }

  /** Draw frames around the unit pointed at, its plane, and the selected plane. */
  frame() {
    const { unit, height, width } = this.layout;
    const context = prepareCanvas(this.over, this.over.width, this.over.height, this.ratio);
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

  /** @param {Unit} unit */
  choose({ tile }) {
    const plane = this.data.first + tile;
    if (plane === this.data.selected) return;
    this.data = { ...this.data, selected: plane };
    this.frame(); // at once: the page follows
    this.onChoose(plane);
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
      const [down, right] = [clamp(row + step[0], 0, height - 1), clamp(column + step[1], 0, width - 1)];
      this.point({ tile, row: down, column: right });
    }
    event.preventDefault(); // or the page scrolls
  }
}

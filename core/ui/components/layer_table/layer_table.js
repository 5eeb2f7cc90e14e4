// The table of layers. Edits are kept here and sent to Python, which returns shapes, costs and errors.
// The rows are a tree (rows.js): an open block is followed by the rows of its body and of its shortcut.

import { mountPart } from "../kit/component.js";
import { focused, make } from "../kit/elements.js";
import { dragRows } from "./dragging.js";
import { BLOCK, BLOCK_NAME, blockFields, kindField, settingFields } from "./fields.js";
import { changeKind } from "./kinds.js";
import { ICONS, layerLine, pictureLine, svgIcon } from "./lines.js";
import { beside, countLayers, inSight, locate, takeOver, toPython } from "./rows.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */

/** @typedef {string | boolean} Value */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Path} Path */
/** @typedef {import("./rows.js").Place} Place */
/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./fields.js").Kind} Kind */

/** @typedef {Record<string, any> & {body: Result[], shortcut: Result[]}} Result */

/**
 * @typedef {object} Data What Python sends.
 * @property {string[]} shape
 * @property {Row[]} layers
 * @property {Kind[]} kinds
 * @property {Result[]} results of each layer
 * @property {string[]} totals parameters, MACs and memory of all
 * @property {{index: number | null, reason: string} | null} error
 * @property {number} most layers
 * @property {number} stamp of the edit that this answers
 */

const HEADS = ["", "Layer", "Settings", "Output", "Parameters", "MACs", "Memory", "Sees (px)", ""];
// What a new layer is, by the kind of the last one before it that is named here; a convolution where none is.
/** @type {Record<string, string>} */
const NEXT = {
  Flatten: "Linear",
  CapsuleLengths: "Linear",
  PrimaryCapsules: "RoutedCapsules",
  RoutedCapsules: "RoutedCapsules",
};

class LayerTable {
  /** @type {Data} */
  data;
  /** @type {Tell} */
  tell;
  /** @type {string} */
  given;
  /** @type {Map<string, Kind>} */
  kinds;
  /** @type {string[]} */
  shape;
  /** @type {Row[]} */
  rows;
  /** @type {string} */
  drawn;
  /** @type {ReturnType<typeof layerLine>[]} */
  lines;
  /** @type {ReturnType<typeof pictureLine>} */
  picture;

  /** @param {Parent} parent */
  constructor(parent) {
    this.sent = 0; // stamp of the latest edit told to Python
    this.isWaiting = false; // for Python's answer to it
    this.opening = /** @type {number | null} */ (null); // a new block, once Python has made its rows
    this.body = make("tbody", { class: "rows" });
    this.totals = ["parameters", "macs", "memory"].map((name) => make("td", { class: name }));
    const head = make(
      "tr",
      {},
      ...HEADS.map((text, i) =>
        text
          ? make("th", { scope: "col", class: text.toLowerCase() }, text)
          : make("td", {}, i ? make("span", { class: "spoken" }, "Change the order") : ""),
      ),
    );
    this.add = make("button", { type: "button", class: "add" }, svgIcon(ICONS.add), "Add a layer");
    this.add.addEventListener("click", () => this.insert([this.rows.length]));
    this.addBlock = make(
      "button",
      {
        type: "button",
        class: "add",
        title: "A residual block that keeps the shape: its input is added to its output",
      },
      svgIcon(ICONS.add),
      "Add a block",
    );
    this.addBlock.addEventListener("click", () => this.insertBlock());
    this.clear = make(
      "button",
      { type: "button", class: "add", title: "Remove all layers; keep the picture" },
      svgIcon(ICONS.remove),
      "Remove all",
    );
    this.clear.addEventListener("click", () => {
      this.rows = [];
      this.changed([0], "select", "All layers removed");
    });
    this.count = make("span"); // a long network is scrolled within the table: this says how much of it there is
    this.spoken = make("p", { class: "spoken", "aria-live": "polite" });
    const foot = make(
      "tr",
      {},
      make("td", { class: "place" }),
      make("th", { scope: "row", colspan: 3 }, "Total"),
      ...this.totals,
      make("td", { colspan: 2 }),
    );
    const caption = make("caption", { class: "spoken" }, "The layers of the network, in order");
    const table = make("table", {}, caption, make("thead", {}, head), this.body, make("tfoot", {}, foot));
    const scroll = make("div", { class: "scroll" }, table);
    this.root = make(
      "div",
      { class: "layers" },
      scroll,
      make("div", { class: "foot" }, this.add, this.addBlock, this.clear, this.count),
      this.spoken,
    );
    this.root.addEventListener(
      "keydown",
      (event) => event.target instanceof HTMLInputElement && event.stopPropagation(),
    ); // Streamlit listens for single letters
    this.body.addEventListener("keydown", (event) => this.press(event));
    dragRows(
      this.body,
      scroll,
      () => this.lines,
      (path, by) => this.move(path, by, ".grip"),
    );
    parent.append(this.root);
  }

  dispose() {
    this.root.remove();
  }

  /**
   * Take over what Python says, unless an edit of ours is still on its way to it.
   * @param {Data} data
   * @param {Tell} tell
   */
  update(data, tell) {
    this.tell = tell;
    const given = JSON.stringify(data);
    if (given === this.given) return; // Streamlit gives what it gave before whenever another part of the page runs
    this.given = given;
    this.data = data;
    this.kinds = new Map(data.kinds.map((kind) => [kind.kind, kind]));
    if (this.sent && data.stamp !== this.sent) return;
    this.rows = takeOver(data.layers, this.rows ?? [], this.isWaiting);
    const opened = this.opening;
    if (opened !== null) this.rows[opened].open = true;
    this.opening = null;
    this.isWaiting = false;
    this.shape = [...data.shape];
    const drawn = this.drawing();
    const hadFocus = this.root.contains(focused(this.root));
    if (drawn === this.drawn) this.refresh();
    else this.build();
    if (opened !== null && hadFocus) this.focus([opened], ".more");
  }

  send() {
    this.sent = Date.now();
    this.isWaiting = true;
    this.tell("edit", { shape: this.shape, layers: toPython(this.rows), stamp: this.sent });
  }

  // ---- what a person does ---------------------------------------------------------------------------------------------

  /** @param {string} name */
  kindOf(name) {
    const kind = this.kinds.get(name);
    if (!kind) throw new Error(`There is no layer kind ${name}.`);
    return kind;
  }

  /**
   * @param {string} kind
   * @returns {Row}
   */
  fresh(kind) {
    return {
      kind,
      values: Object.fromEntries(this.kindOf(kind).cells.map((cell) => [cell.name, cell.fresh])),
      open: false,
    };
  }

  /** @param {Path} path */
  insert(path) {
    if (this.isFull()) return;
    const { list, index } = locate(this.rows, path);
    const before = list.slice(0, index).map((row) => NEXT[row.kind] ?? "");
    list.splice(index, 0, this.fresh(before.filter(Boolean).pop() ?? "Conv"));
    this.changed(path, "select", "Added");
  }

  insertBlock() {
    if (this.isFull()) return;
    this.opening = this.rows.length;
    this.rows.push({ kind: BLOCK, values: {}, open: true, body: null, shortcut: null });
    this.changed([this.opening], ".more", "Added");
  }

  isFull() {
    return countLayers(this.rows) >= this.data.most;
  }

  /**
   * @param {Path} path
   * @returns {void}
   */
  remove(path) {
    const { list, index } = locate(this.rows, path);
    if (list.length === 1 && path.at(-2) === "body") return this.remove(path.slice(0, -2)); // no block without a body
    list.splice(index, 1);
    this.changed(beside(path, Math.min(0, list.length - 1 - index)), ".remove", "Removed");
  }

  /**
   * @param {Path} path
   * @param {number} by
   * @param {string} focus what then has it
   */
  move(path, by, focus = by < 0 ? ".up" : ".down") {
    const { list, index } = locate(this.rows, path);
    if (list[index + by] === undefined) return;
    const [row] = list.splice(index, 1);
    list.splice(index + by, 0, row);
    this.changed(beside(path, by), focus, "Moved");
  }

  /** With Alt, an arrow key moves the row that it is pressed in. @param {KeyboardEvent} event */
  press(event) {
    const { target } = event;
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!event.altKey || !by || !(target instanceof Element) || target.matches("select")) return; // which opens by them
    const line = this.lines.find(({ element }) => element.contains(target));
    if (!line) return;
    event.preventDefault();
    this.move(line.place.path, by, ".grip");
  }

  /**
   * Draw anew after the order or the number of rows has changed, put the focus where the hand is, tell Python.
   * @param {Path} path
   * @param {string} focus
   * @param {string} message
   */
  changed(path, focus, message) {
    this.data = { ...this.data, results: [], error: null };
    this.build();
    const number = this.focus(path, focus);
    this.spoken.textContent = number ? `${message}: layer ${number}` : message;
    this.send();
  }

  /**
   * Put the focus into a row, or on the button that adds one where there is none; return the row's number.
   * @param {Path} path
   * @param {string} selector
   */
  focus(path, selector) {
    const line = this.lines.find(({ place }) => `${place.path}` === `${path}`);
    const wanted = line?.element.querySelector(`${selector}:not(:disabled)`);
    const other = line?.element.querySelector("button:not(:disabled)");
    const target = wanted ?? other ?? this.add;
    if (target instanceof HTMLElement) target.focus();
    return line?.place.number;
  }

  // ---- drawing --------------------------------------------------------------------------------------------------------

  /** Return what `refresh` cannot change. */
  drawing() {
    return JSON.stringify(
      inSight(this.rows).map(({ path, row }) => [path, row.kind, row.open, !row.open && row.summary]),
    );
  }

  build() {
    this.drawn = this.drawing();
    this.lines = inSight(this.rows).map((place) => this.line(place));
    this.picture = pictureLine(this.shape, (index, value) => {
      this.shape[index] = value;
      this.send();
    });
    this.body.replaceChildren(this.picture.element, ...this.lines.flatMap((line) => [line.element, line.refusal]));
    this.refresh();
  }

  /** Put texts, results and refusals in place; a cell that is being written in is left alone. */
  refresh() {
    const at = focused(this.root);
    const put = (/** @type {Field} */ input, /** @type {Value} */ value) => {
      if (input === at && input.type === "text") return;
      if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = Boolean(value);
      else input.value = String(value);
    };
    const { error } = this.data;
    this.shape.forEach((value, i) => put(this.picture.inputs[i], value));
    for (const line of this.lines) {
      const { path, number } = line.place;
      const { values } = this.rowAt(path);
      for (const [name, input] of Object.entries(line.inputs)) put(input, values[name]);
      const result = this.resultAt(path);
      line.element.classList.toggle("dim", !result);
      line.show(result);
      const wrong = error !== null && path.length === 1 && error.index === path[0];
      line.element.classList.toggle("wrong", wrong);
      line.refusal.hidden = !wrong;
      line.reason.textContent = wrong ? `Layer ${number}: ${error.reason}` : "";
    }
    this.totals.forEach((cell, i) => (cell.textContent = this.data.totals[i]));
    const wrong = error && (error.index === null || error.index >= this.rows.length);
    this.picture.problem.hidden = !wrong;
    this.picture.problem.textContent = wrong ? error.reason : "";
    this.add.disabled = this.addBlock.disabled = this.isFull();
    this.clear.disabled = this.rows.length === 0;
    this.count.textContent = `${this.rows.length} ${this.rows.length === 1 ? "layer" : "layers"}`;
  }

  /**
   * Return the row at a path. Python's answer brings new ones: an element keeps its path, not its row.
   * @param {Path} path
   */
  rowAt(path) {
    const { list, index } = locate(this.rows, path);
    return list[index];
  }

  /**
   * @param {Path} path
   * @returns {Result | undefined}
   */
  resultAt(path) {
    let results = this.data.results;
    for (let i = 0; i + 2 < path.length; i += 2)
      results = results[Number(path[i])]?.[/** @type {import("./rows.js").Branch} */ (path[i + 1])] ?? [];
    return results[Number(path.at(-1))];
  }

  /** @param {Place} place */
  line(place) {
    const { path, row } = place;
    const { list, index } = locate(this.rows, path);
    /** @type {Record<string, Field>} */
    const inputs = {};
    const isBlock = row.body !== undefined;
    const kind =
      isBlock && path.length > 1
        ? make("span", {}, BLOCK_NAME)
        : kindField(place, [...this.kinds.values()], (kind, name) => this.choose(path, kind, name));
    const fields = isBlock ? blockFields(place, this) : settingFields(place, this.kindOf(row.kind).cells, inputs, this);
    return layerLine(place, this.roleOf(row.kind), kind, fields, inputs, {
      up: index === 0 ? null : () => this.move(path, -1),
      down: index === list.length - 1 ? null : () => this.move(path, 1),
      add: () => this.insert(beside(path, 1)),
      remove: () => this.remove(path),
    });
  }

  /**
   * Change a row's kind. As a block, it becomes the only one in it.
   * @param {Path} path
   * @param {string} kind
   * @param {string} name
   */
  choose(path, kind, name) {
    const { list, index } = locate(this.rows, path);
    const old = list[index];
    if (kind === BLOCK) {
      list[index] = { kind: BLOCK, values: {}, open: true, body: [{ ...old, open: false }], shortcut: null };
      this.opening = index;
    } else if (old.body !== undefined) list[index] = this.fresh(kind);
    else list[index] = { ...old, kind, ...changeKind(old, kind, this.kindOf(kind).cells) };
    this.changed(path, "select", `Now ${name}`);
  }

  /** @param {string} kind */
  roleOf(kind) {
    return this.kinds.get(kind)?.role ?? "block";
  }

  /**
   * Open or close a row's rare settings, or a block's rows.
   * @param {Path} path
   */
  toggle(path) {
    const row = this.rowAt(path);
    row.open = !row.open;
    this.build();
    this.focus(path, ".more");
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(LayerTable, component);
}

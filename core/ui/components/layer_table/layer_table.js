// The table of layers. Edits are kept here and sent to Python, which returns shapes, costs and errors.
// The rows are a tree (rows.js): an open block is followed by the rows of its body and of its shortcut.

import { mountPart } from "../kit/component.js";
import { focused, make } from "../kit/elements.js";
import { changeKind } from "./kinds.js";
import { BRANCHES, beside, countLayers, inSight, locate, takeOver, toPython } from "./rows.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */

/** @typedef {string | boolean} Value */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Path} Path */
/** @typedef {import("./rows.js").Place} Place */
/** @typedef {{name: string, letter: string, title: string, fresh: Value, rare: boolean, flag: boolean, choices: string[], words: string[]}} Cell */
/** @typedef {{kind: string, name: string, group: string, role: string, cells: Cell[]}} Kind */
/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

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

/** @type {(path: string) => HTMLElement} */
const svgIcon = (path) => {
  const span = make("span", { "aria-hidden": "true" });
  span.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" stroke-width="1.8"><path d="${path}"/></svg>`;
  return span;
};
const ICONS = { up: "M3 10l5-5 5 5", down: "M3 6l5 5 5-5", add: "M8 3v10M3 8h10", remove: "M4 4l8 8M12 4l-8 8" };
const HEADS = ["", "Layer", "Settings", "Output", "Parameters", "MACs", "Memory", "Sees (px)", ""];
// What a new layer is, by the kind of the last one before it that is named here; a convolution where none is.
/** @type {Record<string, string>} */
const NEXT = {
  Flatten: "Linear",
  CapsuleLengths: "Linear",
  PrimaryCapsules: "RoutedCapsules",
  RoutedCapsules: "RoutedCapsules",
};
const BLOCK = "Residual";
const BLOCK_NAME = "Residual block";
const SHAPE = ["D_in", "H_in", "W_in"];
const SHAPE_TITLES = ["Depth D_in, in planes", "Height H_in, in pixels", "Width W_in, in pixels"];

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
  /** @type {ReturnType<LayerTable["line"]>[]} */
  lines;
  /** @type {ReturnType<LayerTable["pictureLine"]>} */
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
    this.root = make(
      "div",
      { class: "layers" },
      make(
        "div",
        { class: "scroll" },
        make(
          "table",
          {},
          make("caption", { class: "spoken" }, "The layers of the network, in order"),
          make("thead", {}, head),
          this.body,
          make(
            "tfoot",
            {},
            make(
              "tr",
              {},
              make("td", { class: "place" }),
              make("th", { scope: "row", colspan: 3 }, "Total"),
              ...this.totals,
              make("td", { colspan: 2 }),
            ),
          ),
        ),
      ),
      make("div", { class: "foot" }, this.add, this.addBlock, this.clear, this.count),
      this.spoken,
    );
    this.root.addEventListener(
      "keydown",
      (event) => event.target instanceof HTMLInputElement && event.stopPropagation(),
    ); // Streamlit listens for single letters
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
   */
  move(path, by) {
    const { list, index } = locate(this.rows, path);
    const [row] = list.splice(index, 1);
    list.splice(index + by, 0, row);
    this.changed(beside(path, by), by < 0 ? ".up" : ".down", "Moved");
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
    this.picture = this.pictureLine();
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

  /**
   * @param {string} label
   * @param {string} title
   * @param {string} value
   * @param {(value: string) => void} write
   * @returns {[HTMLElement, HTMLInputElement]}
   */
  text(label, title, value, write) {
    const input = make("input", {
      type: "text",
      maxlength: 20,
      "aria-label": title,
      autocomplete: "off",
      spellcheck: "false",
      value,
    });
    input.addEventListener("change", () => (write(input.value), this.send()));
    const [sign, index] = label.split("_");
    const letters = make("span", { "aria-hidden": "true" }, sign, ...(index ? [make("sub", {}, index)] : []));
    return [make("label", { title }, letters, input), input];
  }

  pictureLine() {
    const fields = SHAPE.map((label, i) =>
      this.text(label, SHAPE_TITLES[i], this.shape[i], (value) => (this.shape[i] = value)),
    );
    const problem = make("p", { class: "problem", role: "alert" });
    const element = make(
      "tr",
      { class: "picture" },
      make("td", { class: "place" }, ""),
      make("th", { scope: "row" }, "Picture"),
      make(
        "td",
        { class: "settings", colspan: 7 },
        make("div", { class: "fields" }, ...fields.map(([field]) => field)),
        problem,
      ),
    );
    return { element, problem, inputs: fields.map(([, input]) => input) };
  }

  /** @param {Place} place */
  line(place) {
    const { path, row, number } = place;
    const { list, index } = locate(this.rows, path);
    /** @type {Record<string, Field>} */
    const inputs = {};
    const isBlock = row.body !== undefined;
    const kind = isBlock && path.length > 1 ? make("span", {}, BLOCK_NAME) : this.choice(place);
    const fields = isBlock ? this.blockFields(place) : this.fields(place, inputs);
    /** @type {(name: keyof typeof ICONS, title: string, disabled: boolean, act: () => void) => Node} */
    const button = (name, title, disabled, act) => {
      const element = make(
        "button",
        { type: "button", class: name, title, "aria-label": `${title}: layer ${number}` },
        svgIcon(ICONS[name]),
      );
      element.disabled = disabled;
      element.addEventListener("click", act);
      return element;
    };
    const buttons = make(
      "td",
      { class: "buttons" },
      button("up", "Move up", index === 0, () => this.move(path, -1)),
      button("down", "Move down", index === list.length - 1, () => this.move(path, 1)),
      button("add", "Add a layer below", false, () => this.insert(beside(path, 1))),
      button("remove", "Remove", false, () => this.remove(path)),
    );
    const note = make("small");
    const [parameterBar, macBar] = [make("i", { "aria-hidden": "true" }), make("i", { "aria-hidden": "true" })];
    /** @type {(name: string, label: string, ...behind: Node[]) => {name: string, text: Node, cell: HTMLElement}} */
    const result = (name, label, ...behind) => {
      const text = make("span");
      return { name, text, cell: make("td", { class: name, "data-label": label }, text, ...behind) };
    };
    const [parameters, macs] = [result("parameters", "parameters", parameterBar), result("macs", "MACs", macBar)];
    const outs = [
      result("output", "output", note),
      parameters,
      macs,
      result("memory", "memory"),
      result("field", "sees (px)"),
    ];
    /** @type {(found: Record<string, any> | undefined) => void} */
    const show = (found) => {
      for (const { name, text, cell } of outs) {
        text.textContent = found ? found[name] : "—";
        cell.classList.toggle("none", found?.[name] === "0");
      }
      note.textContent = found?.unused ?? "";
      for (const { name, cell, bar } of [
        { ...parameters, bar: parameterBar },
        { ...macs, bar: macBar },
      ]) {
        const share = found?.[`${name}_share`] ?? 0;
        bar.style.width = `${100 * share}%`;
        cell.title = found ? `${(100 * share).toFixed(1)} % of the network's` : "";
      }
    };
    const element = make(
      "tr",
      { class: `layer ${path.length > 1 ? "inner" : ""}`, "data-role": this.roleOf(row.kind) },
      make("td", { class: "place" }, number),
      make("td", { class: "kind" }, kind),
      make("td", { class: "settings" }, make("div", { class: "fields" }, ...fields)),
      ...outs.map(({ cell }) => cell),
      buttons,
    );
    const reason = make("td", { colspan: 9, role: "alert" });
    const refusal = make("tr", { class: "refusal" }, reason);
    return { place, element, refusal, reason, inputs, show };
  }

  /** @param {string} kind */
  roleOf(kind) {
    return this.kinds.get(kind)?.role ?? "block";
  }

  /**
   * Return what stands in a block's row: its layers in words, and the button that opens them into rows.
   * @param {Place} place
   */
  blockFields({ path, row, number }) {
    const inside = BRANCHES.reduce((sum, branch) => sum + (row[branch]?.length ?? 0), 0);
    const text = row.open ? "fold" : `edit ${inside} layers`;
    const button = make(
      "button",
      { type: "button", class: "more", "aria-expanded": row.open, "aria-label": `${text}: block ${number}` },
      text,
    );
    button.addEventListener("click", () => this.toggle(path));
    const words = (row.summary ?? []).join(" ");
    return row.open ? [button] : [button, make("p", { title: words }, words)];
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

  /**
   * Return the kinds to choose from. As a block, a row becomes the only one in it.
   * @param {Place} place
   */
  choice({ path, row, number }) {
    const kinds = [...this.kinds.values()];
    const group = (/** @type {string} */ label) =>
      make(
        "optgroup",
        { label },
        ...kinds.filter((one) => one.group === label).map(({ kind, name }) => make("option", { value: kind }, name)),
      );
    const blocks = make("optgroup", { label: "Blocks" }, make("option", { value: BLOCK }, BLOCK_NAME));
    const kind = make(
      "select",
      { "aria-label": `Kind of layer ${number}` },
      ...[...new Set(kinds.map((one) => one.group))].map(group),
      ...(path.length === 1 ? [blocks] : []),
    );
    kind.value = row.kind;
    kind.addEventListener("change", () => {
      const { list, index } = locate(this.rows, path);
      const old = list[index];
      if (kind.value === BLOCK) {
        list[index] = { kind: BLOCK, values: {}, open: true, body: [{ ...old, open: false }], shortcut: null };
        this.opening = index;
      } else if (old.body !== undefined) list[index] = this.fresh(kind.value);
      else {
        const { cells } = this.kindOf(kind.value);
        list[index] = { ...old, kind: kind.value, ...changeKind(old, kind.value, cells) };
      }
      this.changed(path, "select", `Now ${kind.selectedOptions[0].textContent}`);
    });
    return kind;
  }

  /**
   * Return the settings in sight; their inputs go into `inputs`, by name.
   * @param {Place} place
   * @param {Record<string, Field>} inputs
   */
  fields(place, inputs) {
    const { kind, open } = place.row;
    const { cells } = this.kindOf(kind);
    const fields = cells
      .filter((cell) => !cell.rare || open)
      .map((cell) => {
        const [field, input] = this.cell(cell, place);
        inputs[cell.name] = input;
        return field;
      });
    if (cells.some((cell) => cell.rare))
      fields.push(
        this.more(
          place,
          cells.filter((cell) => cell.rare),
        ),
      );
    return fields;
  }

  /**
   * Return one setting's field. What is written goes to the row that stands at that place then.
   * @param {Cell} cell
   * @param {Place} place
   * @returns {[HTMLElement, Field]}
   */
  cell(cell, { path, row, number }) {
    const title = `${cell.title.split(";")[0]}, layer ${number}`;
    const write = (/** @type {Value} */ value) => (this.rowAt(path).values[cell.name] = value);
    if (cell.flag) {
      const input = make("input", { type: "checkbox", "aria-label": title });
      input.addEventListener("change", () => (write(input.checked), this.send()));
      return [make("label", { title: cell.title }, make("span", { "aria-hidden": "true" }, cell.letter), input), input];
    }
    if (cell.choices.length) {
      const input = make(
        "select",
        { "aria-label": title },
        ...cell.choices.map((choice) => make("option", { value: choice }, choice.replace("_", " "))),
      );
      input.addEventListener("change", () => (write(input.value), this.send()));
      return [make("label", { title: cell.title }, input), input];
    }
    const [field, input] = this.text(cell.letter, title, String(row.values[cell.name]), write);
    field.title = cell.title;
    if (cell.name === "stride" && row.kind === "Pool") input.placeholder = "F";
    return [field, input];
  }

  /**
   * Open the rare settings, and say in short which of them are not as usual.
   * @param {Place} place
   * @param {Cell[]} rare
   */
  more({ path, row, number }, rare) {
    const unusual = rare
      .filter((cell) => row.values[cell.name] !== cell.fresh)
      .map((cell) =>
        cell.flag ? `${row.values[cell.name] ? "" : "no "}${cell.letter}` : `${cell.letter} ${row.values[cell.name]}`,
      );
    const text = row.open ? "less" : unusual.join(", ") || "more";
    const shown = text === "more" ? "⋯" : text;
    const button = make(
      "button",
      {
        type: "button",
        class: "more",
        "aria-expanded": row.open,
        title: "Further settings",
        "aria-label": `${text}: further settings of layer ${number}`,
      },
      shown,
    );
    button.addEventListener("click", () => this.toggle(path));
    return button;
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(LayerTable, component);
}

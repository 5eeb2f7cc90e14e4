// The table of layers. Edits are kept here and sent to Python, which returns shapes, costs and errors.
// A row is {kind, values: {name: text or flag}, open, memory}. `open` says whether its rare settings are in sight; `memory` is
// what it held as another kind (kinds.js). A block has a name and lines, `summary`, instead of cells: it can be moved and removed
// as it is.

import { mountPart } from "../kit/component.js";
import { find, focused, make } from "../kit/elements.js";
import { changeKind } from "./kinds.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */

/** @typedef {string | boolean} Value */
/** @typedef {import("./kinds.js").Memory} Memory */
/** @typedef {{kind: string, values: Record<string, Value>, open: boolean, memory?: Memory, name?: string, summary?: string[]}} Row */
/** @typedef {{name: string, letter: string, title: string, fresh: Value, rare: boolean, flag: boolean, choices: string[], words: string[]}} Cell */
/** @typedef {{kind: string, name: string, group: string, cells: Cell[]}} Kind */
/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/**
 * @typedef {object} Data What Python sends.
 * @property {string[]} shape
 * @property {Omit<Row, "open">[]} layers
 * @property {Kind[]} kinds
 * @property {(Record<string, any> | undefined)[]} results of each layer
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
    this.body = make("tbody");
    const head = make(
      "tr",
      {},
      ...HEADS.map((text, i) =>
        text
          ? make("th", { scope: "col" }, text)
          : make("td", {}, i ? make("span", { class: "spoken" }, "Change the order") : ""),
      ),
    );
    this.add = make("button", { type: "button", class: "add" }, svgIcon(ICONS.add), "Add a layer");
    this.add.addEventListener("click", () => this.insert(this.rows.length));
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
        ),
      ),
      make("div", { class: "foot" }, this.add, this.count),
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
    const same = this.rows?.length === data.layers.length ? this.rows : [];
    const memories = this.isWaiting ? same.map((row) => row.memory) : []; // of these rows; a preset brings others
    this.isWaiting = false;
    this.shape = [...data.shape];
    this.rows = data.layers.map((row, i) => ({
      ...row,
      values: { ...row.values },
      open: same[i]?.open ?? false,
      memory: memories[i],
    }));
    const drawn = this.drawing();
    if (drawn === this.drawn) this.refresh();
    else this.build();
  }

  send() {
    this.sent = Date.now();
    this.isWaiting = true;
    const layers = this.rows.map(({ kind, values }) => ({ kind, values }));
    this.tell("edit", { shape: this.shape, layers, stamp: this.sent });
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

  /** @param {number} place */
  insert(place) {
    if (this.rows.length >= this.data.most) return;
    const before = this.rows.slice(0, place).map((row) => NEXT[row.kind] ?? "");
    this.rows.splice(place, 0, this.fresh(before.filter(Boolean).pop() ?? "Conv"));
    this.changed(place, "select", `Layer ${place + 1} added`);
  }

  /** @param {number} place */
  remove(place) {
    this.rows.splice(place, 1);
    this.changed(Math.min(place, this.rows.length - 1), ".remove", `Layer ${place + 1} removed`);
  }

  /**
   * @param {number} place
   * @param {number} by
   */
  move(place, by) {
    const [row] = this.rows.splice(place, 1);
    this.rows.splice(place + by, 0, row);
    const name = by < 0 ? ".up" : ".down";
    this.changed(place + by, name, `Now layer ${place + by + 1}`);
  }

  /**
   * Draw anew after the order or the number of rows has changed, put the focus where the hand is, tell Python.
   * @param {number} place
   * @param {string} focus
   * @param {string} message
   */
  changed(place, focus, message) {
    this.data = { ...this.data, results: [], error: null };
    this.build();
    const line = this.lines[place]?.element;
    const wanted = line?.querySelector(`${focus}:not(:disabled)`) ?? line?.querySelector("button:not(:disabled)");
    (wanted instanceof HTMLElement ? wanted : this.add).focus();
    this.spoken.textContent = message;
    this.send();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------------

  /** Return what `refresh` cannot change. */
  drawing() {
    return this.rows.map(({ kind, open, summary }) => [kind, open, summary]).join();
  }

  build() {
    this.drawn = this.drawing();
    this.lines = this.rows.map((_, place) => this.line(place));
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
    this.lines.forEach((line, place) => {
      for (const [name, input] of Object.entries(line.inputs)) put(input, this.rows[place].values[name]);
      const result = this.data.results[place];
      line.element.classList.toggle("dim", !result);
      line.show(result);
      const wrong = error?.index === place;
      line.element.classList.toggle("wrong", wrong);
      line.refusal.hidden = !wrong;
      line.reason.textContent = wrong ? `Layer ${place + 1}: ${error.reason}` : "";
    });
    const wrong = error && (error.index === null || error.index >= this.rows.length);
    this.picture.problem.hidden = !wrong;
    this.picture.problem.textContent = wrong ? error.reason : "";
    this.add.disabled = this.rows.length >= this.data.most;
    this.count.textContent = `${this.rows.length} ${this.rows.length === 1 ? "layer" : "layers"}`;
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
    return [make("label", { title }, make("span", { "aria-hidden": "true" }, label), input), input];
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

  /** @param {number} place */
  line(place) {
    const row = this.rows[place];
    /** @type {Record<string, Field>} */
    const inputs = {};
    const kind = row.summary ? make("span", {}, row.name ?? "") : this.choice(place);
    const fields = row.summary ? row.summary.map((line) => make("p", {}, line)) : this.fields(place, inputs);
    /** @type {(name: keyof typeof ICONS, title: string, disabled: boolean, act: () => void) => Node} */
    const button = (name, title, disabled, act) => {
      const element = make(
        "button",
        { type: "button", class: name, title, "aria-label": `${title}: layer ${place + 1}` },
        svgIcon(ICONS[name]),
      );
      element.disabled = disabled;
      element.addEventListener("click", act);
      return element;
    };
    const buttons = make(
      "td",
      { class: "buttons" },
      button("up", "Move up", place === 0, () => this.move(place, -1)),
      button("down", "Move down", place === this.rows.length - 1, () => this.move(place, 1)),
      button("add", "Add a layer below", false, () => this.insert(place + 1)),
      button("remove", "Remove", false, () => this.remove(place)),
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
      { class: "layer" },
      make("td", { class: "place" }, `${place + 1}`),
      make("td", { class: "kind" }, kind),
      make("td", { class: "settings" }, make("div", { class: "fields" }, ...fields)),
      ...outs.map(({ cell }) => cell),
      buttons,
    );
    const reason = make("td", { colspan: 9, role: "alert" });
    const refusal = make("tr", { class: "refusal" }, reason);
    return { element, refusal, reason, inputs, show };
  }

  /**
   * Return the kinds to choose from.
   * @param {number} place
   */
  choice(place) {
    const kinds = [...this.kinds.values()];
    const group = (/** @type {string} */ label) =>
      make(
        "optgroup",
        { label },
        ...kinds.filter((one) => one.group === label).map(({ kind, name }) => make("option", { value: kind }, name)),
      );
    const kind = make(
      "select",
      { "aria-label": `Kind of layer ${place + 1}` },
      ...[...new Set(kinds.map((one) => one.group))].map(group),
    );
    kind.value = this.rows[place].kind;
    kind.addEventListener("change", () => {
      const row = this.rows[place];
      const { name, cells } = this.kindOf(kind.value);
      this.rows[place] = { ...row, kind: kind.value, ...changeKind(row, kind.value, cells) };
      this.changed(place, "select", `Layer ${place + 1} is now ${name}`);
    });
    return kind;
  }

  /**
   * Return the settings in sight; their inputs go into `inputs`, by name.
   * @param {number} place
   * @param {Record<string, Field>} inputs
   */
  fields(place, inputs) {
    const { kind, open } = this.rows[place];
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
   * Return one setting's field. What is written goes to the row that stands at `place` then: Python's answer brings new ones.
   * @param {Cell} cell
   * @param {number} place
   * @returns {[HTMLElement, Field]}
   */
  cell(cell, place) {
    const title = `${cell.title.split(";")[0]}, layer ${place + 1}`;
    const write = (/** @type {Value} */ value) => (this.rows[place].values[cell.name] = value);
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
    const [field, input] = this.text(cell.letter, title, String(this.rows[place].values[cell.name]), write);
    field.title = cell.title;
    if (cell.name === "stride" && this.rows[place].kind === "Pool") input.placeholder = "F";
    return [field, input];
  }

  /**
   * Open the rare settings, and say in short which of them are not as usual.
   * @param {number} place
   * @param {Cell[]} rare
   */
  more(place, rare) {
    const row = this.rows[place];
    const unusual = rare
      .filter((cell) => row.values[cell.name] !== cell.fresh)
      .map((cell) =>
        cell.flag ? `${row.values[cell.name] ? "" : "no "}${cell.letter}` : `${cell.letter} ${row.values[cell.name]}`,
      );
    const text = row.open ? "less" : unusual.join(", ") || "more";
    const button = make(
      "button",
      {
        type: "button",
        class: "more",
        "aria-expanded": row.open,
        "aria-label": `${text}: further settings of layer ${place + 1}`,
      },
      text,
    );
    button.addEventListener("click", () => {
      this.rows[place].open = !this.rows[place].open;
      this.build();
      find(this.lines[place].element, ".more").focus();
    });
    return button;
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(LayerTable, component);
}

// The table of layers. What is written in it is kept here and told to Python, which answers with shapes, costs and refusals.
// A row is {kind, values: {name: text or flag}, open, memory}. `open` says whether its rare settings are in sight; `memory` is
// what it held as another kind (kinds.js). A block has a name and lines, `told`, instead of cells: it can be moved and removed
// as it is.

const svgIcon = (path) => {
  const span = make("span", { "aria-hidden": "true" });
  span.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" stroke-width="1.8"><path d="${path}"/></svg>`;
  return span;
};
const ICONS = { up: "M3 10l5-5 5 5", down: "M3 6l5 5 5-5", add: "M8 3v10M3 8h10", remove: "M4 4l8 8M12 4l-8 8" };
const HEADS = ["", "Layer", "Settings", "Output", "Parameters", "MACs", "Memory", "Sees (px)", ""];
const SHAPE = ["D_in", "H_in", "W_in"];
const SHAPE_TITLES = ["Depth D_in, in planes", "Height H_in, in pixels", "Width W_in, in pixels"];

class LayerTable {
  constructor(parent) {
    this.sent = 0; // stamp of the latest edit told to Python
    this.isWaiting = false; // for Python's answer to it
    this.body = make("tbody");
    const head = make("tr", {}, ...HEADS.map((text, i) => (text ? make("th", { scope: "col" }, text) : make("td", {}, i ? make("span", { class: "spoken" }, "Change the order") : ""))));
    this.add = make("button", { type: "button", class: "add" }, svgIcon(ICONS.add), "Add a layer");
    this.add.addEventListener("click", () => this.insert(this.rows.length));
    this.count = make("span"); // a long network is scrolled within the table: this says how much of it there is
    this.spoken = make("p", { class: "spoken", "aria-live": "polite" });
    this.root = make("div", { class: "layers" }, make("div", { class: "scroll" }, make("table", {}, make("caption", { class: "spoken" }, "The layers of the network, in order"), make("thead", {}, head), this.body)), make("div", { class: "foot" }, this.add, this.count), this.spoken);
    this.root.addEventListener("keydown", (event) => event.target.tagName === "INPUT" && event.stopPropagation()); // Streamlit listens for single letters
    parent.append(this.root);
  }

  dispose() {
    this.root.remove();
  }

  /** Takes over what Python says, unless an edit of ours is still on its way to it. */
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
    this.rows = data.layers.map((row, i) => ({ ...row, values: { ...row.values }, open: same[i]?.open ?? false, memory: memories[i] }));
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

  fresh(kind) {
    return { kind, values: Object.fromEntries(this.kinds.get(kind).cells.map((cell) => [cell.name, cell.fresh])), open: false };
  }

  insert(place) {
    if (this.rows.length >= this.data.most) return;
    const flat = this.rows.slice(0, place).some((row) => row.kind === "Flatten");
    this.rows.splice(place, 0, this.fresh(flat ? "Linear" : "Conv"));
    this.changed(place, "select", `Layer ${place + 1} added`);
  }

  remove(place) {
    this.rows.splice(place, 1);
    this.changed(Math.min(place, this.rows.length - 1), ".remove", `Layer ${place + 1} removed`);
  }

  move(place, by) {
    const [row] = this.rows.splice(place, 1);
    this.rows.splice(place + by, 0, row);
    const name = by < 0 ? ".up" : ".down";
    this.changed(place + by, name, `Now layer ${place + by + 1}`);
  }

  /** After the order or the number of rows has changed: draw anew, put the focus where the hand is, tell Python. */
  changed(place, focus, said) {
    this.data = { ...this.data, results: [], error: null };
    this.build();
    const line = this.body.querySelectorAll("tr.layer")[place];
    const target = line?.querySelector(focus);
    (target && !target.disabled ? target : line?.querySelector("button:not(:disabled)") ?? this.add).focus();
    this.spoken.textContent = said;
    this.send();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------------

  /** What `refresh` cannot change. */
  drawing() {
    return this.rows.map(({ kind, open, told }) => [kind, open, told]).join();
  }

  build() {
    this.drawn = this.drawing();
    this.lines = this.rows.map((_, place) => this.line(place));
    this.picture = this.pictureLine();
    this.body.replaceChildren(this.picture.element, ...this.lines.flatMap((line) => [line.element, line.refusal]));
    this.refresh();
  }

  /** Puts texts, results and refusals in place; a cell that is being written in is left alone. */
  refresh() {
    const at = this.root.getRootNode().activeElement;
    const put = (input, value) => {
      if (input === at && input.type === "text") return;
      if (input.type === "checkbox") input.checked = value;
      else input.value = value;
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
      line.refusal.lastChild.textContent = wrong ? `Layer ${place + 1}: ${error.reason}` : "";
    });
    const wrong = error && (error.index === null || error.index >= this.rows.length);
    this.picture.problem.hidden = !wrong;
    this.picture.problem.textContent = wrong ? error.reason : "";
    this.add.disabled = this.rows.length >= this.data.most;
    this.count.textContent = `${this.rows.length} ${this.rows.length === 1 ? "layer" : "layers"}`;
  }

  text(label, title, value, write) {
    const input = make("input", { type: "text", maxlength: 20, "aria-label": title, autocomplete: "off", spellcheck: "false", value });
    input.addEventListener("change", () => (write(input.value), this.send()));
    return [make("label", { title }, make("span", { "aria-hidden": "true" }, label), input), input];
  }

  pictureLine() {
    const fields = SHAPE.map((label, i) => this.text(label, SHAPE_TITLES[i], this.shape[i], (value) => (this.shape[i] = value)));
    const problem = make("p", { class: "problem", role: "alert" });
    const element = make("tr", { class: "picture" }, make("td", { class: "place" }, ""), make("th", { scope: "row" }, "Picture"), make("td", { class: "settings", colspan: 7 }, make("div", { class: "fields" }, ...fields.map(([field]) => field)), problem));
    return { element, problem, inputs: fields.map(([, input]) => input) };
  }

  line(place) {
    const row = this.rows[place];
    const inputs = {};
    const kind = row.told ? make("span", {}, row.name) : this.choice(place);
    const fields = row.told ? row.told.map((line) => make("p", {}, line)) : this.fields(place, inputs);
    const button = (name, title, disabled, act) => {
      const element = make("button", { type: "button", class: name, title, "aria-label": `${title}: layer ${place + 1}` }, svgIcon(ICONS[name]));
      element.disabled = disabled;
      element.addEventListener("click", act);
      return element;
    };
    const buttons = make("td", { class: "buttons" },
      button("up", "Move up", place === 0, () => this.move(place, -1)),
      button("down", "Move down", place === this.rows.length - 1, () => this.move(place, 1)),
      button("add", "Add a layer below", false, () => this.insert(place + 1)),
      button("remove", "Remove", false, () => this.remove(place)));
    const result = (name, label) => make("td", { class: name, "data-label": label }, make("span"));
    const outs = { output: result("output", "output"), parameters: result("parameters", "parameters"), macs: result("macs", "MACs"), memory: result("memory", "memory"), field: result("field", "sees (px)") };
    const note = make("small");
    outs.output.append(note);
    const bars = ["parameters", "macs"].map((name) => {
      const bar = make("i", { "aria-hidden": "true" });
      outs[name].append(bar);
      return [name, bar];
    });
    const show = (found) => {
      for (const [name, cell] of Object.entries(outs)) {
        cell.firstChild.textContent = found ? found[name] : "—";
        cell.classList.toggle("none", found?.[name] === "0");
      }
      note.textContent = found?.unused ?? "";
      for (const [name, bar] of bars) {
        const share = found?.[`${name}_share`] ?? 0;
        bar.style.width = `${100 * share}%`;
        outs[name].title = found ? `${(100 * share).toFixed(1)} % of the network's` : "";
      }
    };
    const element = make("tr", { class: "layer" }, make("td", { class: "place" }, `${place + 1}`), make("td", { class: "kind" }, kind), make("td", { class: "settings" }, make("div", { class: "fields" }, ...fields)), ...Object.values(outs), buttons);
    const refusal = make("tr", { class: "refusal" }, make("td", { colspan: 9, role: "alert" }));
    return { element, refusal, inputs, show };
  }

  /** The kinds to choose from. */
  choice(place) {
    const kind = make("select", { "aria-label": `Kind of layer ${place + 1}` }, ...[...this.kinds.values()].map(({ kind, name }) => make("option", { value: kind }, name)));
    kind.value = this.rows[place].kind;
    kind.addEventListener("change", () => {
      const row = this.rows[place];
      this.rows[place] = { ...row, kind: kind.value, ...changeKind(row, kind.value, this.kinds.get(kind.value).cells) };
      this.changed(place, "select", `Layer ${place + 1} is now ${this.kinds.get(kind.value).name}`);
    });
    return kind;
  }

  /** The settings in sight; their inputs go into `inputs`, by name. */
  fields(place, inputs) {
    const { kind, open } = this.rows[place];
    const { cells } = this.kinds.get(kind);
    const fields = cells.filter((cell) => !cell.rare || open).map((cell) => {
      const [field, input] = this.cell(cell, place);
      inputs[cell.name] = input;
      return field;
    });
    if (cells.some((cell) => cell.rare)) fields.push(this.more(place, cells.filter((cell) => cell.rare)));
    return fields;
  }

  /** One setting's field. What is written goes to the row that stands at `place` then: Python's answer brings new ones. */
  cell(cell, place) {
    const title = `${cell.title.split(";")[0]}, layer ${place + 1}`;
    const write = (value) => (this.rows[place].values[cell.name] = value);
    if (cell.flag) {
      const input = make("input", { type: "checkbox", "aria-label": title });
      input.addEventListener("change", () => (write(input.checked), this.send()));
      return [make("label", { title: cell.title }, make("span", { "aria-hidden": "true" }, cell.letter), input), input];
    }
    if (cell.choices.length) {
      const input = make("select", { "aria-label": title }, ...cell.choices.map((choice) => make("option", { value: choice }, choice.replace("_", " "))));
      input.addEventListener("change", () => (write(input.value), this.send()));
      return [make("label", { title: cell.title }, input), input];
    }
    const [field, input] = this.text(cell.letter, title, this.rows[place].values[cell.name], write);
    field.title = cell.title;
    if (cell.name === "stride" && this.rows[place].kind === "Pool") input.placeholder = "F";
    return [field, input];
  }

  /** Opens the rare settings, and says in short which of them are not as usual. */
  more(place, rare) {
    const row = this.rows[place];
    const unusual = rare.filter((cell) => row.values[cell.name] !== cell.fresh).map((cell) => (cell.flag ? `${row.values[cell.name] ? "" : "no "}${cell.letter}` : `${cell.letter} ${row.values[cell.name]}`));
    const text = row.open ? "less" : unusual.join(", ") || "more";
    const button = make("button", { type: "button", class: "more", "aria-expanded": row.open, "aria-label": `${text}: further settings of layer ${place + 1}` }, text);
    button.addEventListener("click", () => {
      this.rows[place].open = !this.rows[place].open;
      this.build();
      this.body.querySelectorAll("tr.layer")[place].querySelector(".more").focus();
    });
    return button;
  }
}

const tables = new WeakMap(); // Streamlit calls again with the same parent whenever data or theme change

export default function mount({ parentElement, data, setStateValue }) {
  let table = tables.get(parentElement);
  if (!table) tables.set(parentElement, (table = new LayerTable(parentElement)));
  table.update(data, setStateValue);
  return () => {
    table.dispose();
    tables.delete(parentElement);
  };
}

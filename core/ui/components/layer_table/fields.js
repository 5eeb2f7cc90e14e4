// What stands in a row of the table: the kind of layer, its settings, and the button that opens the rare ones or a block.

import { BRANCHES } from "./rows.js";
import { make } from "../kit/elements.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Path} Path */
/** @typedef {import("./rows.js").Place} Place */
/** @typedef {string | boolean} Value */
/** @typedef {{name: string, letter: string, title: string, fresh: Value, rare: boolean, flag: boolean, choices: string[], words: string[]}} Cell */
/** @typedef {{kind: string, name: string, group: string, role: string, cells: Cell[]}} Kind */
/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/**
 * @typedef {object} Table What the fields write to. What is written goes to the row that stands at a path then.
 * @property {(path: Path) => Row} rowAt
 * @property {() => void} send
 * @property {(path: Path) => void} toggle open or close a row's rare settings, or a block's rows
 */

export const BLOCK = "Residual";
export const BLOCK_NAME = "Residual block";

/**
 * Return a field to write in.
 * @param {string} label
 * @param {string} title
 * @param {string} value
 * @param {(value: string) => void} write
 * @returns {[HTMLElement, HTMLInputElement]}
 */
export function textField(label, title, value, write) {
  const input = make("input", {
    type: "text",
    maxlength: 20,
    "aria-label": title,
    autocomplete: "off",
    spellcheck: "false",
    value,
  });
  input.addEventListener("change", () => write(input.value));
  const [sign, index] = label.split("_");
  const letters = make("span", { "aria-hidden": "true" }, sign, ...(index ? [make("sub", {}, index)] : []));
  return [make("label", { title }, letters, input), input];
}

/**
 * Return the settings in sight; their inputs go into `inputs`, by name.
 * @param {Place} place
 * @param {Cell[]} cells
 * @param {Record<string, Field>} inputs
 * @param {Table} table
 */
export function settingFields(place, cells, inputs, table) {
  const fields = cells
    .filter((cell) => !cell.rare || place.row.open)
    .map((cell) => {
      const [field, input] = settingField(cell, place, table);
      inputs[cell.name] = input;
      return field;
    });
  const rare = cells.filter((cell) => cell.rare);
  return rare.length ? [...fields, moreButton(place, rare, table)] : fields;
}

/**
 * Return one setting's field.
 * @param {Cell} cell
 * @param {Place} place
 * @param {Table} table
 * @returns {[HTMLElement, Field]}
 */
function settingField(cell, { path, row, number }, table) {
  const title = `${cell.title.split(";")[0]}, layer ${number}`;
  const write = (/** @type {Value} */ value) => {
    table.rowAt(path).values[cell.name] = value;
    table.send();
  };
  if (cell.flag) {
    const input = make("input", { type: "checkbox", role: "switch", "aria-label": title });
    input.addEventListener("change", () => write(input.checked));
    return [make("label", { title: cell.title }, make("span", { "aria-hidden": "true" }, cell.letter), input), input];
  }
  if (cell.choices.length) {
    const input = make(
      "select",
      { "aria-label": title },
      ...cell.choices.map((choice) => make("option", { value: choice }, choice.replace("_", " "))),
    );
    input.addEventListener("change", () => write(input.value));
    return [make("label", { title: cell.title }, input), input];
  }
  const [field, input] = textField(cell.letter, title, String(row.values[cell.name]), write);
  field.title = cell.title;
  if (cell.name === "stride" && row.kind === "Pool") input.placeholder = "F";
  return [field, input];
}

/**
 * Return the button that opens the rare settings, and says in short which of them are not as usual.
 * @param {Place} place
 * @param {Cell[]} rare
 * @param {Table} table
 */
function moreButton({ path, row, number }, rare, table) {
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
      title: "Further settings",
      "aria-label": `${text}: further settings of layer ${number}`,
    },
    text === "more" ? "⋯" : text,
  );
  button.addEventListener("click", () => table.toggle(path));
  return button;
}

/**
 * Return what stands in a block's row: its layers in words, and the button that opens them into rows.
 * @param {Place} place
 * @param {Table} table
 */
export function blockFields({ path, row, number }, table) {
  const inside = BRANCHES.reduce((sum, branch) => sum + (row[branch]?.length ?? 0), 0);
  const text = row.open ? "fold" : `edit ${inside} layers`;
  const button = make(
    "button",
    { type: "button", class: "more", "aria-expanded": row.open, "aria-label": `${text}: block ${number}` },
    text,
  );
  button.addEventListener("click", () => table.toggle(path));
  const words = (row.summary ?? []).join(" ");
  return row.open ? [button] : [button, make("p", { title: words }, words)];
}

/**
 * Return the kinds to choose from.
 * @param {Place} place
 * @param {Kind[]} kinds
 * @param {(kind: string, name: string) => void} choose
 */
export function kindField({ path, row, number }, kinds, choose) {
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
  kind.addEventListener("change", () => choose(kind.value, kind.selectedOptions[0].textContent));
  return kind;
}

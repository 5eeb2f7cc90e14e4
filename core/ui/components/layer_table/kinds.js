// What a row keeps when its kind is changed: what both kinds have goes along, and a kind that the row had before comes back
// with what stood in it.

/** @typedef {string | boolean} Value */
/** @typedef {Record<string, Value>} Values */
/** @typedef {{name: string, fresh: Value, flag: boolean, choices: string[], words: string[]}} Cell */

/**
 * @typedef {object} Memory What a row remembers of its kinds.
 * @property {Values} began the values with which its present kind began
 * @property {Record<string, {value: Value, turn: number}>} written what was last written for each setting
 * @property {Record<string, {values: Values, turn: number}>} kinds the values of each kind it was
 * @property {number} turn how often its kind was changed
 */

/**
 * Return whether a setting's cell takes a value: one of its choices, or a number, or a word that it knows.
 * @param {Cell} cell
 * @param {Value} value
 */
const takes = (cell, value) => {
  if (cell.flag || typeof value === "boolean") return cell.flag && typeof value === "boolean";
  if (cell.choices.length) return cell.choices.includes(value);
  return cell.words.includes(value) || /^[^a-z]+$/i.test(value.replace("x", ""));
};

/**
 * Return the values of a row's cells as another kind of layer, and what the row remembers of its kinds.
 * @param {{kind: string, values: Values, memory?: Memory}} row
 * @param {string} kind the other kind
 * @param {Cell[]} cells its cells
 * @returns {{values: Values, memory: Memory}}
 */
export function changeKind({ kind: old, values, memory }, kind, cells) {
  const { began = {}, turn = 0 } = memory ?? {};
  const written = { ...memory?.written };
  for (const [name, value] of Object.entries(values)) if (value !== began[name]) written[name] = { value, turn };
  /** @type {Memory["kinds"]} */
  const kinds = { ...memory?.kinds, [old]: { values, turn } };
  const own = kinds[kind];
  /** @param {Cell} cell */
  const value = (cell) => {
    const latest = written[cell.name];
    const isNews = latest && latest.turn > (own?.turn ?? -1) && takes(cell, latest.value);
    return isNews ? latest.value : (own?.values[cell.name] ?? cell.fresh);
  };
  const filled = Object.fromEntries(cells.map((cell) => [cell.name, value(cell)]));
  return { values: filled, memory: { began: { ...filled }, written, kinds, turn: turn + 1 } };
}

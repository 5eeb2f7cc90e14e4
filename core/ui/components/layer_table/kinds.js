// What a row keeps when its kind is changed: what both kinds have goes along, and a kind that the row had before comes back
// with what stood in it.

/** Whether a setting's cell takes a value: one of its choices, or a number, or a word that it knows. */
const takes = (cell, value) => {
  if (cell.flag) return typeof value === "boolean";
  if (cell.choices.length) return cell.choices.includes(value);
  return cell.words.includes(value) || /^[^a-z]+$/i.test(value.replace("x", ""));
};

/**
 * The values of a row's cells as another kind of layer, and what the row remembers of its kinds.
 *
 * `row` is {kind, values, memory}; the memory says which values its present kind `began` with, what was last written for each
 * setting, `{value, turn}`, and the values of each kind it was, `{values, turn}`. `cells` are the other kind's.
 */
function changeKind({ kind: old, values, memory }, kind, cells) {
  const { began = {}, turn = 0 } = memory ?? {};
  const written = { ...memory?.written };
  for (const [name, value] of Object.entries(values)) if (value !== began[name]) written[name] = { value, turn };
  const kinds = { ...memory?.kinds, [old]: { values, turn } };
  const own = kinds[kind];
  const value = (cell) => {
    const latest = written[cell.name];
    const isNews = latest && latest.turn > (own?.turn ?? -1) && takes(cell, latest.value);
    return isNews ? latest.value : own?.values[cell.name] ?? cell.fresh;
  };
  const filled = Object.fromEntries(cells.map((cell) => [cell.name, value(cell)]));
  return { values: filled, memory: { began: { ...filled }, written, kinds, turn: turn + 1 } };
}

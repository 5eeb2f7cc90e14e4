// The rows of the table as a tree: a residual block holds the rows of its body and of its shortcut.
// A row's place is a path: [2] is the third row, [2, "body", 0] the first of that block's body.

/** @typedef {import("./kinds.js").Values} Values */
/** @typedef {import("./kinds.js").Memory} Memory */

/**
 * @typedef {object} Row
 * @property {string} kind
 * @property {Values} values empty for a block
 * @property {boolean} open whether its rare settings are in sight; of a block, its rows
 * @property {Memory} [memory] what it held as another kind
 * @property {string[]} [summary] of a block, in words
 * @property {Row[] | null} [body] null: Python makes one
 * @property {Row[] | null} [shortcut] null: Python makes the one that fits
 */

/** @typedef {"body" | "shortcut"} Branch */
/** @typedef {(number | Branch)[]} Path */
/** @typedef {{path: Path, row: Row, number: string}} Place */

/** @type {Branch[]} */
export const BRANCHES = ["body", "shortcut"];

/**
 * Return the list that holds the row at a path, and the row's index in it.
 * @param {Row[]} rows
 * @param {Path} path
 * @returns {{list: Row[], index: number}}
 */
export function locate(rows, path) {
  let list = rows;
  for (let i = 0; i + 2 < path.length; i += 2) list = list[Number(path[i])][/** @type {Branch} */ (path[i + 1])] ?? [];
  return { list, index: Number(path[path.length - 1]) };
}

/**
 * Return the path to another row of the same list.
 * @param {Path} path
 * @param {number} by
 * @returns {Path}
 */
export const beside = (path, by) => [...path.slice(0, -1), Number(path[path.length - 1]) + by];

/**
 * Return whether two paths lead into the same list.
 * @param {Path} a
 * @param {Path} b
 */
export const isSibling = (a, b) => a.length === b.length && `${a.slice(0, -1)}` === `${b.slice(0, -1)}`;

/**
 * Return the rows in sight with their places: those of open blocks come after their block. They are numbered 3, 3.1 in its
 * body and 3+1 in its shortcut.
 * @param {Row[]} rows
 * @param {Path} within
 * @param {string} prefix
 * @returns {Place[]}
 */
export function inSight(rows, within = [], prefix = "") {
  return rows.flatMap((row, index) => {
    const [path, number] = [[...within, index], `${prefix}${index + 1}`];
    /** @type {Place[]} */
    const places = [{ path, row, number }];
    if (row.open)
      for (const branch of BRANCHES)
        places.push(...inSight(row[branch] ?? [], [...path, branch], `${number}${branch === "body" ? "." : "+"}`));
    return places;
  });
}

/**
 * Return how many layers there are, counted as Python does: a block and each of those in it.
 * @param {Row[]} rows
 * @returns {number}
 */
export const countLayers = (rows) =>
  rows.reduce((sum, row) => sum + 1 + countLayers(row.body ?? []) + countLayers(row.shortcut ?? []), 0);

/**
 * Return rows as Python reads them.
 * @param {Row[]} rows
 * @returns {Record<string, unknown>[]}
 */
export const toPython = (rows) =>
  rows.map(({ kind, values, body, shortcut }) =>
    body === undefined
      ? { kind, values }
      : { kind, body: body && toPython(body), shortcut: shortcut ? toPython(shortcut) : shortcut },
  );

/**
 * Return Python's rows, with what the rows before them in the same places knew that Python doesn't.
 * @param {Row[]} fresh
 * @param {Row[]} before
 * @param {boolean} isAnswer whether they answer an edit; otherwise they are another network's, and its memory is empty
 * @returns {Row[]}
 */
export function takeOver(fresh, before, isAnswer) {
  const old = before.length === fresh.length ? before : [];
  return fresh.map((row, i) => {
    const taken = { ...row, open: old[i]?.open ?? false };
    if (row.body === undefined) {
      taken.values = { ...row.values };
      if (isAnswer) taken.memory = old[i]?.memory;
    } else for (const branch of BRANCHES) taken[branch] = takeOver(row[branch] ?? [], old[i]?.[branch] ?? [], isAnswer);
    return taken;
  });
}

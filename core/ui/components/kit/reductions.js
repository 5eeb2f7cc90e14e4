// How a window of values became one number, in words.

/** @typedef {import("./math.js").Term} Term */
/** @typedef {(value: number) => string} Say */

/** @type {Record<string, (term: Term, say: Say) => string>} */
export const REDUCTIONS = {
  max: (p) => `the largest of ${p.count} values`,
  min: (p) => `the smallest of ${p.count} values`,
  average: (p, say) => `the sum ${say(p.sum)} of ${p.count} values, divided by ${p.count}`,
  l2: (p, say) =>
    `the square root of ${say(p.sum)}, the sum of ${p.count} squares` +
    ((p.count ?? 0) < p.values.length ? `, times ${p.values.length} / ${p.count}` : ""),
};

// Which page of the course stands at which place of the picture, and what it says there.

/** @typedef {{name: string, number: number, label: string}} Page as the app's navigation has it */
/** @typedef {{word: string, line: string}} Place a word beside the page's number, and a line on what happens here */

/** @type {Record<string, Place>} */
export const PLACES = {
  kernels: {
    word: "Kernel",
    line: "One small grid of weights slides over the picture: nine products, one sum a pixel.",
  },
  frequency: { word: "Waves", line: "The same digit as a sum of waves: thin strokes need the fast ones." },
  filters: { word: "Filters", line: "16 small windows slide over the picture: each looks for one thing." },
  layer_calculator: { word: "Next layer", line: "32 filters of 5 × 5 × 16 weights: what such a layer costs." },
  pooling: { word: "Pooling", line: "Of each 2 × 2 numbers only the largest is kept: half the width." },
  mnist: { word: "Dense", line: "128 units, each joined to all 512 numbers: without the rest this is an MLP." },
  augmentation: { word: "Turn", line: "A digit turned a little is the same digit: more to learn from." },
  invariance: { word: "Move", line: "The same digit 5 px to the right: is it still read?" },
  capsules: { word: "Parts", line: "Of where each part lies, 4 × 4 places are left. Capsules keep how a part lies." },
  anatomy: { word: "The whole network", line: "Every plane and every weight: point at a unit and see its sum." },
  cifar: { word: "Ten outputs", line: "They share 100 %. How good can predictions get on photographs, and how fast?" },
};

/**
 * Return what the network read, in one sentence.
 * @param {ArrayLike<number>} shares of the ten digits
 * @param {number | null} label what a test digit is; null for a drawing
 */
export function sentence(shares, label) {
  const order = Array.from(shares, (share, digit) => ({ share, digit })).sort((a, b) => b.share - a.share);
  const [best, next] = order;
  if (label === null)
    return `It reads your digit as ${best.digit}, with ${percent(best.share)}; next comes ${next.digit}, with ${percent(next.share)}.`;
  return best.digit === label
    ? `It reads this test digit as ${best.digit}, with ${percent(best.share)}, and it is one.`
    : `It reads this test digit as ${best.digit}, with ${percent(best.share)}, but it is ${label === 8 ? "an" : "a"} ${label}.`;
}

/**
 * Return a share as whole percent; what is not quite all or nothing is not called so.
 * @param {number} share
 */
export function percent(share) {
  const whole = Math.round(100 * share);
  if (whole === 0 && share > 0) return "under 1\u202f%";
  return whole === 100 && share < 1 ? "over 99\u202f%" : `${whole}\u202f%`;
}

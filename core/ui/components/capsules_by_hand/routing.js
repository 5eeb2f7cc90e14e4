// Routing by agreement, the arithmetic of core/nets/capsule.py for one picture; tested against it.

const EPSILON = 1e-12; // inside the root of a length

/** @typedef {Float64Array} Vector */

/**
 * Return the dot product of two vectors.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Return a vector's length.
 * @param {ArrayLike<number>} vector
 */
export const norm = (vector) => Math.sqrt(dot(vector, vector));

/**
 * Return the length to which squash shortens a vector of that length.
 * @param {number} length
 */
export const squashed = (length) => length ** 2 / (1 + length ** 2);

/**
 * Shorten a vector to a length below 1 and keep its direction: v = |s|² / (1 + |s|²) · s / |s|.
 * @param {Vector} vector
 */
export function squash(vector) {
  const square = dot(vector, vector);
  const factor = square / (1 + square) / Math.sqrt(square + EPSILON);
  return vector.map((value) => value * factor);
}

/**
 * Return a vector times a matrix, whose rows follow one another.
 * @param {Vector} vector
 * @param {Vector} matrix
 */
export function times(vector, matrix) {
  const width = matrix.length / vector.length;
  const product = new Float64Array(width);
  for (let d = 0; d < vector.length; d++)
    for (let e = 0; e < width; e++) product[e] += vector[d] * matrix[d * width + e];
  return product;
}

/**
 * Return the softmax of a few numbers.
 * @param {number[]} logits
 */
function softmax(logits) {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * Route capsules to the next layer's: each iteration raises the logits of the votes that agree with their sum.
 * @param {Vector[]} poses of each capsule i its vector
 * @param {Vector[][]} weights of each capsule j of the next layer and each i the matrix that makes i's vote for j
 * @param {number} iterations with 0 or 1 every coefficient is 1 / J
 */
export function route(poses, weights, iterations) {
  const votes = weights.map((own) => own.map((matrix, i) => times(poses[i], matrix)));
  const logits = poses.map(() => weights.map(() => 0));
  for (let round = 1; ; round++) {
    const coefficients = logits.map(softmax);
    const sums = votes.map((own, j) => {
      const sum = new Float64Array(own[0].length);
      own.forEach((vote, i) => vote.forEach((value, e) => (sum[e] += coefficients[i][j] * value)));
      return sum;
    });
    const capsules = sums.map(squash);
    if (round >= iterations) return { votes, coefficients, sums, capsules };
    logits.forEach((row, i) => row.forEach((_, j) => (row[j] += dot(votes[j][i], capsules[j]))));
  }
}

// A pose as a direction: 96 numbers that tell where something lies and how it is turned; and the matrices that lead
// from a part's pose to its whole's. Places are in hundredths of the stage's unit, y downward; turns are in radians.
//
// Twelve waves over the stage, each as cosine and sine of its phase at the place, times the cosine and sine of the turn
// and of twice the turn. A move shifts the phases and a turn rotates the rest, so that a matrix of rotations takes one
// pose to another and keeps every length. Two poses have a dot product of 1 if they are equal, and about 0 if far apart.

/** @typedef {{x: number, y: number, turn: number}} Pose */

const DIRECTIONS = 12; // of the waves
const WAVE = 0.085; // radians a hundredth: poses agree within some 25 hundredths
export const SIZE = DIRECTIONS * 8;

const WAVES = Array.from({ length: DIRECTIONS }, (_, f) => {
  const angle = (Math.PI * f) / DIRECTIONS;
  return [WAVE * Math.cos(angle), WAVE * Math.sin(angle)];
});

/**
 * Return a pose as a vector of length 1.
 * @param {Pose} pose
 */
export function encode({ x, y, turn }) {
  const scale = 1 / Math.sqrt(2 * DIRECTIONS);
  const turns = [Math.cos(turn), Math.sin(turn), Math.cos(2 * turn), Math.sin(2 * turn)];
  const vector = new Float64Array(SIZE);
  WAVES.forEach(([across, down], f) => {
    const phase = across * x + down * y;
    [Math.cos(phase), Math.sin(phase)].forEach((part, a) =>
      turns.forEach((turned, t) => (vector[8 * f + 4 * a + t] = scale * part * turned)),
    );
  });
  return vector;
}

/**
 * Return [x, y] turned.
 * @param {number} x
 * @param {number} y
 * @param {number} turn
 */
export const rotate = (x, y, turn) => [
  x * Math.cos(turn) - y * Math.sin(turn),
  x * Math.sin(turn) + y * Math.cos(turn),
];

/**
 * Return the pose of something that lies at `offset` in a whole of that pose.
 * @param {Pose} whole
 * @param {Pose} offset
 * @returns {Pose}
 */
export function partOf(whole, offset) {
  const [x, y] = rotate(offset.x, offset.y, whole.turn);
  return { x: whole.x + x, y: whole.y + y, turn: whole.turn + offset.turn };
}

/**
 * Return the pose of the whole that has a part of that pose at `offset`.
 * @param {Pose} part
 * @param {Pose} offset
 * @returns {Pose}
 */
export function wholeOf(part, offset) {
  const turn = part.turn - offset.turn;
  const [x, y] = rotate(offset.x, offset.y, turn);
  return { x: part.x - x, y: part.y - y, turn };
}

/** @type {WeakMap<Pose, {turn: number, gain: number, matrix: Float64Array}>} of each offset the latest: moves do not change it */
const matrices = new WeakMap();

/**
 * Return the matrix that takes a part's vector to its vote: encode(part) times it is `gain` times encode(wholeOf(part)).
 * It depends on the part's turn, as a capsule network has capsules, and matrices, of its own for every place.
 * @param {number} turn the part's
 * @param {Pose} offset
 * @param {number} gain
 */
export function voteMatrix(turn, offset, gain) {
  const known = matrices.get(offset);
  if (known && known.turn === turn && known.gain === gain) return known.matrix;
  const [x, y] = rotate(-offset.x, -offset.y, turn - offset.turn);
  const matrix = new Float64Array(SIZE * SIZE);
  WAVES.forEach(([across, down], f) => {
    const shift = rotation(across * x + down * y);
    [1, 2].forEach((harmonic, h) => {
      const back = rotation(-harmonic * offset.turn);
      for (let k = 0; k < 16; k++) {
        const [a, b, s, t] = [(k >> 3) & 1, (k >> 2) & 1, (k >> 1) & 1, k & 1];
        const [row, column] = [8 * f + 4 * a + 2 * h + s, 8 * f + 4 * b + 2 * h + t];
        matrix[row * SIZE + column] = gain * shift[a][b] * back[s][t];
      }
    });
  });
  matrices.set(offset, { turn, gain, matrix });
  return matrix;
}

/**
 * Return the matrix by which [cos p, sin p] becomes [cos(p + angle), sin(p + angle)].
 * @param {number} angle
 */
const rotation = (angle) => [
  [Math.cos(angle), Math.sin(angle)],
  [-Math.sin(angle), Math.cos(angle)],
];

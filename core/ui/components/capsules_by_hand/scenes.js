// The parts, the wholes that they may belong to, and what capsules and max pooling make of a stage of 300 x 200.

import { encode, partOf, rotate, voteMatrix, wholeOf } from "./poses.js";
import { dot, norm, route, squashed } from "./routing.js";

/** @typedef {import("./poses.js").Pose} Pose */
/** @typedef {number[][]} Polygon points [x, y] about the middle */

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} detector
 * @property {Polygon} outline
 */

/**
 * @typedef {object} Whole
 * @property {string} name
 * @property {Pose[]} offsets of each part in the whole
 * @property {Polygon} [frame] drawn around its parts
 */

/**
 * @typedef {object} Family Parts, and the wholes that they can make.
 * @property {Part[]} parts
 * @property {Whole[]} wholes
 * @property {number} gain by which a vote is longer than the part's capsule, so that a complete whole is about 0.85 long
 */

export const STAGE = { width: 300, height: 200 };
export const CARD = { width: 84, height: 54, x: 254, y: 169 }; // and where it lies at first
export const MOST_ITERATIONS = 5;
export const EVIDENCE = 5; // the length before squash of a part in full sight

/** @type {(radiusX: number, radiusY: number) => Polygon} */
const ellipse = (radiusX, radiusY) =>
  Array.from({ length: 32 }, (_, i) => {
    const angle = (Math.PI * i) / 16;
    return [radiusX * Math.cos(angle), radiusY * Math.sin(angle)];
  });

/** A smile: two arcs between the same corners. */
const SMILE = [
  [12, 1],
  [3, -1],
].flatMap(([depth, way]) =>
  Array.from({ length: 17 }, (_, i) => {
    const u = (way * (i - 8)) / 8;
    return [26 * u, depth * (1 - u * u) - 5];
  }),
);

/** @type {(width: number, height: number) => Polygon} */
const triangle = (width, height) => [
  [0, (-2 / 3) * height],
  [width / 2, height / 3],
  [-width / 2, height / 3],
];

/** @type {(name: string, detector: string, outline: Polygon) => Part} */
const part = (name, detector, outline) => ({ name, detector, outline });

const HALF = Math.PI;

/** @type {(x: number, y: number, turn?: number) => Pose} */
const at = (x, y, turn = 0) => ({ x, y, turn });

/** @type {Record<string, Family>} */
export const FAMILIES = {
  building: {
    parts: [
      part("triangle", "triangle", triangle(92, 42)),
      part("rectangle", "rectangle", [
        [-37, -25],
        [37, -25],
        [37, 25],
        [-37, 25],
      ]),
    ],
    wholes: [
      { name: "house", offsets: [at(0, -19), at(0, 20)] },
      { name: "boat", offsets: [at(0, 24, HALF), at(0, -27, HALF / 2)] },
    ],
    gain: 1.6,
  },
  face: {
    parts: [
      part("left eye", "eye", ellipse(13, 13)),
      part("right eye", "eye", ellipse(13, 13)),
      part("nose", "nose", triangle(18, 26)),
      part("mouth", "mouth", SMILE),
    ],
    wholes: [
      { name: "face", offsets: [at(-26, -28), at(26, -28), at(0, 4), at(0, 42)], frame: ellipse(62, 74) },
      { name: "bicycle", offsets: [at(-48, 25), at(48, 25), at(0, -8, HALF / 2), at(0, -40, HALF)] },
    ],
    gain: 0.85,
  },
};

/**
 * Return the parts of a whole that lies in the middle of the stage.
 * @param {Family} family
 * @param {number} whole
 */
const arranged = (family, whole) => family.wholes[whole].offsets.map((offset) => partOf(at(140, 98), offset));

/**
 * Return the same poses with the last two parts at each other's places.
 * @param {Pose[]} poses
 */
export function swapLastTwo(poses) {
  const [first, last] = poses.slice(-2);
  return [...poses.slice(0, -2), { ...last, turn: first.turn }, { ...first, turn: last.turn }];
}

/**
 * @typedef {object} Scene
 * @property {string} label
 * @property {string} help
 * @property {Family} family
 * @property {number} whole the one that is shown, or was before a swap
 * @property {Pose[]} poses
 */

/** @type {(label: string, help: string, family: Family, whole: number) => Scene} */
const scene = (label, help, family, whole) => ({ label, help, family, whole, poses: arranged(family, whole) });

const FACE = scene("Face", "Two eyes, a nose and a mouth as a face", FAMILIES.face, 0);

/** @type {Record<string, Scene>} by their names in the URL */
export const SCENES = {
  house: scene("House", "A triangle and a rectangle as a house", FAMILIES.building, 0),
  boat: scene("Boat", "The same two parts as a boat", FAMILIES.building, 1),
  face: FACE,
  bicycle: scene("Bicycle", "The parts of the face as a bicycle", FAMILIES.face, 1),
  swapped: {
    ...FACE,
    label: "Swap mouth and nose",
    help: "A face whose mouth and nose have changed places: every part is there, and no face",
    poses: swapLastTwo(FACE.poses),
  },
};

/**
 * Return whether a point lies in a polygon.
 * @param {number} x
 * @param {number} y
 * @param {Polygon} polygon
 */
export function contains(x, y, polygon) {
  let inside = false;
  polygon.forEach(([x1, y1], i) => {
    const [x2, y2] = polygon[(i + 1) % polygon.length];
    if (y1 > y !== y2 > y && x < x1 + ((x2 - x1) * (y - y1)) / (y2 - y1)) inside = !inside;
  });
  return inside;
}

/** @type {WeakMap<Part, number[][]>} points spread evenly over each part */
const samples = new WeakMap();

/** @param {Part} whose */
function samplesOf(whose) {
  const known = samples.get(whose);
  if (known) return known;
  const points = [];
  for (let y = -50.5; y < 50; y += 2)
    for (let x = -50.5; x < 50; x += 2) if (contains(x, y, whose.outline)) points.push([x, y]);
  samples.set(whose, points);
  return points;
}

/**
 * Return the share of a part that the card leaves in sight.
 * @param {Part} whose
 * @param {Pose} pose
 * @param {{x: number, y: number}} card its middle
 */
export function inSight(whose, pose, card) {
  if (Math.hypot(pose.x - card.x, pose.y - card.y) > 110) return 1; // no part is that large
  const points = samplesOf(whose);
  const [cosine, sine] = rotate(1, 0, pose.turn);
  let seen = 0;
  for (const [x, y] of points) {
    const across = pose.x + x * cosine - y * sine - card.x;
    const down = pose.y + x * sine + y * cosine - card.y;
    if (Math.abs(across) > CARD.width / 2 || Math.abs(down) > CARD.height / 2) seen++;
  }
  return seen / points.length;
}

/**
 * Return what capsules and max pooling make of the stage.
 * @param {Family} family
 * @param {Pose[]} poses of its parts
 * @param {{x: number, y: number}} card
 * @param {number} iterations
 */
export function look({ parts, wholes, gain }, poses, card, iterations) {
  const seen = parts.map((whose, i) => inSight(whose, poses[i], card));
  const evidence = seen.map((share) => EVIDENCE * share);
  const chances = evidence.map(squashed);
  const vectors = poses.map((pose, i) => encode(pose).map((value) => value * chances[i]));
  const weights = wholes.map(({ offsets }) => offsets.map((offset, i) => voteMatrix(poses[i].turn, offset, gain)));
  const { votes, coefficients, sums, capsules } = route(vectors, weights, iterations);
  const voted = wholes.map(({ offsets }) => offsets.map((offset, i) => wholeOf(poses[i], offset)));
  // a whole's pose: the one among those voted for that its capsule points to most
  const read = capsules.map((capsule, j) => {
    const fits = votes[j].map((vote) => dot(vote, capsule));
    return voted[j][fits.indexOf(Math.max(...fits))];
  });
  /** @type {Record<string, number>} of each detector its highest answer anywhere on the stage */
  const pooled = {};
  parts.forEach(({ detector }, i) => (pooled[detector] = Math.max(pooled[detector] ?? 0, chances[i])));
  const maxima = Object.values(pooled);
  return {
    seen,
    evidence,
    chances,
    coefficients,
    voted,
    read,
    sums: sums.map(norm),
    lengths: capsules.map(norm),
    pooled,
    poolingAnswer: maxima.reduce((a, b) => a + b, 0) / maxima.length, // the same for every whole of these parts
  };
}

/** @typedef {ReturnType<typeof look>} Look */

const MARGIN = 100; // added to places in the URL, which has no minus: turned together, parts may leave the stage

/**
 * Return poses as the URL has them: "x-y-degrees", joined by "_".
 * @param {Pose[]} poses
 */
export const write = (poses) =>
  poses
    .map(({ x, y, turn }) => {
      const degrees = Math.round((turn * 180) / Math.PI);
      const [across, down] = [x, y].map(
        (v) => Math.round(Math.min(Math.max(v, -MARGIN), STAGE.width + MARGIN)) + MARGIN,
      );
      return `${across}-${down}-${((degrees % 360) + 360) % 360}`;
    })
    .join("_");

/**
 * Return the poses that `write` wrote.
 * @param {string} text
 * @returns {Pose[]}
 */
export const readPoses = (text) =>
  text.split("_").map((pose) => {
    const [x, y, degrees] = pose.split("-").map(Number);
    return { x: x - MARGIN, y: y - MARGIN, turn: (degrees * Math.PI) / 180 };
  });

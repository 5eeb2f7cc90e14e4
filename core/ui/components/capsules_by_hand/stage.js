// The stage: parts that are moved, turned and covered, their capsules as arrows, and their votes as outlines.

import { make, makeSvg, setAll } from "../kit/elements.js";
import { capital, path, text } from "../kit/panel.js";
import { partOf, rotate } from "./poses.js";
import { CARD, STAGE, contains } from "./scenes.js";

/** @typedef {import("./poses.js").Pose} Pose */
/** @typedef {import("./scenes.js").Family} Family */
/** @typedef {import("./scenes.js").Look} Look */
/** @typedef {import("./scenes.js").Part} Part */
/** @typedef {import("./scenes.js").Polygon} Polygon */
/** @typedef {import("./scenes.js").Whole} Whole */
/** @typedef {number | "all" | "card"} Item a part by its number, everything, or the card */

export const ARROW = 34; // of a capsule of length 1
const RING = { part: 44, all: 84 }; // radii
const KNOB = 8;
const REACH = 15; // from a small part's middle, that a finger may miss it by
const THICKEST = 9; // of a coupling coefficient of 1
const NAMED = 0.3; // the length from which a whole is named on the stage
const LINE = 12; // between the names of two wholes

const HINT = "Drag a part, turn it by its ring, cover it with the card";

const degrees = (/** @type {number} */ turn) => (turn * 180) / Math.PI;
const place = (/** @type {Pose} */ { x, y, turn }) =>
  `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${degrees(turn).toFixed(2)})`;
const closed = (/** @type {Polygon} */ outline) => `${path(outline)}Z`;

/**
 * Return the outlines of a whole's parts but one, about the whole's middle: where a part's vote wants the others.
 * @param {Family} family
 * @param {Whole} whole
 * @param {number} voter
 */
const othersOf = ({ parts }, { offsets, frame }, voter) =>
  parts
    .filter((_, i) => i !== voter)
    .map((part) => {
      const offset = offsets[parts.indexOf(part)];
      return closed(part.outline.map(([x, y]) => partOf(offset, { x, y, turn: 0 })).map(({ x, y }) => [x, y]));
    })
    .join("") + (frame ? closed(frame) : "");

/**
 * Return where a whole's name stands: below its outline, or above it at the stage's lower edge.
 * @param {Family} family
 * @param {Whole} whole
 * @param {Pose} pose
 */
export function namePlace({ parts }, { offsets, frame = [] }, pose) {
  const points = parts.flatMap(({ outline }, i) =>
    outline.map(([x, y]) => partOf(partOf(pose, offsets[i]), { x, y, turn: 0 })),
  );
  const heights = [...points, ...frame.map(([x, y]) => partOf(pose, { x, y, turn: 0 }))].map(({ y }) => y);
  const below = Math.max(...heights) + LINE - 2;
  return { x: pose.x, y: below < STAGE.height - 4 ? below : Math.max(Math.min(...heights) - 6, LINE) };
}

/**
 * Return an arrow upward from [0, 0].
 * @param {number} length
 * @param {number} head half of its width
 */
const arrow = (length, head) => {
  const neck = Math.min(length, 2 * head);
  const [tip, base] = [-length.toFixed(2), (neck - length).toFixed(2)];
  return length < 0.5 ? "" : `M${-head / 2} 0H${head / 2}M0 0V${base}M${-head} ${base}L0 ${tip}L${head} ${base}Z`;
};

/**
 * Return the middle of several poses.
 * @param {Pose[]} poses
 */
export const middle = (poses) => ({
  x: poses.reduce((sum, { x }) => sum + x, 0) / poses.length,
  y: poses.reduce((sum, { y }) => sum + y, 0) / poses.length,
});

/**
 * Return the ring about what is chosen, on whose knob it is turned; null about the card.
 * @param {Item} chosen
 * @param {Pose[]} poses
 * @param {number} spin of everything
 */
export function ringOf(chosen, poses, spin) {
  if (chosen === "card") return null;
  if (chosen === "all") return { ...middle(poses), turn: spin, radius: RING.all };
  return { ...poses[chosen], radius: RING.part };
}

/**
 * Return what a pointer at [x, y] takes hold of.
 * @param {Family} family
 * @param {Pose[]} poses
 * @param {{x: number, y: number}} card
 * @param {ReturnType<typeof ringOf>} ring
 * @param {number} x
 * @param {number} y
 * @returns {Item | "knob"}
 */
export function grasped(family, poses, card, ring, x, y) {
  if (ring) {
    const [across, down] = rotate(0, -ring.radius, ring.turn);
    if (Math.hypot(ring.x + across - x, ring.y + down - y) < 1.6 * KNOB) return "knob";
  }
  if (Math.abs(card.x - x) < CARD.width / 2 && Math.abs(card.y - y) < CARD.height / 2) return "card";
  const inside = family.parts.findLastIndex(({ outline }, i) =>
    contains(...toLocal(x - poses[i].x, y - poses[i].y, poses[i].turn), outline),
  );
  if (inside >= 0) return inside;
  const distances = poses.map((pose) => Math.hypot(pose.x - x, pose.y - y));
  const nearest = distances.indexOf(Math.min(...distances));
  return distances[nearest] < REACH ? nearest : "all";
}

/** @type {(x: number, y: number, turn: number) => [number, number]} */
const toLocal = (x, y, turn) => /** @type {[number, number]} */ (rotate(x, y, -turn));

export class Stage {
  /** @type {Family | null} */
  family = null;
  /** @type {SVGElement[][]} of each whole the outlines voted for */
  ghosts = [];
  /** @type {SVGElement[][]} of each whole the lines from parts to votes */
  lines = [];
  /** @type {SVGElement[]} */
  parts = [];
  /** @type {SVGElement[]} */
  arrows = [];
  /** @type {SVGElement[]} */
  wholes = [];
  /** @type {SVGElement[]} */
  labels = [];

  constructor() {
    this.layers = makeSvg("g");
    this.card = makeSvg(
      "g",
      { class: "card" },
      makeSvg("rect", {
        x: -CARD.width / 2,
        y: -CARD.height / 2,
        width: CARD.width,
        height: CARD.height,
        rx: 3,
      }),
      makeSvg("text", { "text-anchor": "middle", y: 4 }, "card"),
    );
    this.ring = makeSvg("g", { class: "ring" }, makeSvg("circle"), makeSvg("path"), makeSvg("circle"));
    this.svg = makeSvg("svg", {
      viewBox: `0 0 ${STAGE.width} ${STAGE.height}`,
      tabindex: 0,
      role: "application",
      "aria-roledescription": "stage",
    });
    this.screen = make("div", { class: "screen" });
    this.svg.append(text(6, STAGE.height - 6, HINT, { class: "hint" }), this.layers);
    this.screen.append(this.svg);
  }

  /**
   * Build what a family's parts and wholes are drawn with.
   * @param {Family} family
   */
  build(family) {
    this.family = family;
    const each = (/** @type {(whole: number, part: number) => SVGElement} */ draw) =>
      family.wholes.map((_, j) => family.parts.map((_, i) => draw(j, i)));
    this.ghosts = each((j, i) =>
      makeSvg("path", { class: `ghost whole${j}`, d: othersOf(family, family.wholes[j], i) }),
    );
    this.lines = each((j) => makeSvg("line", { class: `vote whole${j}` }));
    this.parts = family.parts.map(({ detector, outline }) =>
      makeSvg(
        "g",
        { class: "part" },
        makeSvg("path", { d: closed(outline) }),
        ...(detector === "eye" ? [makeSvg("circle", { r: 4.5, class: "pupil" })] : []),
      ),
    );
    this.arrows = family.parts.map(() => makeSvg("path", { class: "arrow" }));
    this.wholes = family.wholes.map((_, j) => makeSvg("path", { class: `arrow whole${j}` }));
    this.labels = family.wholes.map(({ name }, j) =>
      text(0, 0, capital(name), { class: `label whole${j}`, "text-anchor": "middle" }),
    );
    this.layers.replaceChildren(
      ...this.parts,
      this.card,
      ...this.ghosts.flat(),
      ...this.lines.flat(),
      ...this.wholes,
      ...this.arrows,
      ...this.labels,
      this.ring,
    );
  }

  /**
   * Draw the stage.
   * @param {Family} family
   * @param {Pose[]} poses
   * @param {{x: number, y: number}} card
   * @param {Look} seen
   * @param {Item} chosen
   * @param {number} spin
   */
  draw(family, poses, card, seen, chosen, spin) {
    if (family !== this.family) this.build(family);
    const names = family.wholes.map((whole, j) => namePlace(family, whole, seen.read[j]));
    const [first, second] = names;
    const named = seen.lengths.every((length) => length >= NAMED);
    if (named && Math.abs(first.x - second.x) < 3 * LINE && Math.abs(first.y - second.y) < LINE)
      second.y = first.y - LINE;
    poses.forEach((pose, i) => {
      this.parts[i].setAttribute("transform", place(pose));
      setAll(this.arrows[i], { transform: place(pose), d: arrow(ARROW * seen.chances[i], 4) });
    });
    const longest = Math.max(...seen.lengths, 0.01);
    seen.voted.forEach((votes, j) => {
      // the outlines of what is shorter are paler, or those of all would lie in a heap
      const seenBeside = 0.3 + 0.7 * (seen.lengths[j] / longest) ** 2;
      votes.forEach((vote, i) => {
        const share = seen.coefficients[i][j] * seen.chances[i];
        setAll(this.ghosts[j][i], { transform: place(vote), opacity: (share * seenBeside).toFixed(3) });
        setAll(this.lines[j][i], {
          x1: poses[i].x.toFixed(2),
          y1: poses[i].y.toFixed(2),
          x2: vote.x.toFixed(2),
          y2: vote.y.toFixed(2),
          "stroke-width": (THICKEST * share).toFixed(2),
        });
      });
      setAll(this.wholes[j], { transform: place(seen.read[j]), d: arrow(ARROW * seen.lengths[j], 6) });
      setAll(this.labels[j], {
        x: names[j].x.toFixed(2),
        y: names[j].y.toFixed(2),
        visibility: seen.lengths[j] < NAMED ? "hidden" : "visible",
      });
    });
    this.card.setAttribute("transform", `translate(${card.x.toFixed(2)} ${card.y.toFixed(2)})`);
    this.card.classList.toggle("chosen", chosen === "card");
    this.drawRing(ringOf(chosen, poses, spin));
  }

  /** @param {ReturnType<typeof ringOf>} ring */
  drawRing(ring) {
    this.ring.toggleAttribute("hidden", ring === null);
    this.ring.setAttribute("visibility", ring ? "visible" : "hidden");
    if (!ring) return;
    const [circle, stem, knob] = this.ring.children;
    this.ring.setAttribute("transform", place(ring));
    circle.setAttribute("r", String(ring.radius));
    stem.setAttribute("d", `M0 ${-ring.radius + KNOB}v${8}`);
    setAll(knob, { cy: -ring.radius, r: KNOB, class: "knob" });
  }
}

// The sentence that follows the last move, and the stage in words.

import { capital } from "../kit/panel.js";
import { two } from "./diagrams.js";

/** @typedef {import("./scenes.js").Scene} Scene */
/** @typedef {import("./scenes.js").Look} Look */
/** @typedef {import("./stage.js").Item} Item */

/**
 * @typedef {object} Move What was done last, and to what.
 * @property {"scene" | "move" | "turn" | "card" | "iterations"} kind
 * @property {Item} item
 */

const SAME = 0.015; // lengths that differ by less count as the same

/** @type {(before: number, now: number) => boolean} */
const isSame = (before, now) => Math.abs(now - before) < SAME;

/**
 * Return how the length of a scene's whole changed.
 * @param {Scene} scene
 * @param {Look} before
 * @param {Look} now
 * @param {string} less why it fell
 * @param {string} more why it grew
 */
function outcome({ family, whole }, before, now, less, more) {
  const name = family.wholes[whole].name;
  const [was, is] = [before.lengths[whole], now.lengths[whole]];
  if (isSame(was, is)) return `The ${name} stays ${two(is)} long.`;
  const [why, way] = is < was ? [less, "falls"] : [more, "grows"];
  return `${why}: the ${name}'s length ${way} from ${two(was)} to ${two(is)}.`;
}

/**
 * Return what to look for after the card was moved.
 * @param {Scene} scene
 * @param {Look} before
 * @param {Look} now
 */
function ofCard(scene, before, now) {
  const changes = now.seen.map((share, i) => Math.abs(share - before.seen[i]));
  const most = Math.max(...changes);
  if (most === 0 && now.seen.every((share) => share === 1)) return "The card covers nothing yet. Drag it over a part.";
  const part = most > 0 ? changes.indexOf(most) : now.seen.indexOf(Math.min(...now.seen));
  const { name } = scene.family.parts[part];
  const arrow =
    now.seen[part] === 0
      ? `Nothing of the ${name} is in sight, and its arrow is gone.`
      : `${Math.round(100 * now.seen[part])}\u202f% of the ${name} is in sight: its arrow keeps its direction and is ${two(now.chances[part])} long.`;
  return `${arrow} ${outcome(scene, before, now, "Its votes shrink with it", "Its votes grow with it")}`;
}

/**
 * Return what to look for after a scene was set up.
 * @param {string} key
 * @param {Scene} scene
 * @param {Look} now
 * @param {Look} intact the same with mouth and nose in their places
 */
function ofScene(key, { family, whole }, now, intact) {
  const [right, wrong] = [family.wholes[whole].name, family.wholes[1 - whole].name];
  if (key === "swapped")
    return (
      `Every part is found as before, so max pooling still answers face, ${two(now.poolingAnswer)}. But mouth and nose ` +
      `vote for faces that lie apart: the face's length falls from ${two(intact.lengths[0])} to ${two(now.lengths[0])}.`
    );
  const count = family.parts.length === 2 ? "both" : "all four";
  return (
    `Each part says where the whole must lie. For a ${right} ${count} say the same: its outlines match, length ` +
    `${two(now.lengths[whole])}. For a ${wrong} they disagree: ${two(now.lengths[1 - whole])}. Drag a part.`
  );
}

/**
 * Return what to look for after the last move.
 * @param {string} key of the scene
 * @param {Scene} scene
 * @param {Move} move
 * @param {Look} before
 * @param {Look} now
 * @param {Look} intact
 */
export function sentence(key, scene, { kind, item }, before, now, intact) {
  const { family } = scene;
  const result = outcome(scene, before, now, "The votes agree less", "The votes agree more");
  if (kind === "scene") return ofScene(key, scene, now, intact);
  if (kind === "iterations") return ofIterations(scene, now, before);
  if (kind === "card" || item === "card") return ofCard(scene, before, now);
  if (item === "all") {
    const done = kind === "turn" ? "turned" : "moved";
    return `Everything ${done} together, and every vote with it: the arrows' directions follow. ${result}`;
  }
  const { name } = family.parts[item];
  const length = two(now.chances[item]);
  return kind === "turn"
    ? `The ${name}'s arrow turns with it and stays ${length} long; its votes swing around. ${result}`
    : `The ${name}'s votes move with it; its own length stays ${length}. ${result}`;
}

/**
 * Return what routing did.
 * @param {Scene} scene
 * @param {Look} now
 * @param {Look} before
 */
function ofIterations({ family, whole }, now, before) {
  const [name, other] = [family.wholes[whole].name, family.wholes[1 - whole].name];
  const lengths = `the ${name} is ${two(now.lengths[whole])} long, the ${other} ${two(now.lengths[1 - whole])}`;
  const shares = now.coefficients.flat(); // of each part for both wholes
  if (shares.every((share) => share === 0.5))
    return `Without routing every part gives half of its vote to each whole: ${lengths}.`;
  const most = shares.indexOf(Math.max(...shares));
  if (shares[most] < 0.5 + SAME) return `No votes agree more than the others, and the shares stay equal: ${lengths}.`;
  const was = before.coefficients.flat()[most];
  const from = isSame(was, shares[most]) ? "" : `, after ${two(was)},`;
  const part = family.parts[Math.floor(most / 2)].name;
  return (
    `Votes that agree get a greater share: the ${part} now gives ${two(shares[most])}${from} of its vote to the ` +
    `${family.wholes[most % 2].name}; ${lengths}.`
  );
}

/**
 * Return the stage in words.
 * @param {Scene} scene
 * @param {import("./poses.js").Pose[]} poses
 * @param {Look} now
 */
export function description({ family }, poses, now) {
  const parts = family.parts.map(({ name }, i) => {
    const degrees = Math.round((poses[i].turn * 180) / Math.PI) % 360;
    return `${name} at ${Math.round(poses[i].x)}, ${Math.round(poses[i].y)}, turned by ${degrees} degrees, length ${two(now.chances[i])}`;
  });
  const wholes = family.wholes.map(({ name }, j) => `${capital(name)} ${two(now.lengths[j])}`);
  return `A stage of 300 by 200 with ${parts.join("; ")}. Lengths of the wholes: ${wholes.join(", ")}.`;
}

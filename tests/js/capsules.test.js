// Capsules by hand: routing against core.nets.capsule, and what the stage promises of poses, votes and lengths.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { encode, voteMatrix, wholeOf } from "../../core/ui/components/capsules_by_hand/poses.js";
import { dot, norm, route, squash, squashed, times } from "../../core/ui/components/capsules_by_hand/routing.js";
import {
  CARD,
  EVIDENCE,
  FAMILIES,
  MOST_ITERATIONS,
  SCENES,
  STAGE,
  look,
  readPoses,
  write,
} from "../../core/ui/components/capsules_by_hand/scenes.js";
import { namePlace } from "../../core/ui/components/capsules_by_hand/stage.js";
import { sentence } from "../../core/ui/components/capsules_by_hand/what_to_notice.js";
import { closeTo } from "./close.js";

/** @typedef {{poses: number[][], weights: number[][][][], iterations: number, capsules: number[][], coefficients: number[][]}} Routed */

/** @type {{routing: Routed[], stage: {parts: Record<string, number>, iterations: number, size: number[]}}} */
const { routing, stage } = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf8"));

const AWAY = { x: CARD.x, y: CARD.y };
const lengthsOf = (/** @type {string} */ name, iterations = 3) => {
  const { family, poses } = SCENES[name];
  return look(family, poses, AWAY, iterations).lengths;
};

test("routing comes to what core.nets.capsule computes", () => {
  for (const { poses, weights, iterations, capsules, coefficients } of routing) {
    const routed = route(
      poses.map((pose) => Float64Array.from(pose)),
      weights.map((own) => own.map((matrix) => Float64Array.from(matrix.flat()))),
      iterations,
    );
    routed.capsules.forEach((capsule, j) => closeTo(capsule, capsules[j], 1e-6));
    routed.coefficients.forEach((row, i) => closeTo(row, coefficients[i], 1e-6));
  }
});

test("squash makes 0.5 of 1 and 0.9 of 3, and keeps 0 and the direction", () => {
  closeTo([squashed(1), squashed(3), norm(squash(Float64Array.of(0, 0)))], [0.5, 0.9, 0], 1e-12);
  closeTo(squash(Float64Array.of(0, -3, 0)), [0, -0.9, 0], 1e-9);
});

test("a vote is the whole's pose, as long as the part's capsule times the gain", () => {
  for (const { wholes, gain } of Object.values(FAMILIES))
    for (const { offsets } of wholes)
      for (const offset of offsets)
        for (const part of [
          { x: 20, y: 150, turn: 0 },
          { x: 210, y: 70, turn: 2.1 },
          { x: 150, y: 0, turn: -0.7 },
        ]) {
          const vote = times(encode(part), voteMatrix(part.turn, offset, gain));
          closeTo(
            vote,
            encode(wholeOf(part, offset)).map((value) => gain * value),
            1e-12,
          );
          closeTo([norm(encode(part))], [1], 1e-12);
        }
});

test("equal poses agree, and poses far apart or turned by a quarter do not", () => {
  const agreement = (/** @type {number} */ x, turn = 0) =>
    dot(encode({ x: 100, y: 90, turn: 1 }), encode({ x: 100 + x, y: 90, turn: 1 + turn }));
  closeTo([agreement(0)], [1], 1e-12);
  assert.ok(agreement(5) > 0.9);
  assert.ok(agreement(40) < 0.1);
  assert.ok(agreement(0, Math.PI / 2) < 0.1);
});

test("the whole that is shown is long, and the other one of the same parts is short", () => {
  for (const name of ["house", "boat", "face", "bicycle"]) {
    const lengths = lengthsOf(name);
    const { whole } = SCENES[name];
    assert.ok(lengths[whole] > 0.8, `${name}: ${lengths}`);
    assert.ok(lengths[1 - whole] < 0.3, `${name}: ${lengths}`);
  }
});

test("swapping mouth and nose halves the face's length, and changes no part and not max pooling's answer", () => {
  const [before, after] = ["face", "swapped"].map((name) => look(SCENES[name].family, SCENES[name].poses, AWAY, 3));
  assert.ok(after.lengths[0] < 0.6 * before.lengths[0]);
  assert.deepEqual(after.chances, before.chances);
  assert.deepEqual(after.pooled, before.pooled);
  assert.equal(after.poolingAnswer, before.poolingAnswer);
});

test("moving and turning everything together keeps all lengths and turns the whole", () => {
  const { family, poses } = SCENES.face;
  const turn = 2.5;
  const moved = poses.map((pose) => {
    const [x, y] = [pose.x - 140, pose.y - 98];
    return {
      x: 60 + x * Math.cos(turn) - y * Math.sin(turn),
      y: 120 + x * Math.sin(turn) + y * Math.cos(turn),
      turn: pose.turn + turn,
    };
  });
  const [before, after] = [poses, moved].map((stage) => look(family, stage, { x: 900, y: 900 }, 3));
  closeTo(after.lengths, before.lengths, 1e-9);
  closeTo([after.read[0].turn - before.read[0].turn], [turn], 1e-9);
});

test("a covered part's capsule is 0 long, and half of its evidence is squashed", () => {
  const { family, poses } = SCENES.house;
  const bare = look(family, poses, AWAY, 3);
  closeTo(bare.chances, [squashed(EVIDENCE), squashed(EVIDENCE)], 1e-12);
  const { x, y } = poses[1];
  const half = look(family, poses, { x: x + CARD.width / 2, y: y + 2 }, 3);
  assert.ok(Math.abs(half.seen[1] - 0.5) < 0.05);
  assert.equal(half.seen[0], 1);
  const eye = look(SCENES.face.family, SCENES.face.poses, SCENES.face.poses[0], 3);
  assert.equal(eye.chances[0], 0);
  assert.ok(eye.lengths[0] < lengthsOf("face")[0]);
});

test("without iterations every part gives half of itself to each whole; with them, what it gives sums to 1", () => {
  const { family, poses } = SCENES.boat;
  for (const iterations of [0, 1])
    assert.deepEqual(look(family, poses, AWAY, iterations).coefficients, [
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
  const { coefficients } = look(family, poses, AWAY, 5);
  for (const [toHouse, toBoat] of coefficients) {
    closeTo([toHouse + toBoat], [1], 1e-12);
    assert.ok(toBoat > 0.8);
  }
});

test("poses are written to the URL and read back", () => {
  const poses = readPoses("20-0-0_299-200-359");
  assert.equal(write(poses), "20-0-0_299-200-359");
  assert.equal(write([{ x: 1.4, y: 2.6, turn: -Math.PI / 2 }]), "101-103-270");
});

test("Python checks links by the same scenes and limits", () => {
  const parts = Object.entries(SCENES).map(([name, { poses }]) => [name, poses.length]);
  assert.deepEqual(Object.fromEntries(parts), stage.parts);
  assert.equal(MOST_ITERATIONS, stage.iterations);
  assert.deepEqual([STAGE.width, STAGE.height], stage.size);
});

test("the sentence follows what was done, with the numbers before and after", () => {
  const { family, poses } = SCENES.face;
  const [before, after] = [poses, SCENES.swapped.poses].map((stage) => look(family, stage, AWAY, 3));
  const [was, is] = [before, after].map(({ lengths }) => lengths[0].toFixed(2));
  const of = (
    /** @type {string} */ key,
    /** @type {import("../../core/ui/components/capsules_by_hand/what_to_notice.js").Move} */ move,
  ) => sentence(key, SCENES[key], move, before, after, before);
  for (const words of [of("swapped", { kind: "scene", item: "all" }), of("face", { kind: "move", item: 3 })])
    assert.ok(words.includes(`from ${was} to ${is}`), words);
  const hidden = look(family, poses, poses[0], 1);
  const equal = sentence("face", SCENES.face, { kind: "iterations", item: "all" }, before, hidden, before);
  assert.ok(equal.includes(hidden.lengths[0].toFixed(2)), equal);
});

test("a whole is named below its outline, or above it at the stage's lower edge", () => {
  const { building, face } = FAMILIES;
  const [house] = building.wholes;
  const low = namePlace(building, house, { x: 140, y: 98, turn: 0 });
  assert.equal(low.x, 140);
  assert.ok(low.y > 98 + 20 + 25 && low.y < 98 + 20 + 25 + 12); // the rectangle's lower edge
  const high = namePlace(building, house, { x: 140, y: 170, turn: 0 });
  assert.ok(high.y < 170 - 19 - 28 && high.y > 100); // the triangle's tip
  assert.ok(namePlace(face, face.wholes[0], { x: 140, y: 98, turn: 0 }).y > 98 + 74); // the face's frame
});

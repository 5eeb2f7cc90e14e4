// What a copied link is said to hold, and the drawing of its code, by node's own test runner.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { codePath, heldWords, isLocal, toastText } from "../../core/ui/layout/copy_link/copy_link.js";

const WORDS = { kernel: "your kernel", edit: "your kernel", run: "your run", picture: "your picture", tab: "" };
const DATA = { words: WORDS, prefix: "k_", missing: [], asked: "", code: null };

describe("the title line's tools", () => {
  test("each thing that a link holds is named once", () => {
    assert.deepEqual(heldWords("?k_kernel=box&k_edit=x&k_picture=cat", "k_", WORDS), ["your kernel", "your picture"]);
    assert.deepEqual(heldWords("?k_cifar_run=1&k_colors=2", "k_", WORDS), ["your run", "your settings"]);
  });

  test("another page's keys and the place on the page are nothing of its own", () => {
    assert.deepEqual(heldWords("?m_kernel=box&k_tab=noise", "k_", WORDS), []);
  });

  test("the toast says what is not in the link, and that it is long", () => {
    const text = toastText("?k_kernel=box", { ...DATA, missing: ["Not this."] }, 2500);
    assert.match(text, /^Link copied\. Whoever opens it sees this page with your kernel\. Not this\. It has 2,500 /);
    assert.match(toastText("", DATA, 20), /as it is at first\.$/);
  });

  test("a code's black modules are drawn within a border of four white ones", () => {
    assert.equal(codePath(["101", "011"]), "M4 4h1v1h-1zM6 4h1v1h-1zM5 5h2v1h-2z");
  });

  test("an address of this computer is known", () => {
    assert.deepEqual(["localhost", "127.0.0.1", "[::1]", "lab.example.org"].map(isLocal), [true, true, true, false]);
  });
});

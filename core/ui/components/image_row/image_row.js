// One picture with its words. Data are bytes: a line of JSON {width, enlarged, alt, caption}, then a WebP file, so that
// neither base64 nor JSON has to be read through for it.

import { make } from "../kit/elements.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {{data: Uint8Array, figure: HTMLElement, image: HTMLImageElement, words: HTMLElement}} Shown */

/** @type {WeakMap<Parent, Shown>} of each parent: the bytes given last and what shows them */
const shown = new WeakMap();

/**
 * Return whether both hold the same bytes: Streamlit decodes a message anew each time, also where it is the last one again.
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** @param {Parent} parent */
function build(parent) {
  const [image, words] = [make("img", { decoding: "sync" }), make("figcaption")]; // the old picture stands until the new
  const figure = make("figure", {}, image, words); // one can be painted, in the same frame as the rest
  parent.append(figure);
  return { data: new Uint8Array(), figure, image, words };
}

/**
 * Show the picture.
 * @param {Component} component
 */
export default function mount({ parentElement, data }) {
  const one = shown.get(parentElement) ?? build(parentElement);
  shown.set(parentElement, one);
  if (!isSame(data, one.data)) {
    const end = data.indexOf(10); // the line's feed
    const { width, enlarged, alt, caption } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
    const old = one.image.src;
    one.image.src = URL.createObjectURL(new Blob([data.subarray(end + 1)], { type: "image/webp" }));
    one.image.alt = alt;
    one.image.style.width = `${width}px`;
    one.image.classList.toggle("enlarged", enlarged);
    one.words.textContent = caption;
    one.words.hidden = !caption;
    one.data = data;
    URL.revokeObjectURL(old);
  }
  return () => {
    URL.revokeObjectURL(one.image.src);
    one.figure.remove();
    shown.delete(parentElement);
  };
}

// A capsule network's decoder in the browser. Data are bytes for the part that gets its weights once, a line of JSON {name,
// widths} and float16 numbers, and plain JSON for those that draw with it: sliders, or the grid of the paper.

import { mountPart } from "../kit/component.js";
import { unpack } from "./decoder.js";
import { offer } from "./exchange.js";
import { Grid } from "./grid.js";
import { Sliders } from "./sliders.js";

/** @typedef {import("../kit/component.js").Component} Component */

class Weights {
  /** @type {(() => void) | null} */
  stop = null;
  name = "";

  dispose() {
    this.stop?.();
  }

  /** @param {Uint8Array} data */
  update(data) {
    const end = data.indexOf(10); // the line's feed
    const { name, widths } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
    if (name === this.name) return; // its weights' digest is in it
    this.name = name;
    this.stop?.();
    this.stop = offer(name, unpack(widths, data.subarray(end + 1)));
  }
}

/** @param {Component} component */
export default function mount(component) {
  const { data } = component;
  return mountPart(data instanceof Uint8Array ? Weights : data.steps ? Grid : Sliders, component);
}

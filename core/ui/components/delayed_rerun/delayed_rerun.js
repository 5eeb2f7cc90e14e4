// Two ends of a wire across the page: one is told whenever its part of the page has moved, the other waits until all is at
// rest and then asks Python to run the part it stands in. Neither is seen.

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {{name: string, move?: string}} Data `move` is missing where a part waits. */
/** @typedef {{data: Data, setTriggerValue: Component["setTriggerValue"], stop: () => void}} End */

const REST_MS = 150; // without a move: as long as a hand on a slider's key pauses between two steps

/** @type {WeakMap<Parent, End>} of each parent: the latest data and trigger, and how to let go */
const ends = new WeakMap();

/**
 * Tell the other ends of this name that something has moved, or wait for it.
 * @param {Component} component
 */
export default function mount({ parentElement, data, setTriggerValue }) {
  const known = ends.get(parentElement);
  const end = known ?? { data, setTriggerValue, stop: () => {} };
  ends.set(parentElement, end);
  const { name, move } = data;
  const hasMoved = move !== undefined && move !== end.data.move;
  Object.assign(end, { data, setTriggerValue });
  if (hasMoved) window.dispatchEvent(new CustomEvent("cnn-lab-moved", { detail: name }));
  if (!known && move === undefined) listen(end);
  return () => {
    end.stop();
    ends.delete(parentElement);
  };
}

/** @param {End} end */
function listen(end) {
  let timer = 0;
  /** @param {Event} event */
  const heard = (event) => {
    if (!(event instanceof CustomEvent) || event.detail !== end.data.name) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => end.setTriggerValue("rested", true), REST_MS);
  };
  window.addEventListener("cnn-lab-moved", heard);
  end.stop = () => {
    clearTimeout(timer);
    window.removeEventListener("cnn-lab-moved", heard);
  };
}

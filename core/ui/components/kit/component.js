// The life of a component: Streamlit calls its `mount` again, with the same parent, whenever data or theme change.

/** @typedef {HTMLElement | ShadowRoot} Parent */

/**
 * @typedef {object} Component What Streamlit gives to a component's `mount`.
 * @property {Parent} parentElement
 * @property {any} data what Python sends: JSON, or bytes
 * @property {Tell} setStateValue
 * @property {Tell} setTriggerValue
 */

/** @typedef {(name: string, value: unknown) => void} Tell Tell Python a value under that name. */

/**
 * @typedef {object} Part What stands in a parent from its first mount to its last.
 * @property {(data: any, tell: Tell) => void} update
 * @property {() => void} dispose
 */

/** @type {WeakMap<Parent, Part>} */
const parts = new WeakMap();

/**
 * Return the part that stands in a parent.
 * @param {Parent} parent
 */
export const partOf = (parent) => parts.get(parent);

/**
 * Build a part on the first call for a parent, give it the data on each, and return what removes it.
 * @param {new (parent: Parent) => Part} Kind
 * @param {Component} component
 */
export function mountPart(Kind, { parentElement, data, setStateValue }) {
  const part = parts.get(parentElement) ?? new Kind(parentElement);
  parts.set(parentElement, part);
  part.update(data, setStateValue);
  markDrawn(parentElement);
  return () => {
    part.dispose();
    parts.delete(parentElement);
  };
}

/**
 * Mark a part as drawn once its first frame is: until then its place has a quiet ground (page_frame.css).
 * @param {Parent} parent
 */
function markDrawn(parent) {
  const host = parent instanceof ShadowRoot ? parent.host : parent;
  requestAnimationFrame(() => requestAnimationFrame(() => host.setAttribute("data-drawn", "")));
}

/**
 * Draw again whenever an element's size or the page's theme changes; return what ends that.
 * @param {Element} element
 * @param {() => void} draw
 */
export function watchLooks(element, draw) {
  const resized = new ResizeObserver(draw);
  resized.observe(element);
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  return () => {
    resized.disconnect();
    themed.disconnect();
  };
}

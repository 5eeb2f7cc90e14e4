// Small helpers for building pages.

/** @typedef {Record<string, string | number | boolean>} Attributes */

export const FINGER = 44; // CSS pixels that a finger needs

/**
 * Return the value of `low` to `high` that is nearest to `value`.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * Set all attributes of an element.
 * @param {Element} element
 * @param {Attributes} attributes
 */
export function setAll(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/**
 * Return an HTML element with its attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Return an SVG element with its attributes and children.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function makeSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Return the child of `parent` that a CSS selector finds; that there is one, the component's own HTML promises.
 * @template {Element} [Found=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 */
export function find(parent, selector) {
  const found = parent.querySelector(selector);
  if (!found) throw new Error(`There is no ${selector}.`);
  return /** @type {Found} */ (found);
}

/**
 * Return the element that has the focus, in the document or the shadow root that `element` stands in.
 * @param {Element} element
 */
export const focused = (element) => /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * Return the step [rows, columns] of an arrow key, and keep the page from scrolling by it; null of other keys.
 * @param {KeyboardEvent} event
 */
export function arrowStep(event) {
  const step = ARROWS[event.key];
  if (!step) return null;
  event.preventDefault();
  return step;
}

/**
 * Call `act` with the pointer's place on a canvas, in cells of `unit` device pixels, while it is over it.
 * @param {HTMLCanvasElement} canvas
 * @param {() => number} ratio device pixels in a CSS pixel
 * @param {() => number} unit
 * @param {(row: number, column: number, event: PointerEvent) => void} act
 */
export function onCells(canvas, ratio, unit, act) {
  /** @param {PointerEvent} event */
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const cell = (/** @type {number} */ offset) => Math.floor((offset * ratio()) / unit());
    act(cell(event.clientY - box.top), cell(event.clientX - box.left), event);
  };
  canvas.addEventListener("pointermove", at);
  canvas.addEventListener("pointerdown", at);
}

/**
 * Let a finger scroll the page over an element, but for its handles: there it drags.
 * @param {HTMLElement} element
 * @param {(x: number, y: number) => boolean} isHandle of CSS pixels from the element's corner
 */
export function scrollBeside(element, isHandle) {
  element.style.touchAction = "pan-y pinch-zoom";
  element.addEventListener(
    "touchstart",
    (event) => {
      const [{ clientX, clientY }, box] = [event.changedTouches[0], element.getBoundingClientRect()];
      if (isHandle(clientX - box.left, clientY - box.top)) event.preventDefault();
    },
    { passive: false },
  );
}

// Small helpers for building pages, shared by the components of core.ui.

const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

/** An element with its attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Calls `act` with the pointer's place on a canvas, in cells of `unit` device pixels, while it is over it. */
export function onCells(canvas, ratio, unit, act) {
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    act(...[event.clientY - box.top, event.clientX - box.left].map((v) => Math.floor((v * ratio()) / unit())), event);
  };
  canvas.addEventListener("pointermove", at);
  canvas.addEventListener("pointerdown", at);
}

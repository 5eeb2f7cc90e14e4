// What a pressed key means for an editor of the page, or for a stage that plays.

const WITHOUT_TEXT = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);

/** @typedef {Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">} Key */
/** @typedef {Partial<Pick<HTMLInputElement, "tagName" | "type" | "value" | "role" | "ariaExpanded" | "isContentEditable" | "dataset">>} Target */

/**
 * Return the steps that a key asks for: -1 for undo, 1 for redo, 0 for any other key.
 * @param {Key} key
 */
export function stepOf({ key, altKey, ctrlKey, metaKey, shiftKey }) {
  if (key.toLowerCase() !== "z" || altKey || ctrlKey === metaKey) return 0;
  return shiftKey ? 1 : -1;
}

/**
 * Return whether text is written in what a key goes to.
 * @param {Target} target an element, or the document or window, which are none
 */
export function isWritten({ tagName, type = "text", value, role, ariaExpanded, isContentEditable = false, dataset }) {
  if (isContentEditable || tagName === "TEXTAREA") return true;
  if (tagName !== "INPUT" || WITHOUT_TEXT.has(type)) return false;
  if (role === "spinbutton") return dataset?.typing !== undefined; // the kit's number: dragged and stepped, too
  if (role !== "combobox") return true;
  return ariaExpanded === "true" && value !== ""; // a list to choose from: closed, it shows what was chosen
}

/**
 * Return the step that a key asks for on a stage that plays: -1 for `[`, 1 for `]`, 0 for any other key.
 * @param {Key} key
 */
export function playStep({ key, altKey, ctrlKey, metaKey }) {
  if (altKey && !ctrlKey) return 0; // with both, a keyboard that has brackets on AltGr
  if (metaKey || (ctrlKey && !altKey)) return 0;
  return key === "]" ? 1 : key === "[" ? -1 : 0;
}

/**
 * Step through a stage with `[` and `]` while it is in sight, wherever the focus is, except where text is written.
 * @param {Element} stage
 * @param {(by: number) => void} step
 * @param {AbortSignal} signal that ends it
 */
export function stepByKeys(stage, step, signal) {
  const press = (/** @type {KeyboardEvent} */ event) => {
    const by = playStep(event);
    const at = event.composedPath()[0];
    if (!by || event.defaultPrevented || isWritten(/** @type {Target} */ (at))) return;
    const { top, bottom, height } = stage.getBoundingClientRect();
    if (!height || bottom < 0 || top > innerHeight) return;
    event.preventDefault(); // two stages in sight: the first takes it
    step(by);
  };
  document.addEventListener("keydown", press, { signal });
}

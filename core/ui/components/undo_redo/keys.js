// What a pressed key means for an editor of the page.

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

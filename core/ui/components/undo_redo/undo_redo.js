// Ctrl+Z and Ctrl+Shift+Z (Cmd on a Mac) for an editor of the page. Nothing of it is seen. Where text is
// written, the keys stay the browser's own.

const REST_MS = 450; // what was just done reaches Python first: the components report once they have rested for less
const WITHOUT_TEXT = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);
const MODIFIERS = new Set(["Alt", "Control", "Meta", "Shift"]);
const EDITOR = '[class*="st-key-editor_"]';

const isWritten = (element) => {
  if (element.isContentEditable || element.tagName === "TEXTAREA") return true;
  if (element.tagName !== "INPUT" || WITHOUT_TEXT.has(element.type)) return false;
  return element.role !== "combobox" || element.ariaExpanded === "true"; // a list to choose from that is closed holds no text
};

/** The steps that a key asks for: -1 for undo, 1 for redo, 0 for any other key. */
const stepOf = (event) => {
  if (event.key.toLowerCase() !== "z" || event.altKey || event.ctrlKey === event.metaKey) return 0;
  return event.shiftKey ? 1 : -1;
};

class Keys {
  constructor(parent) {
    this.host = parent.getRootNode().host ?? parent; // components stand in a shadow of their own
    this.counter = Date.now();
    this.steps = 0; // in sum
    this.actedAt = 0;
    this.isUsed = null; // whether the editor that was used last is this one; null before any was
    this.listeners = { keydown: (event) => this.press(event), pointerdown: (event) => this.use(event), pointerup: () => this.act(), focusin: (event) => this.use(event), input: () => this.act() };
    for (const [name, listener] of Object.entries(this.listeners)) window.addEventListener(name, listener, true);
  }

  dispose() {
    clearTimeout(this.waiting);
    for (const [name, listener] of Object.entries(this.listeners)) window.removeEventListener(name, listener, true);
  }

  act() {
    this.actedAt = performance.now();
  }

  /** A pointer or the focus has come to something: is it in this editor, in another, or in none? */
  use(event) {
    const editor = event.composedPath().find((element) => element.matches?.(EDITOR));
    if (editor) this.isUsed = editor.contains(this.host);
  }

  get isMeant() {
    if (this.isUsed !== null) return this.isUsed;
    const first = document.querySelector(EDITOR);
    return first === null || first.contains(this.host);
  }

  press(event) {
    const step = stepOf(event);
    if (step === 0 && !MODIFIERS.has(event.key)) this.act();
    if (step === 0 || isWritten(event.composedPath()[0]) || !this.isMeant) return;
    event.preventDefault();
    this.steps += step;
    clearTimeout(this.waiting);
    const rest = this.actedAt + REST_MS - performance.now();
    this.waiting = setTimeout(() => this.tell("keys", { counter: this.counter, steps: this.steps }), Math.max(0, rest));
  }
}

const mounted = new WeakMap(); // Streamlit calls again with the same parent whenever the page runs

export default function mount({ parentElement, setStateValue }) {
  let keys = mounted.get(parentElement);
  if (!keys) mounted.set(parentElement, (keys = new Keys(parentElement)));
  keys.tell = setStateValue;
  return () => {
    keys.dispose();
    mounted.delete(parentElement);
  };
}

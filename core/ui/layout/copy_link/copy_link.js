// The title line's tools: copy the page's link, show it as a QR code, bring back the notes on the picture.

/**
 * @typedef {object} Data What Python sends.
 * @property {Record<string, string>} words what settings are, by the end of their key
 * @property {string} prefix of the page's keys
 * @property {string[]} missing sentences on what the link cannot hold
 * @property {string} asked the address that `code` is of
 * @property {string[] | null} code rows of 0 and 1; null where the address is too long
 */

/** @typedef {{parentElement: HTMLElement | ShadowRoot, data: Data, setTriggerValue: (name: string, value: unknown) => void}} Component */

const TOAST_MS = 6000;
const LONG = 2000; // characters: longer links are cut by some programs
const QUIET = 4; // modules of white around a code, as its standard has it
const HELP = "cnn-lab-help"; // the window's event that brings back the notes of the page's pictures
const POINTED = "Point at a control, or go to it with Tab, to read what it does. Arrow keys move what has the focus.";
const TOUCHED = "Tap the question mark beside a control to read what it does.";

const ICONS = {
  link: "M10.6 13.4a3 3 0 0 0 4.3 0l3.5-3.5a3 3 0 0 0-4.3-4.3l-1.3 1.3M13.4 10.6a3 3 0 0 0-4.3 0l-3.5 3.5a3 3 0 0 0 4.3 4.3l1.3-1.3",
  code: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
  help: "M9 9a3 3 0 1 1 4.4 2.6c-.9.5-1.4 1-1.4 2.1M12 17.5v.1",
};

/**
 * Return a list in words: "a", "a and b", "a, b and c".
 * @param {string[]} parts
 */
const listed = (parts) =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;

/**
 * Return what a link holds, in words, each once, those of a kind first and "your settings" for all others.
 * @param {string} search the query of the address
 * @param {string} prefix
 * @param {Record<string, string>} words
 */
export function heldWords(search, prefix, words) {
  const found = new Set();
  let others = false;
  for (const key of new URLSearchParams(search).keys()) {
    if (!key.startsWith(prefix)) continue;
    const parts = key.slice(prefix.length).split("_");
    const known = parts.findLast((part) => Object.hasOwn(words, part));
    if (known === undefined) others = true;
    else if (words[known]) found.add(words[known]);
  }
  return [...found, ...(others ? ["your settings"] : [])];
}

/**
 * Return the sentence of the toast.
 * @param {string} search
 * @param {Data} data
 * @param {number} length characters of the whole address
 */
export function toastText(search, { prefix, words, missing }, length) {
  const held = heldWords(search, prefix, words);
  const opens = held.length ? `sees this page with ${listed(held)}` : "sees this page as it is at first";
  const long = length > LONG ? [`It has ${length.toLocaleString("en-US")} characters: some programs cut it off.`] : [];
  return [`Link copied. Whoever opens it ${opens}.`, ...missing, ...long].join(" ");
}

/**
 * Return the path of a code's black modules, in modules from its corner.
 * @param {string[]} rows
 */
export function codePath(rows) {
  let path = "";
  rows.forEach((row, y) => {
    for (const { index, 0: run } of row.matchAll(/1+/g))
      path += `M${index + QUIET} ${y + QUIET}h${run.length}v1h-${run.length}z`;
  });
  return path;
}

/**
 * Return whether an address leads only to the machine it is opened on.
 * @param {string} hostname
 */
export const isLocal = (hostname) => /^(localhost|127\.|\[?::1)/.test(hostname);

/**
 * Put a text on the clipboard; where there is no secure context, by selecting it. Return whether it is there.
 * @param {string} text
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.cssText = "position:fixed;opacity:0";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

/**
 * Return an element with a class and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name
 * @param {(Node | string)[]} children
 */
function make(tag, name, ...children) {
  const element = document.createElement(tag);
  element.className = name;
  element.append(...children);
  return element;
}

class Tools {
  /** @type {Data} */
  data;
  /** @type {(address: string) => void} */
  ask;

  /** @param {HTMLElement | ShadowRoot} parent */
  constructor(parent) {
    this.focusBack = /** @type {HTMLElement | null} */ (null);
    this.shown = ""; // the address whose code is shown
    this.hiding = 0;
    this.toast = make("p", "toast");
    this.toast.setAttribute("role", "status");
    this.toast.setAttribute("aria-live", "polite");
    this.picture = make("div", "picture");
    this.about = make("p", "about");
    this.field = make("input", "address");
    this.field.readOnly = true;
    this.field.setAttribute("aria-label", "Address of this page");
    const close = make("button", "close", "Close");
    close.addEventListener("click", () => this.dialog.close());
    this.dialog = make("dialog", "code", this.picture, this.about, this.field, close);
    this.dialog.setAttribute("aria-label", "QR code of this page");
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.root = make(
      "div",
      "tools",
      this.button("link", "Copy link", () => this.copyLink()),
      this.button("code", "QR code", () => this.openCode()),
      this.button("help", "Help", () => this.help()),
      this.dialog,
      this.toast,
    );
    parent.append(this.root);
  }

  dispose() {
    clearTimeout(this.hiding);
    this.root.remove();
  }

  /**
   * @param {keyof typeof ICONS} icon
   * @param {string} label
   * @param {() => void} act
   */
  button(icon, label, act) {
    const button = make("button", icon);
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
    button.setAttribute("aria-label", label);
    button.title = label;
    button.addEventListener("click", act);
    return button;
  }

  /**
   * @param {Data} data
   * @param {(address: string) => void} ask
   */
  update(data, ask) {
    this.data = data;
    this.ask = ask;
    if (this.dialog.open && data.asked === this.shown) this.drawCode();
  }

  async copyLink() {
    const { href, search } = window.location;
    if (await copy(href)) this.say(toastText(search, this.data, href.length));
    else this.openCode("The browser does not let this page copy: press Ctrl+C (on a Mac Cmd+C).");
  }

  /** @param {string} text */
  say(text) {
    this.toast.textContent = text;
    this.toast.classList.add("shown");
    clearTimeout(this.hiding);
    this.hiding = window.setTimeout(() => this.toast.classList.remove("shown"), TOAST_MS);
  }

  /** Open the code of the address as it is now. @param {string} why */
  openCode(why = "") {
    this.shown = window.location.href;
    this.field.value = this.shown;
    this.picture.replaceChildren();
    this.about.textContent = why;
    this.dialog.showModal();
    this.field.select();
    if (this.data.asked === this.shown) this.drawCode();
    else this.ask(this.shown);
  }

  drawCode() {
    const { code } = this.data;
    const about = [];
    if (code) {
      const side = code.length + 2 * QUIET;
      this.picture.innerHTML =
        `<svg viewBox="0 0 ${side} ${side}" role="img" aria-label="QR code of this page's address" ` +
        `shape-rendering="crispEdges"><rect width="${side}" height="${side}" fill="#fff"/>` +
        `<path d="${codePath(code)}" fill="#000"/></svg>`;
      about.push("Point a phone's camera at it.");
    } else {
      const length = this.shown.length.toLocaleString("en-US");
      about.push(`This link has ${length} characters, too many for a code that a phone reads: copy it instead.`);
    }
    if (isLocal(window.location.hostname))
      about.push("It leads to this computer alone: open the app under its address in the network first.");
    this.about.textContent = [this.about.textContent, ...about].filter(Boolean).join(" ");
  }

  /** Bring back the notes; without any, say how a page is used. */
  help() {
    const asked = new CustomEvent(HELP, { cancelable: true });
    if (!window.dispatchEvent(asked)) return; // somebody has notes
    this.say(matchMedia("(pointer: coarse)").matches ? TOUCHED : POINTED);
  }
}

/** @type {WeakMap<HTMLElement | ShadowRoot, Tools>} */
const parts = new WeakMap();

/** @param {Component} component */
export default function mount({ parentElement, data, setTriggerValue }) {
  const tools = parts.get(parentElement) ?? new Tools(parentElement);
  parts.set(parentElement, tools);
  tools.update(data, (address) => setTriggerValue("asked", address));
  return () => {
    tools.dispose();
    parts.delete(parentElement);
  };
}

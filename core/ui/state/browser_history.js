// One entry of the browser's history a visit of a page. Streamlit adds one for each change of the URL's parameters; here
// such a change takes the present entry's place, so that Back leads to the page before, as it was left. Parameters that
// arrive when the person has already gone on to another page are dropped, or just before: they are not that page's. So is
// a page that Back or Forward has just passed: Streamlit would add it once it is drawn, and what Forward led to would be lost.

const LATE_MS = 10_000; // that a page that was passed may take to be drawn
const ELSEWHERE = ["pointerdown", "keydown", "click"]; // it may lead to that page again

/** @param {{ data: Record<string, string> }} component  the first letters of each page's parameters, by page */
export default function mount({ data: prefixes }) {
  const { history, location } = window;
  if (Object.hasOwn(history, "pushState")) return;
  /** @type {Map<string, number>} when each page was passed */
  const passed = new Map();
  let here = location.pathname;
  window.addEventListener("popstate", () => {
    passed.set(here, performance.now());
    here = location.pathname;
  });
  const went = (/** @type {Event} */ event) => {
    const { altKey, metaKey } = /** @type {KeyboardEvent} */ (event); // Back, by its keys
    if (!altKey && !metaKey) passed.clear();
  };
  for (const kind of ELSEWHERE) window.addEventListener(kind, went, { capture: true });
  /** The address, and its parameters that are another page's. @param {string | URL | null} [url] */
  const read = (url) => {
    const address = new URL(url ?? location.href, location.href);
    const own = prefixes[address.pathname.split("/").filter(Boolean).at(-1) ?? ""];
    const others = Object.values(prefixes).filter((prefix) => prefix !== own);
    const late = [...address.searchParams.keys()].filter((key) => others.some((prefix) => key.startsWith(prefix)));
    return { address, late };
  };
  /** @type {History["replaceState"]} */
  history.replaceState = function (state, title, url) {
    if (!read(url).late.length) History.prototype.replaceState.call(history, state, title, url);
  };
  /** @type {History["pushState"]} */
  history.pushState = function (state, title, url) {
    const { address, late } = read(url);
    if (address.pathname === location.pathname) {
      history.replaceState(state, title, url);
      return;
    }
    if (performance.now() - (passed.get(address.pathname) ?? -Infinity) < LATE_MS) return;
    for (const key of late) address.searchParams.delete(key);
    History.prototype.pushState.call(history, state, title, late.length ? address : url);
    here = location.pathname;
  };
}

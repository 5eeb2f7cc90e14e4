// One entry of the browser's history a visit of a page. Streamlit adds one for each change of the URL's parameters; here
// such a change takes the present entry's place, so that Back leads to the page before, as it was left. Parameters that
// arrive when the person has already gone on to another page are dropped: they are not that page's.

/** @param {{ data: Record<string, string> }} component  the first letters of each page's parameters, by page */
export default function mount({ data: prefixes }) {
  const { history, location } = window;
  if (Object.hasOwn(history, "pushState")) return;
  /** @type {History["pushState"]} */
  history.pushState = function (state, title, url) {
    const { pathname, searchParams } = new URL(url ?? location.href, location.href);
    if (pathname !== location.pathname) return History.prototype.pushState.call(history, state, title, url);
    const own = prefixes[pathname.split("/").filter(Boolean).at(-1) ?? ""];
    const others = Object.values(prefixes).filter((prefix) => prefix !== own);
    if ([...searchParams.keys()].some((key) => others.some((prefix) => key.startsWith(prefix)))) return;
    history.replaceState(state, title, url);
  };
}

// One entry of the browser's history a visit of a page. Streamlit adds one for each change of the URL's parameters; here
// such a change takes the present entry's place, so that Back leads to the page before, as it was left. Parameters that
// arrive when the person has already gone on to another page are dropped, or just before: they are not that page's.

/** @param {{ data: Record<string, string> }} component  the first letters of each page's parameters, by page */
export default function mount({ data: prefixes }) {
  const { history, location } = window;
  if (Object.hasOwn(history, "pushState")) return;
  /** @type {History["pushState"]} */
  history.pushState = function (state, title, url) {
    const address = new URL(url ?? location.href, location.href);
    const own = prefixes[address.pathname.split("/").filter(Boolean).at(-1) ?? ""];
    const others = Object.values(prefixes).filter((prefix) => prefix !== own);
    const late = [...address.searchParams.keys()].filter((key) => others.some((prefix) => key.startsWith(prefix)));
    if (address.pathname === location.pathname) {
      if (!late.length) history.replaceState(state, title, url);
      return;
    }
    for (const key of late) address.searchParams.delete(key);
    History.prototype.pushState.call(history, state, title, late.length ? address : url);
  };
}

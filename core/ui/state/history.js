// One entry of the browser's history a visit of a page. Streamlit adds one for each change of the URL's parameters; here
// such a change takes the present entry's place, so that Back leads to the page before, as it was left.
export default function mount() {
  const { history, location } = window;
  if (Object.hasOwn(history, "pushState")) return;
  /** @type {History["pushState"]} */
  history.pushState = function (state, title, url) {
    const isSamePage = new URL(url ?? location.href, location.href).pathname === location.pathname;
    return isSamePage
      ? history.replaceState(state, title, url)
      : History.prototype.pushState.call(history, state, title, url);
  };
}

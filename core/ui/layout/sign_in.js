// Streamlit's sign-in ends at the home page of a new session. The tab remembers where the link led, and goes on there:
// to an address of this app alone, within ten minutes.

const KEY = "cnnlab_sign_in_from";
const MAX_AGE = 600_000;

/** @param {{ data: { task: "keep" | "return" | "leave", root: string } }} component */
export default function mount({ data: { task, root } }) {
  const { pathname, search, origin } = window.location;
  const atRoot = pathname === root && search === "";
  if (task === "leave") {
    sessionStorage.removeItem(KEY);
    window.location.replace(root);
  } else if (task === "keep") {
    if (!atRoot) sessionStorage.setItem(KEY, JSON.stringify([Date.now(), pathname + search]));
  } else {
    const target = kept(sessionStorage.getItem(KEY), Date.now(), origin, root);
    sessionStorage.removeItem(KEY);
    if (target && atRoot) window.location.replace(target);
  }
}

/**
 * Return the address to go on to: only one of this origin, below the app's root.
 *
 * @param {string | null} stored
 * @param {number} now
 * @param {string} origin
 * @param {string} root
 * @returns {string | null}
 */
export function kept(stored, now, origin, root) {
  try {
    const [at, path] = JSON.parse(stored ?? "[]");
    if (typeof path !== "string" || !(now - at < MAX_AGE)) return null;
    const url = new URL(path, origin);
    return url.origin === origin && url.pathname.startsWith(root) ? url.href : null;
  } catch {
    return null;
  }
}

// What a part tells Python once the hand rests: sooner if something else on the page is pressed. That may be a link, which
// leads away once it is let go: told later, this would ask for the page that is left, and the person would stay there.

const ELSEWHERE = ["pointerdown", "keydown"];
const CAPTURED = { capture: true };

export class AtRest {
  /** @type {number | undefined} */
  timer;

  /**
   * @param {EventTarget} own where the hand is: what it does there is no going on
   * @param {number} ms without a change
   * @param {() => void} tell
   */
  constructor(own, ms, tell) {
    this.ms = ms;
    this.tell = tell;
    this.heard = (/** @type {Event} */ event) => {
      const { altKey, metaKey } = /** @type {KeyboardEvent} */ (event); // Back, by its keys
      if (altKey || metaKey || !event.composedPath().includes(own)) this.tellNow();
    };
    this.left = () => this.stop(); // by Back, for which nothing can be told before
  }

  /** Something has changed: wait from now on. */
  wait() {
    this.stop();
    this.timer = window.setTimeout(() => this.tellNow(), this.ms);
    for (const kind of ELSEWHERE) window.addEventListener(kind, this.heard, CAPTURED);
    window.addEventListener("popstate", this.left);
  }

  tellNow() {
    this.stop();
    this.tell();
  }

  /** What has changed need not be told. */
  stop() {
    clearTimeout(this.timer);
    for (const kind of ELSEWHERE) window.removeEventListener(kind, this.heard, CAPTURED);
    window.removeEventListener("popstate", this.left);
  }
}

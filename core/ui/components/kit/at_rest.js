// What a part tells Python once the hand rests: sooner if something else on the page is pressed, or the mouse leaves it. That
// may be a link, or the browser's Back, which leads away once it is let go: told later, this would ask for the page that is
// left, and the person would stay there.

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
      const { altKey, metaKey, button } = /** @type {KeyboardEvent & PointerEvent} */ (event); // Back, by its keys or button
      if (altKey || metaKey || button > 2 || !event.composedPath().includes(own)) this.tellNow();
    };
    this.out = (/** @type {Event} */ event) => {
      if (/** @type {MouseEvent} */ (event).relatedTarget === null) this.tellNow();
    };
    this.left = () => this.stop(); // by Back, for which nothing can be told before
  }

  /** Something has changed: wait from now on. */
  wait() {
    this.stop();
    this.timer = window.setTimeout(() => this.tellNow(), this.ms);
    for (const kind of ELSEWHERE) window.addEventListener(kind, this.heard, CAPTURED);
    window.addEventListener("mouseout", this.out, CAPTURED);
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
    window.removeEventListener("mouseout", this.out, CAPTURED);
    window.removeEventListener("popstate", this.left);
  }
}

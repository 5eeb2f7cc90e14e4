// Frames of one picture, played to and fro or scrubbed through. Uses elements.js of core/ui/inspector.

const FRAME_MS = 110;
const WIDEST = 336; // CSS pixels

class Flipbook {
  constructor(parent) {
    this.canvas = make("canvas", { role: "img" });
    this.caption = make("figcaption", {});
    this.play = make("button", { type: "button" });
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
    this.slider = make("input", { type: "range", min: 0, step: 1 });
    this.slider.addEventListener("input", () => (this.stop(), this.show(this.slider.valueAsNumber)));
    const bar = make("div", { class: "bar" }, this.play, this.slider);
    this.root = make("figure", { class: "flipbook" }, this.caption, this.canvas, bar);
    parent.append(this.root);
    this.stop();
  }

  dispose() {
    this.stop();
    this.root.remove();
  }

  update(data) {
    const same = this.data && this.data.pixels === data.pixels;
    this.data = data;
    if (same) return;
    this.stop();
    const [count, height, width] = data.shape;
    this.bytes = Uint8Array.from(atob(data.pixels), (c) => c.charCodeAt(0));
    this.slider.max = count - 1;
    this.slider.setAttribute("aria-label", data.alt);
    const times = Math.max(1, Math.floor(Math.min(WIDEST, this.root.clientWidth || WIDEST) / width));
    [this.canvas.width, this.canvas.height] = [width, height];
    this.canvas.style.width = `${width * times}px`; // whole multiples; CSS keeps the pixels sharp
    this.way = 1;
    this.show(data.start);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.start();
  }

  start() {
    this.timer = setInterval(() => {
      const last = this.data.shape[0] - 1;
      if (this.frame + this.way < 0 || this.frame + this.way > last) this.way = -this.way;
      this.show(this.frame + this.way);
    }, FRAME_MS);
    this.play.textContent = "Pause";
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  show(frame) {
    this.frame = frame;
    const [, height, width, depth] = this.data.shape;
    const pixels = new ImageData(width, height);
    const from = frame * height * width * depth;
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = this.bytes[from + i * depth + (depth === 3 ? c : 0)];
      pixels.data[4 * i + 3] = 255;
    }
    this.canvas.getContext("2d").putImageData(pixels, 0, 0);
    this.slider.value = frame;
    this.slider.setAttribute("aria-valuetext", this.data.captions[frame]);
    this.caption.textContent = this.data.captions[frame];
    this.canvas.setAttribute("aria-label", `${this.data.alt}: ${this.data.captions[frame]}`);
  }
}

const mounted = new WeakMap();

export default function mount({ parentElement, data }) {
  let book = mounted.get(parentElement);
  if (!book) mounted.set(parentElement, (book = new Flipbook(parentElement)));
  book.update(data);
  return () => {
    book.dispose();
    mounted.delete(parentElement);
  };
}

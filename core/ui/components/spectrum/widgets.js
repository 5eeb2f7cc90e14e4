// What both components of the frequency page are made of: controls, colors as tables, pixels on canvases, axes.

const QUIET_MS = 400; // how long things must rest before Python or a screen reader is told

const setAll = (element, attributes) => Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));

/** `make` for SVG. */
function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/** A number with its thousands separated, at most `digits` decimals and a real minus. */
const say = (value, digits = 0) => value.toLocaleString("en-US", { maximumFractionDigits: digits }).replace("-", "−");
const SPACE = "\u202f"; // narrow and unbreakable, between a number and its unit
const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}${SPACE}%`;
const pixels = (count) => `${say(count, 1)}${SPACE}px`;

/** A labelled slider that says its value in words; `scale` maps its position to the value, so that it need not be even. */
function slider({ label, low, high, step, help, words, set, toPosition = (v) => v, fromPosition = (p) => p }) {
  const input = make("input", { type: "range", min: toPosition(low), max: toPosition(high), step, title: help, "aria-label": label });
  const value = make("span", { class: "value", "aria-hidden": "true" }); // a screen reader gets it from the slider
  const field = make("label", { class: "slider", title: help }, make("span", {}, label), value, input);
  const show = (chosen) => {
    input.value = toPosition(chosen);
    value.textContent = words(chosen);
    input.setAttribute("aria-valuetext", words(chosen));
  };
  input.addEventListener("input", () => set(fromPosition(input.valueAsNumber)));
  return { field, show };
}

/** A few choices, all in sight. `options` maps a value to its label and its help. */
function segments({ label, options, set }) {
  const buttons = Object.entries(options).map(([value, [text, help]]) => {
    const button = make("button", { type: "button", title: help, "aria-pressed": "false" }, text);
    button.addEventListener("click", () => set(value));
    return [value, button];
  });
  const field = make("div", { class: "segments", role: "group", "aria-label": label }, ...buttons.map(([, button]) => button));
  const show = (chosen) => buttons.forEach(([value, button]) => button.setAttribute("aria-pressed", String(value === chosen)));
  return { field, show };
}

/** Colors of 0 to 1 as 256 pixels that a canvas takes as they are. */
const table = (color) =>
  Uint32Array.from({ length: 256 }, (_, i) => {
    const [r, g, b] = color(i / 255).map(Math.round);
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });

/** Gray, viridis from its ten stops, and the signed scale, whose -1 is at 0 and whose zero is the page's background. */
function colorTables(theme, viridis) {
  const stops = viridis.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const between = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);
  return {
    gray: table((t) => [255 * t, 255 * t, 255 * t]),
    viridis: table((t) => {
      const place = t * (stops.length - 1);
      const i = Math.min(Math.floor(place), stops.length - 2);
      return between(stops[i], stops[i + 1], place - i);
    }),
    signed: table((t) => between(theme.background, t < 0.5 ? theme.below : theme.above, Math.abs(2 * t - 1))),
  };
}

/** A canvas of size x size cells, each `unit` device pixels wide, without smoothing. `pixel(i)` is its color. */
function paint(canvas, size, unit, ratio, pixel) {
  const image = new ImageData(size, size);
  const colors = new Uint32Array(image.data.buffer);
  for (let i = 0; i < colors.length; i++) colors[i] = pixel(i);
  const small = (canvas.small ??= make("canvas", { width: size, height: size }));
  small.getContext("2d").putImageData(image, 0, 0);
  const context = prepareCanvas(canvas, size * unit, size * unit, ratio);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, size * unit, size * unit);
}

const at = (colors, share) => colors[Math.round(255 * clamp(share, 0, 1))];

/** A path through [x, y] points. */
const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;

const text = (x, y, content, attributes = {}) => draw("text", { x, y, ...attributes }, content);

/** Axes around a spectrum `side` wide that holds -half to half cycles an image: an image below and left, a pixel above. */
function spectrumAxes(side, half, names) {
  const group = draw("g", { class: "axes", "aria-hidden": "true" });
  for (const share of [-1, -0.5, 0, 0.5, 1]) {
    const place = (side * (1 + share)) / 2;
    const anchor = share === -1 ? "start" : share === 1 ? "end" : "middle";
    group.append(draw("path", { d: `M${place} ${side}v4M0 ${place}h-4M${place} 0v-4` }));
    group.append(text(place, side + 15, say(share * half), { "text-anchor": anchor }));
    group.append(text(place, -7, say(share / 2, 2), { "text-anchor": anchor }));
    group.append(text(-7, clamp(side - place, 8, side - 2) + 3, say(share * half), { "text-anchor": "end", class: "vertical" }));
  }
  group.append(text(side / 2, side + 30, names.below, { "text-anchor": "middle", class: "title" }));
  group.append(text(side / 2, -21, names.above, { "text-anchor": "middle", class: "title" }));
  return group;
}

/** Follows a pointer that is down on `element`, wherever it goes: `move` gets CSS pixels from the element's corner. */
function followDrag(element, move, hover = () => {}, end = () => {}) {
  const place = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
    element.focus({ preventScroll: true });
    move(...place(event), true);
  });
  element.addEventListener("pointermove", (event) => (element.hasPointerCapture(event.pointerId) ? move : hover)(...place(event), false));
  element.addEventListener("pointerup", end);
  element.addEventListener("pointerleave", end);
}

/** Keyboard steps: an arrow moves by one, with shift by ten. */
function arrows(event) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!step) return null;
  event.preventDefault();
  return step.map((v) => v * (event.shiftKey ? 10 : 1));
}

/** A canvas with an SVG over it, to be pointed at, dragged on and used by keyboard. */
function makeScreen(role) {
  const canvas = make("canvas");
  const over = draw("svg", { class: "over", "aria-hidden": "true" });
  return { canvas, over, screen: make("div", { class: "screen", tabindex: "0", role: "application", "aria-roledescription": role }, canvas, over) };
}

/** A component's life: built once, updated with every run of the page, redrawn when its width or the theme changes. */
class Panel {
  constructor(parent, name) {
    this.root = make("div", { class: `panel ${name}` });
    parent.append(this.root);
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.ready && this.arrange());
    this.resizes.observe(this.root);
  }

  /** What Python sends: its settings hold where they are new (another serial); otherwise those of the person do. */
  update(data, tell) {
    this.tell = tell;
    const before = this.data;
    this.data = data;
    if (before === undefined || before.serial !== data.serial) {
      clearTimeout(this.telling);
      this.adopt(data.settings);
    }
    this.receive(data, before);
    this.ready = true;
    this.arrange();
  }

  /** Many changes are drawn at most once a frame, and told to Python once they rest. */
  changed() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.redraw());
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const { serial } = this.data;
      this.tell("settings", serial ? { ...this.report(), serial } : this.report());
    }, QUIET_MS);
  }

  measure() {
    this.width = this.root.clientWidth;
    this.ratio = window.devicePixelRatio || 1;
    this.theme = readTheme(this.root);
    this.colors = colorTables(this.theme, this.data.viridis);
    this.root.classList.toggle("narrow", this.width < 640);
    this.root.dataset.scheme = this.theme.dark ? "dark" : "light";
  }

  /** The device pixels a cell may have so that `cells` of them fit into `room` CSS pixels. */
  unitFor(room, cells) {
    return Math.max(1, Math.floor((room * this.ratio) / cells));
  }

  dispose() {
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.telling);
    this.root.remove();
  }
}

const panels = new WeakMap(); // Streamlit calls again with the same parent whenever data or theme change

function mountPanel(Kind, { parentElement, data, setStateValue }) {
  let panel = panels.get(parentElement);
  if (!panel) panels.set(parentElement, (panel = new Kind(parentElement)));
  panel.update(data, setStateValue);
  return () => {
    panel.dispose();
    panels.delete(parentElement);
  };
}

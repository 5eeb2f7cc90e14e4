// A 3 x 3 window over a digit. Everything is drawn from `state`; the sums are computed once per kernel.
const SIDE = 28, F = 3, OUT = SIDE - F + 1;
const PER_SECOND = 130;  // places the window visits
const REST = 1400;  // ms a finished plane is shown before the next kernel begins
const KERNELS = [
  { name: "Left edges", weights: [-1, 0, 1, -2, 0, 2, -1, 0, 1], words: "large where it turns bright from left to right" },
  { name: "Top edges", weights: [-1, -2, -1, 0, 0, 0, 1, 2, 1], words: "large where it turns bright from top to bottom" },
  { name: "Outline", weights: [-1, -1, -1, -1, 8, -1, -1, -1, -1], words: "large where a pixel differs from its neighbors" },
  { name: "Blur", weights: [1, 2, 1, 2, 4, 2, 1, 2, 1].map(w => w / 16), words: "the mean of the neighborhood, the near ones counting more" },
];
const ENDS = { light: [[0, 114, 178], [213, 94, 0]], dark: [[86, 180, 233], [245, 161, 66]] };  // blue and orange, as in inspector.css

export default function (component) {
  const root = component.parentElement.querySelector(".sliding");
  root.stop?.();
  const digit = component.data.digit;
  const pick = name => root.querySelector(name);
  const input = pick(".input"), output = pick(".output"), products = pick(".products");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const planes = KERNELS.map(kernel => convolve(digit, kernel.weights));
  const state = { kernel: 0, place: 0, reached: 0, playing: !still.matches, rest: 0 };
  if (still.matches) Object.assign(state, { place: 12 * OUT + 16, reached: OUT * OUT });

  const buttons = KERNELS.map((kernel, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("canvas"), kernel.name);
    button.onclick = () => begin(index);
    return button;
  });
  pick(".kernels").replaceChildren(...buttons);
  pick(".play").onclick = () => {
    state.playing = !state.playing;
    if (state.playing && state.reached >= OUT * OUT) begin(state.kernel);
    draw();
  };
  input.onpointermove = event => {
    const box = input.getBoundingClientRect();
    const at = (offset, size) => clamp(Math.floor(offset / size * SIDE) - 1, 0, OUT - 1);
    look(at(event.clientY - box.top, box.height), at(event.clientX - box.left, box.width));
  };
  input.onkeydown = event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    look(clamp(Math.floor(state.place / OUT) + step[0], 0, OUT - 1), clamp(state.place % OUT + step[1], 0, OUT - 1));
  };

  function begin(index) {  // a new kernel starts at the top left; where nothing moves, its plane is there at once
    Object.assign(state, { kernel: index, place: 0, reached: 0, rest: 0 });
    if (still.matches && !state.playing) Object.assign(state, { place: 12 * OUT + 16, reached: OUT * OUT });
    else state.playing = true;
    draw();
  }

  function look(row, column) {  // a person moves the window: the animation stops, the plane is complete
    Object.assign(state, { playing: false, place: row * OUT + column, reached: OUT * OUT });
    draw();
  }

  let last = 0, frame = 0;
  function tick(now) {
    const elapsed = Math.min(now - last, 100);
    last = now;
    if (state.playing) {
      if (state.reached < OUT * OUT) {
        state.reached = Math.min(OUT * OUT, state.reached + elapsed * PER_SECOND / 1000);
        state.place = Math.min(OUT * OUT - 1, Math.floor(state.reached));
        draw();
      } else if ((state.rest += elapsed) > REST) begin((state.kernel + 1) % KERNELS.length);
    }
    frame = requestAnimationFrame(tick);
  }

  function draw() {
    const style = getComputedStyle(root);
    const paper = rgb(style.getPropertyValue("--st-background-color")), ink = style.color;
    const kernel = KERNELS[state.kernel], plane = planes[state.kernel];
    const row = Math.floor(state.place / OUT), column = state.place % OUT;
    const cell = root.clientWidth >= 900 ? 12 : root.clientWidth >= 620 ? 10 : Math.max(4, Math.floor((root.clientWidth - 24) / (SIDE + OUT)));

    const a = context(input, SIDE * cell, SIDE * cell);
    digit.forEach((line, y) => line.forEach((value, x) => fill(a, x, y, cell, [value, value, value])));
    frameAround(a, column, row, F, cell, "#E69F00");

    const b = context(output, OUT * cell, OUT * cell);
    const largest = Math.max(...plane.map(Math.abs));
    for (let i = 0; i < Math.floor(state.reached); i++)
      fill(b, i % OUT, Math.floor(i / OUT), cell, signed(plane[i] / largest, paper));
    b.strokeStyle = ink;
    b.globalAlpha = 0.35;
    b.strokeRect(0.5, 0.5, OUT * cell - 1, OUT * cell - 1);
    b.globalAlpha = 1;
    frameAround(b, column, row, 1, cell, "#E69F00");

    drawProducts(kernel, row, column, paper, ink);
    const sum = plane[state.place];
    pick(".value").textContent = `sum ${number(sum)}`;
    pick(".words").textContent = `${kernel.name}: ${kernel.words}`;
    pick(".play").textContent = state.playing ? "Pause" : "Play";
    buttons.forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === state.kernel));
      icon(button.firstChild, KERNELS[index].weights, paper);
    });
  }

  function drawProducts(kernel, row, column, paper, ink) {  // the pixels under the window, times the kernel
    const size = root.clientWidth >= 620 ? 36 : 30, wide = 2 * F * size + 28;
    const c = context(products, wide, F * size);
    c.font = `12px ${getComputedStyle(root).fontFamily}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    for (let i = 0; i < F * F; i++) {
      const x = i % F, y = Math.floor(i / F), value = digit[row + y][column + x];
      fill(c, x, y, size, [value, value, value]);
      c.fillStyle = value > 140 ? "#000" : "#fff";
      c.fillText((value / 255).toFixed(2), (x + 0.5) * size, (y + 0.5) * size);
      const weight = kernel.weights[i], left = F * size + 28 + x * size;
      const color = signed(weight / Math.max(...kernel.weights.map(Math.abs)) * 0.8, paper);
      c.fillStyle = `rgb(${color})`;
      c.fillRect(left, y * size, size, size);
      c.fillStyle = luminance(color) > 0.5 ? "#111" : "#fff";
      c.fillText(fraction(weight), left + size / 2, (y + 0.5) * size);
    }
    c.strokeStyle = ink;
    c.globalAlpha = 0.35;
    c.strokeRect(0.5, 0.5, F * size - 1, F * size - 1);
    c.strokeRect(F * size + 28.5, 0.5, F * size - 1, F * size - 1);
    c.globalAlpha = 1;
    c.fillStyle = ink;
    c.font = `18px ${getComputedStyle(root).fontFamily}`;
    c.fillText("×", F * size + 14, F * size / 2);
  }

  const redraw = new ResizeObserver(draw);
  redraw.observe(root);
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  root.stop = () => {
    cancelAnimationFrame(frame);
    redraw.disconnect();
    themed.disconnect();
  };
  frame = requestAnimationFrame(now => { last = now; tick(now); });
  return root.stop;
}

function convolve(picture, weights) {  // cross-correlation, valid; gray values as 0 to 1
  return Array.from({ length: OUT * OUT }, (_, place) => weights.reduce((sum, weight, i) =>
    sum + weight * picture[Math.floor(place / OUT) + Math.floor(i / F)][place % OUT + i % F] / 255, 0));
}

function context(canvas, width, height) {
  const ratio = Math.ceil(devicePixelRatio || 1);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const drawing = canvas.getContext("2d");
  drawing.scale(ratio, ratio);
  return drawing;
}

function fill(drawing, x, y, cell, color) {
  drawing.fillStyle = `rgb(${color})`;
  drawing.fillRect(x * cell, y * cell, cell, cell);
}

function frameAround(drawing, x, y, cells, cell, color) {
  drawing.strokeStyle = "#000";
  drawing.lineWidth = 4;
  drawing.strokeRect(x * cell, y * cell, cells * cell, cells * cell);
  drawing.strokeStyle = color;
  drawing.lineWidth = 2;
  drawing.strokeRect(x * cell, y * cell, cells * cell, cells * cell);
  drawing.lineWidth = 1;
}

function icon(canvas, weights, paper) {
  canvas.width = canvas.height = F;
  const drawing = canvas.getContext("2d"), largest = Math.max(...weights.map(Math.abs));
  weights.forEach((weight, i) => fill(drawing, i % F, Math.floor(i / F), 1, signed(weight / largest, paper)));
}

function signed(value, paper) {  // blue below zero, the page at zero, orange above; the root keeps small values visible
  const strength = Math.sqrt(Math.min(1, Math.abs(value))), end = ENDS[luminance(paper) < 0.5 ? "dark" : "light"][value < 0 ? 0 : 1];
  return paper.map((from, i) => Math.round(from + (end[i] - from) * strength));
}

function rgb(text) {
  const hex = text.trim().match(/^#(..)(..)(..)/);
  return hex ? hex.slice(1, 4).map(part => parseInt(part, 16)) : (text.match(/\d+/g) || [255, 255, 255]).slice(0, 3).map(Number);
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const luminance = color => (0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]) / 255;
const number = value => value.toFixed(2).replace("-", "\u2212");
const fraction = value => Number.isInteger(value) ? String(value).replace("-", "\u2212") : `${Math.round(value * 16)}/16`;

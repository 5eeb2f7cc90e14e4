// A digit, its pixels in one line, and threads from a pixel and its neighbors to their places in the line.
const SIDE = 28, PIXELS = SIDE * SIDE;
const STRIP = 22, FALL = 84, GAP = 56;  // px: a row of the line, the threads' fall, between the two pictures
const MARK = "#E69F00";

export default function (component) {
  const root = component.parentElement.querySelector(".flattened");
  root.stop?.();
  const { digit, order } = component.data;
  const canvas = root.querySelector("canvas"), box = root.querySelector("input"), words = root.querySelector("p");
  const placeOf = new Array(PIXELS);  // of each pixel in the shuffled line
  order.forEach((pixel, place) => { placeOf[pixel] = place; });
  if (root.told !== component.data.shuffled) box.checked = root.told = component.data.shuffled;
  root.at ??= { row: 9, column: 16 };
  const at = root.at;

  function cellSize() { return root.clientWidth >= 700 ? 8 : root.clientWidth >= 420 ? 6 : 4; }

  function draw() {
    const width = root.clientWidth, cell = cellSize(), side = SIDE * cell, shuffled = box.checked;
    const pixel = Math.max(1, Math.floor(width / PIXELS)), perRow = Math.min(PIXELS, Math.floor(width / pixel));
    const rows = Math.ceil(PIXELS / perRow), top = side + FALL;
    const c = context(canvas, width, top + rows * (STRIP + 6) + 2);
    const ink = getComputedStyle(root).color;
    const value = place => digit[shuffled ? order[place] : place];
    for (let i = 0; i < PIXELS; i++) {
      gray(c, digit[i], (i % SIDE) * cell, Math.floor(i / SIDE) * cell, cell, cell);
      if (shuffled) gray(c, value(i), side + GAP + (i % SIDE) * cell, Math.floor(i / SIDE) * cell, cell, cell);
      gray(c, value(i), (i % perRow) * pixel, top + Math.floor(i / perRow) * (STRIP + 6), pixel, STRIP);
    }
    if (shuffled) {
      c.fillStyle = ink;
      c.font = `22px ${getComputedStyle(root).fontFamily}`;
      c.textAlign = "center";
      c.fillText("→", side + GAP / 2, side / 2 + 6);
    }
    const neighbors = around(at);
    for (const { index, middle } of [...neighbors.filter(n => !n.middle), ...neighbors.filter(n => n.middle)]) {
      const place = shuffled ? placeOf[index] : index;
      const x = (index % SIDE + 0.5) * cell, y = (Math.floor(index / SIDE) + 0.5) * cell;
      const toX = (place % perRow + 0.5) * pixel, toY = top + Math.floor(place / perRow) * (STRIP + 6);
      c.strokeStyle = middle ? MARK : ink;
      c.globalAlpha = middle ? 1 : 0.55;
      c.lineWidth = middle ? 2 : 1;
      c.beginPath();
      c.moveTo(x, y);
      c.bezierCurveTo(x, side + FALL * 0.7, toX, side + FALL * 0.2, toX, toY - 2);
      c.stroke();
      c.globalAlpha = 1;
      c.strokeRect(toX - Math.max(pixel, 2), toY - 1.5, 2 * Math.max(pixel, 2), STRIP + 3);
      if (shuffled) frame(c, side + GAP + (place % SIDE) * cell, Math.floor(place / SIDE) * cell, cell, middle ? MARK : "#fff");
    }
    frame(c, (at.column - 1) * cell, (at.row - 1) * cell, 3 * cell, "#fff");
    frame(c, at.column * cell, at.row * cell, cell, MARK);
    words.textContent = sentence(at, shuffled, placeOf);
  }

  canvas.onpointermove = event => {
    const bounds = canvas.getBoundingClientRect(), cell = cellSize();
    const column = Math.floor((event.clientX - bounds.left) / cell), row = Math.floor((event.clientY - bounds.top) / cell);
    if (column < 0 || column >= SIDE || row < 0 || row >= SIDE) return;
    move(row, column);
  };
  canvas.onkeydown = event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    move(at.row + step[0], at.column + step[1]);
  };
  box.onchange = draw;

  function move(row, column) {
    at.row = Math.min(SIDE - 2, Math.max(1, row));
    at.column = Math.min(SIDE - 2, Math.max(1, column));
    draw();
  }

  const redraw = new ResizeObserver(draw);
  redraw.observe(root);
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  root.stop = () => { redraw.disconnect(); themed.disconnect(); };
  draw();
  return root.stop;
}

function around({ row, column }) {
  return [-1, 0, 1].flatMap(dy => [-1, 0, 1].map(dx =>
    ({ index: (row + dy) * SIDE + column + dx, middle: dx === 0 && dy === 0 })));
}

function sentence(at, shuffled, placeOf) {
  const index = at.row * SIDE + at.column;
  if (!shuffled) return `Row ${at.row + 1}, column ${at.column + 1} is number ${index + 1} of 784. ` +
    "The pixels above and below it lie 28 places away.";
  const places = around(at).filter(n => !n.middle).map(n => Math.abs(placeOf[n.index] - placeOf[index]));
  return `Number ${placeOf[index] + 1} of 784 now. Its eight neighbors lie ${Math.min(...places)} to ${Math.max(...places)} places away.`;
}

function gray(drawing, value, x, y, width, height) {
  drawing.fillStyle = `rgb(${value},${value},${value})`;
  drawing.fillRect(x, y, width, height);
}

function frame(drawing, x, y, size, color) {
  drawing.strokeStyle = "#000";
  drawing.lineWidth = 3;
  drawing.strokeRect(x, y, size, size);
  drawing.strokeStyle = color;
  drawing.lineWidth = 1.5;
  drawing.strokeRect(x, y, size, size);
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

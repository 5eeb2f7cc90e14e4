// A square to draw on. What was drawn is a list of strokes, each a list of points [x, y] from 0 to `side`, whatever the
// square's size on the screen; it is sent after every stroke, undo and clear. Everything is drawn from `strokes`.
const SHARP = 2;  // canvas pixels a screen pixel
const NEAR = 1;  // px: a point nearer to the last one adds nothing

export default function mount({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".pad");
  const pad = (root.pad ??= create(root, data));
  pad.update(data, setStateValue);
}

function create(root, { side, shown, strokes: known, most }) {
  const canvas = root.querySelector("canvas"), context = canvas.getContext("2d");
  const undo = root.querySelector(".undo"), clear = root.querySelector(".clear");
  let strokes = known.map(stroke => stroke.map(point => [...point])), pen = 1, send = () => {}, drawing = null;
  canvas.width = canvas.height = side * SHARP;
  canvas.style.width = `${shown}px`;
  canvas.style.aspectRatio = "1";

  canvas.onpointerdown = event => {
    if (event.button || drawing !== null || points() >= most) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = event.pointerId;
    strokes.push([at(event)]);
    draw();
  };
  canvas.onpointermove = event => {
    if (event.pointerId !== drawing || points() >= most) return;
    const stroke = strokes.at(-1), [x, y] = at(event), [lastX, lastY] = stroke.at(-1);
    if (Math.hypot(x - lastX, y - lastY) < NEAR) return;
    stroke.push([x, y]);
    draw();
  };
  canvas.onpointerup = canvas.onpointercancel = event => {
    if (event.pointerId !== drawing) return;
    drawing = null;
    tell();
  };
  undo.onclick = () => { strokes.pop(); tell(); };
  clear.onclick = () => { strokes = []; tell(); };

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const place = offset => Math.round(Math.min(Math.max(offset / box.width * side, 0), side) * 10) / 10;
    return [place(event.clientX - box.left), place(event.clientY - box.top)];
  }

  function points() {
    return strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  }

  function tell() {
    draw();
    send(strokes);
  }

  function draw() {
    context.setTransform(SHARP, 0, 0, SHARP, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    Object.assign(context, { lineWidth: pen, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(...point);
      context.stroke();
    }
    undo.disabled = clear.disabled = strokes.length === 0;
  }

  return {
    update(next, setStateValue) {
      pen = next.pen;
      send = found => setStateValue("strokes", found);
      draw();
    },
  };
}

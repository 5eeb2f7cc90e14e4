// The two charts beside a filter: how strong waves are by frequency, and what a sharp edge becomes. Both are SVG.

const CHART = { height: 150, left: 34, right: 8, top: 8, bottom: 34 }; // CSS px
const FLOOR = CHART.height - CHART.bottom;
const LEAST_POWER = 1e-12; // what rounding leaves of nothing
const MOST_DECADES = 7;
const EDGE_REACH = 40; // px on each side of the edge that are shown

/** The waves farthest out are in a spectrum's corners. */
const corner = (half) => Math.ceil(half * Math.SQRT2);

/** The frequency at x of the power chart, whose axis is logarithmic, from 1 cycle to the corner of the spectrum. */
function cyclesAt(x, width, half) {
  return corner(half) ** clamp((x - CHART.left) / (width - CHART.left - CHART.right), 0, 1);
}

const powerOfTen = (exponent) => `10${[...String(exponent)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;

/** A horizontal line with its number on the left. */
function level(y, width, words) {
  const line = draw("path", { d: `M${CHART.left} ${y}H${width - CHART.right}`, class: "grid" });
  return [line, text(CHART.left - 6, y + 4, words, { "text-anchor": "end" })];
}

/** `picture` and `passed` are radial profiles; half is the finest frequency along an axis. */
function powerChart(svg, width, { picture, passed, half, settings }) {
  const x = (cycles) => CHART.left + ((width - CHART.left - CHART.right) * Math.log(Math.max(cycles, 1))) / Math.log(corner(half));
  const logs = (profile) => [...profile].slice(1, half + 1).map((power) => Math.log10(Math.max(power, LEAST_POWER)));
  const [before, after] = [logs(picture), logs(passed)];
  const high = Math.ceil(Math.max(...before, -5));
  const low = Math.max(Math.floor(Math.min(...before)), high - MOST_DECADES);
  const y = (v) => CHART.top + ((FLOOR - CHART.top) * (high - clamp(v, low, high))) / (high - low);
  const line = (values) => path(values.map((v, i) => [x(i + 1), y(v)]));
  const places = Array.from({ length: 121 }, (_, i) => corner(half) ** (i / 120));
  const shade = places.map((cycles) => [x(cycles), FLOOR - (FLOOR - CHART.top) * gain(cycles, settings)]);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => high - i).filter((_, i) => i % 2 === 0);
  const ticks = [1, 2, 5, 10, 20, 50, 100].filter((cycles) => cycles < corner(half));
  const cutoffs = settings.pass === "band" ? [settings.inner, settings.radius] : [settings.radius];
  svg.replaceChildren(
    draw("path", { d: path([[CHART.left, FLOOR], ...shade, [x(corner(half)), FLOOR]]), class: "gain" }),
    ...decades.flatMap((v) => level(y(v), width, powerOfTen(v))),
    ...ticks.map((cycles) => text(x(cycles), FLOOR + 15, String(cycles), { "text-anchor": "middle" })),
    text(CHART.left, FLOOR + 30, "cycles per image, in any direction"),
    text(width - CHART.right, FLOOR + 30, `${half} is 0.5 per pixel`, { "text-anchor": "end" }),
    draw("path", { d: line(before), class: "before" }),
    draw("path", { d: line(after), class: "curve" }),
    ...cutoffs.map((cycles) => draw("path", { d: `M${x(cycles)} ${CHART.top}V${FLOOR}`, class: "cutoff" })),
  );
  const [first, last] = [picture[1], picture[half]].map((power) => formatNumber(power));
  svg.setAttribute("aria-label", `Mean power by frequency: ${first} at 1 cycle per image, ${last} at ${half}.`);
}

/** `edge` is the step from 0 to 1 through the filter, with the step in its middle. */
function edgeChart(svg, width, edge, { pass }) {
  const [low, high, levels] = pass === "low" ? [-0.25, 1.25, [0, 0.5, 1]] : [-0.75, 1.15, [-0.5, 0, 0.5, 1]];
  const x = (px) => CHART.left + ((width - CHART.left - CHART.right) * (px + EDGE_REACH)) / (2 * EDGE_REACH);
  const y = (v) => CHART.top + ((FLOOR - CHART.top) * (high - clamp(v, low, high))) / (high - low);
  const reach = Math.min(EDGE_REACH, edge.length / 2);
  const places = Array.from({ length: 2 * reach }, (_, i) => i - reach);
  const anchor = (px) => (px === -EDGE_REACH ? "start" : px === EDGE_REACH ? "end" : "middle");
  svg.replaceChildren(
    ...levels.flatMap((v) => level(y(v), width, say(v, 1))),
    ...[-40, -20, 0, 20, 40].map((px) => text(x(px), FLOOR + 15, say(px), { "text-anchor": anchor(px) })),
    text(CHART.left, FLOOR + 30, "px from the edge"),
    draw("path", { d: `M${x(-EDGE_REACH)} ${y(0)}H${x(-0.5)}V${y(1)}H${x(EDGE_REACH)}`, class: "before" }),
    draw("path", { d: path(places.map((px) => [x(px), y(edge[edge.length / 2 + px])])), class: "curve" }),
  );
}

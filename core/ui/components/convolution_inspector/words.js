// The arithmetic of one output cell as a sentence, to be read on the page or spoken by a screen reader.

const PLANES = ["red", "green", "blue"];
const MOST_TERMS = 9; // beyond a 3 x 3 window a sentence of all products helps nobody

const OPERATIONS = { max: "Maximum", average: "Average", min: "Minimum", l2: "L2 norm" };

const REDUCTIONS = {
  max: (p) => `the largest of ${p.count} values`,
  min: (p) => `the smallest of ${p.count} values`,
  average: (p, say) => `the sum ${say(p.sum)} of ${p.count} values, divided by ${p.count}`,
  l2: (p, say) => `the square root of ${say(p.sum)}, the sum of ${p.count} squares`,
};

function products(planes, say, times) {
  const pairs = planes.flatMap((p) => p.products.map((product, i) => [p.values[i], p.weights[i], product])).filter((pair) => pair[1] !== 0);
  if (pairs.length === 0) return "every weight is 0";
  const factor = (w) => (w < 0 && times === "×" ? `(${say(w)})` : say(w));
  if (pairs.length <= MOST_TERMS) return pairs.map(([v, w]) => `${say(v)} ${times} ${factor(w)}`).join(" + ");
  const [v, w, product] = pairs.reduce((a, b) => (Math.abs(b[2]) > Math.abs(a[2]) ? b : a));
  return `${pairs.length} products, the largest ${say(v)} ${times} ${factor(w)} = ${say(product)}; all together`;
}

/** `t` comes from terms(); `spoken` says minus and times in words. */
export function inWords(t, s, [row, column], spoken) {
  const say = (v, digits = 2) => (spoken ? formatNumber(v, digits).replace("−", "minus ") : formatNumber(v, digits));
  const times = spoken ? "times" : "×";
  const where = `Row ${row + 1}, column ${column + 1}`;
  const answers = t.outputs.map((v, c) => (t.outputs.length > 1 ? `${PLANES[c]} ${say(v, 3)}` : say(v, 3))).join(", ");
  if (s.operation !== "convolve") {
    const how = t.planes.length > 1 ? `each channel's ${OPERATIONS[s.operation].toLowerCase()}` : REDUCTIONS[s.operation](t.planes[0], say);
    return `${where}: ${how}: ${answers}.`;
  }
  const bias = s.bias === 0 ? "" : ` + bias ${say(s.bias)}`;
  const relu = s.relu ? ", nothing below 0 (ReLU)" : "";
  if (t.outputs.length > 1) return `${where}: each channel by itself times the kernel, summed${bias}${relu}: ${answers}.`;
  return `${where}: ${products(t.planes, say, times)}${bias} = ${answers}${relu}.`;
}

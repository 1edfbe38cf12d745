// Subjects' values at the cursor: the added-variable plot, as the report's own pictures draw it.

/** Adjusted values and the line through them, by the formula of the report. */
function adjusted(scatter, y) {
  const fitted = new Float64Array(y.length);
  for (const column of scatter.basis) {
    let along = 0;
    for (let i = 0; i < y.length; i++) along += column[i] * y[i];
    for (let i = 0; i < y.length; i++) fitted[i] += column[i] * along;
  }
  if (!scatter.weights.length) return { x: Array.from(fitted), y: Array.from(y), slope: 1, level: 0 };
  let effect = 0, level = 0;
  for (let i = 0; i < y.length; i++) effect += scatter.weights[i] * y[i];
  if (scatter.addsMean) level = y.reduce((sum, value) => sum + value, 0) / y.length;
  const points = scatter.x.map((x, i) => (x - scatter.origin) * effect + y[i] - fitted[i] + level);
  if (scatter.x.every((x) => x === scatter.x[0])) {
    return { x: scatter.x, y: points, slope: 0, level: (scatter.x[0] - scatter.origin) * effect + level };
  }
  return { x: scatter.x, y: points, slope: effect, level };
}

const svgSpace = "http://www.w3.org/2000/svg";

function draw(parent, tag, attributes, text) {
  const node = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

/** Round numbers between two ends, about four. */
function ticks(lower, upper) {
  if (!(upper > lower)) return [lower];
  const rough = (upper - lower) / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((k) => k * power >= rough) || 10) * power;
  const result = [];
  for (let k = Math.ceil(lower / step); k * step <= upper + step * 1e-9; k++) result.push(k * step);
  return result;
}

/** The ends of an axis that holds all values. */
function ends(values) {
  const least = Math.min(...values), greatest = Math.max(...values);
  const margin = greatest > least ? 0.06 * (greatest - least) : Math.max(Math.abs(least), 1) * 0.5;
  return [least - margin, greatest + margin];
}

/** Draws the plot of subjects' values into an SVG element; hovering names a subject. */
function drawScatter(svg, scatter, values, words) {
  const plot = adjusted(scatter, values);
  const [left, top, width, height] = [56, 24, 300, 190];
  svg.setAttribute("viewBox", `0 0 ${left + width + 12} ${top + height + 40}`);
  svg.setAttribute("aria-label", `${scatter.yName} of ${values.length} subjects against ${scatter.xName}. ${words}`);
  svg.replaceChildren();
  const xs = ends(plot.x);
  const line = xs.map((x) => (x - scatter.origin) * plot.slope + plot.level);
  const ys = ends(scatter.weights.length ? [...plot.y, ...line] : plot.y);
  const px = (x) => left + (width * (x - xs[0])) / (xs[1] - xs[0]);
  const py = (y) => top + height * (1 - (y - ys[0]) / (ys[1] - ys[0]));
  for (const tick of new Set(plot.x).size === 1 ? [plot.x[0]] : ticks(...xs)) {
    draw(svg, "line", { x1: px(tick), y1: top + height, x2: px(tick), y2: top + height + 4, class: "axis" });
    draw(svg, "text", { x: px(tick), y: top + height + 17, "text-anchor": "middle", class: "muted" }, readable(tick));
  }
  for (const tick of ticks(...ys)) {
    draw(svg, "line", { x1: left - 4, y1: py(tick), x2: left, y2: py(tick), class: "axis" });
    draw(svg, "text", { x: left - 7, y: py(tick) + 4, "text-anchor": "end", class: "muted" }, readable(tick));
  }
  if (ys[0] < 0 && ys[1] > 0) draw(svg, "line", { x1: left, y1: py(0), x2: left + width, y2: py(0), class: "zero" });
  draw(svg, "line", { x1: left, y1: top, x2: left, y2: top + height, class: "axis" });
  draw(svg, "line", { x1: left, y1: top + height, x2: left + width, y2: top + height, class: "axis" });
  if (scatter.weights.length) {
    draw(svg, "line", { x1: px(xs[0]), y1: py(line[0]), x2: px(xs[1]), y2: py(line[1]), class: "fit" });
  }
  draw(svg, "text", { x: 2, y: 12, class: "ink" }, scatter.yName);
  const isGrouped = new Set(plot.x).size <= Math.max(4, plot.x.length / 4) && scatter.weights.length;
  plot.y.forEach((y, i) => {
    const shift = isGrouped ? (((i * 7) % 11) / 10 - 0.5) * 0.08 * (xs[1] - xs[0]) : 0;
    const point = draw(svg, "circle", { cx: px(plot.x[i] + shift), cy: py(y), r: 3.4, class: "point" });
    draw(point, "title", {}, `${data.identifiers[i]}: ${readable(plot.x[i])}, ${readable(y)}`);
  });
  draw(svg, "text", { x: left + width / 2, y: top + height + 35, "text-anchor": "middle", class: "ink" }, scatter.xName);
}

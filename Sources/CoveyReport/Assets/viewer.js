// One contrast's viewer: three linked slices, a mosaic, the values and the subjects at the cursor.

class Viewer {
  constructor(frame, contrast, shared) {
    Object.assign(this, { frame, contrast, shared, values: [] });
    this.place = contrast.start.slice();
    this.state = { map: 0, threshold: 0, opacity: 0.9, faded: true, color: "" };
    this.build();
    this.choose(contrast.opening);
  }

  get map() { return this.contrast.maps[this.state.map]; }

  /** The greatest magnitude on the side that counts: the end of the threshold slider. */
  get reach() {
    const { side, least, greatest } = this.map;
    const end = side === "less" ? -least : side === "greater" ? greatest : Math.max(-least, greatest);
    return Math.max(end, ...this.map.marks.map((mark) => mark.value), 0) || 1;
  }

  build() {
    const id = this.frame.id;
    const control = (label, node, ...more) => {
      node.id = `${id}-${label.toLowerCase().replace(/\W+/g, "-")}`;
      return make("div", { class: "control" }, make("label", { for: node.id }, label), node, ...more);
    };
    const options = (pairs) => pairs.map(([value, text]) => make("option", { value }, text));
    this.mapChoice = make("select", {}, ...options(this.contrast.maps.map((map, k) => [k, map.name])));
    this.colorChoice = make("select", {}, ...options(data.colors.map((color) => [color.key, color.name])));
    this.slider = make("input", { type: "range", min: 0, step: "any" });
    this.number = make("input", { type: "number", min: 0, step: "any", "aria-label": "Threshold, exactly" });
    this.opacity = make("input", { type: "range", min: 0, max: 1, step: 0.05, value: this.state.opacity });
    this.faded = make("input", { type: "checkbox", checked: "" });
    this.notches = make("div", { class: "notches", "aria-hidden": "true" });
    this.marks = make("div", { class: "marks" });
    this.status = make("p", { class: "status", role: "status" });
    this.panes = planes.map((plane) => this.pane(plane));
    this.readout = make("table", { class: "readout" });
    this.bar = make("canvas", { class: "bar", role: "img", "aria-label": "Colours" });
    this.barEnds = make("div", { class: "bar-ends", "aria-hidden": "true" });
    this.scatter = document.createElementNS(svgSpace, "svg");
    this.scatter.setAttribute("class", "drawing scatter");
    this.scatter.setAttribute("role", "img");
    this.scatter.setAttribute("aria-label", "Subjects' values at the cursor");
    this.scatterNote = make("p", { class: "muted" });
    this.mosaicAxis = make("select", {}, ...options(planes.map((plane) => [plane.axis, plane.name])));
    this.mosaicAxis.value = 2;
    this.mosaic = make("canvas", { class: "mosaic", role: "img", "aria-label": "Mosaic" });
    const threshold = control("Threshold", this.slider);
    const track = make("div", { class: "track" }, this.slider, this.notches);
    threshold.classList.add("wide");
    threshold.append(make("div", { class: "row" }, track, this.number), this.marks);
    const row = make("div", { class: "panes" }, ...this.panes.map((pane) => pane.figure));
    const extent = (axis) => data.upper[axis] - data.lower[axis];
    row.style.gridTemplateColumns = planes.map((plane) => extent(plane.across) + "fr").join(" ");
    this.bounds = this.contrast.bounds ? new Bounds(this) : null;
    this.frame.replaceChildren(
      make("div", { class: "controls" }, control("Map", this.mapChoice), control("Colours", this.colorChoice),
        control("Opacity", this.opacity), control("Fade below the threshold", this.faded), threshold),
      this.status, row, ...(this.bounds ? [this.bounds.frame] : []),
      make("div", { class: "beside" },
        make("div", { class: "at-cursor" }, this.bar, this.barEnds, this.readout),
        make("div", { class: "at-cursor" }, this.scatter, this.scatterNote)),
      make("p", { class: "hint muted" },
        "The subject's left is on the left. Click or drag in a slice, or focus it and use the arrow keys; Page Up and Page Down go through it, Home goes back to the start."),
      make("details", { class: "mosaic-frame" }, make("summary", {}, "Mosaic"),
        control("Slices", this.mosaicAxis), this.mosaic));
    this.listen();
  }

  pane(plane) {
    const canvas = make("canvas", { tabindex: 0, role: "application", "aria-roledescription": "slice" });
    const [across, up] = [plane.across, plane.up].map((axis) => data.upper[axis] - data.lower[axis]);
    canvas.style.aspectRatio = `${across} / ${up}`;
    const caption = make("figcaption");
    const figure = make("figure", {}, canvas, caption);
    return { plane, canvas, caption, figure };
  }

  listen() {
    this.mapChoice.addEventListener("change", () => this.choose(Number(this.mapChoice.value)));
    this.colorChoice.addEventListener("change", () => this.set({ color: this.colorChoice.value }));
    this.opacity.addEventListener("input", () => this.set({ opacity: Number(this.opacity.value) }));
    this.faded.addEventListener("change", () => this.set({ faded: this.faded.checked }));
    this.slider.addEventListener("input", () => this.set({ threshold: Number(this.slider.value) }));
    this.number.addEventListener("change", () => this.set({ threshold: Math.max(0, Number(this.number.value) || 0) }));
    this.mosaicAxis.addEventListener("change", () => this.paintMosaic());
    this.frame.querySelector(".mosaic-frame").addEventListener("toggle", () => this.paintMosaic());
    this.mosaic.addEventListener("click", (event) => this.pickMosaic(event));
    for (const pane of this.panes) {
      pane.canvas.addEventListener("pointerdown", (event) => {
        pane.canvas.setPointerCapture(event.pointerId);
        if (this.bounds?.isDrawing) this.outline = { pane, points: [this.mm(pane, event)] };
        else this.pick(pane, event);
      });
      pane.canvas.addEventListener("pointermove", (event) => {
        if (!(event.buttons & 1)) return;
        if (this.outline) {
          this.outline.points.push(this.mm(pane, event));
          this.paint();
        } else this.pick(pane, event);
      });
      for (const end of ["pointerup", "pointercancel"]) {
        pane.canvas.addEventListener(end, () => this.endOutline(end === "pointerup"));
      }
      pane.canvas.addEventListener("keydown", (event) => this.key(pane, event));
    }
    new ResizeObserver(() => this.paint()).observe(this.frame);
  }

  /** Moves the cursor by keys: along the slice, through it, or home. */
  key({ plane }, event) {
    const moves = {
      ArrowLeft: [plane.across, -1], ArrowRight: [plane.across, 1], ArrowUp: [plane.up, 1],
      ArrowDown: [plane.up, -1], PageUp: [plane.axis, 1], PageDown: [plane.axis, -1],
    };
    if (event.key === "Home") this.go(this.contrast.start);
    else if (moves[event.key]) {
      const [axis, sign] = moves[event.key];
      const size = Math.hypot(...[0, 1, 2].map((c) => data.affine[4 * axis + c]));
      const place = this.place.slice();
      place[axis] += sign * size;
      this.go(place);
    } else return;
    event.preventDefault();
  }

  /** Where a pointer is in a slice: across and up, in mm. */
  mm({ plane: { across, up }, canvas }, event) {
    const box = canvas.getBoundingClientRect();
    const share = (position, size) => Math.min(Math.max(position / size, 0), 1);
    return [
      data.lower[across] + share(event.clientX - box.left, box.width) * (data.upper[across] - data.lower[across]),
      data.upper[up] - share(event.clientY - box.top, box.height) * (data.upper[up] - data.lower[up]),
    ];
  }

  pick(pane, event) {
    const place = this.place.slice();
    [place[pane.plane.across], place[pane.plane.up]] = this.mm(pane, event);
    this.go(place);
  }

  /** Closes the outline that is being drawn. */
  endOutline(isWhole) {
    const outline = this.outline;
    if (!outline) return;
    this.outline = null;
    const { plane } = outline.pane;
    if (isWhole) this.bounds.addOutline(plane, this.place[plane.axis], outline.points);
    this.paint();
  }

  /** Moves the cursor to a place in mm, within the box of the slices. */
  go(place) {
    this.place = place.map((value, axis) => Math.min(Math.max(value, data.lower[axis]), data.upper[axis]));
    this.paint();
    this.tell();
  }

  /** Shows another map, with its own threshold and colours. */
  choose(number) {
    this.state.map = number;
    const map = this.map;
    this.state.color = map.colorMap;
    this.state.threshold = map.threshold;
    this.mapChoice.value = number;
    this.colorChoice.value = map.colorMap;
    this.slider.max = this.reach;
    const letter = (map.name.match(/^(pseudo-t|[tFz])\b/) || ["value"])[0];
    const size = map.side === "both" && letter !== "value" ? `|${letter}|` : letter;
    this.marks.replaceChildren(...map.marks.map((mark) => {
      const button = make("button", { type: "button", class: mark.isCorrected ? "mark" : "mark uncorrected" },
        `${mark.name}: ${size} \u2265 ${readable(mark.value)}`);
      button.addEventListener("click", () => this.set({ threshold: mark.value }));
      return button;
    }));
    this.notches.replaceChildren(...map.marks.map((mark) => {
      const notch = make("span", { class: mark.isCorrected ? "" : "uncorrected" });
      const share = mark.value / this.reach;
      notch.style.left = `calc(8px + ${share} * (100% - 16px))`;
      return notch;
    }));
    this.set({});
    this.load(number).then(() => { this.set({}); this.tell(); });
  }

  async load(number) {
    const map = this.contrast.maps[number];
    this.values[number] ??= map.derivation
      ? derivedValues(map.derivation, await Promise.all(map.derivation.maps.map((k) => this.load(k))))
      : await mapValues(map, this.shared.near);
    return this.values[number];
  }

  set(changes) {
    Object.assign(this.state, changes);
    this.slider.value = this.state.threshold;
    this.number.value = Number(this.state.threshold.toPrecision(6));
    for (const [k, mark] of this.map.marks.entries()) {
      this.marks.children[k].setAttribute("aria-pressed", mark.value === this.state.threshold);
    }
    this.display = new Display(this.map, this.state);
    this.count();
    this.paint();
    this.paintMosaic();
  }

  /** Says how many voxels are shown and what the threshold controls. */
  count() {
    const values = this.values[this.state.map];
    if (!values) return;
    let count = 0;
    for (const value of values) if (this.display.shows(value)) count++;
    const mark = this.map.marks.find((mark) => mark.value === this.state.threshold);
    const volume = (count * data.voxelVolume) / 1000;
    const what = this.state.threshold === 0 ? "no threshold"
      : mark ? mark.name + (mark.isCorrected ? "" : ": not corrected for the number of tests")
      : "no threshold of the analysis: for looking around, not for inference";
    this.status.textContent = `${count.toLocaleString("en")} voxels (${readable(volume)} cm\u00b3) at or beyond `
      + `${readable(this.state.threshold, 4)}; ${what}.`;
    this.frame.dataset.shown = count;
    this.bounds?.tellShown();
  }

  /** Draws all slices, at most once a frame. */
  paint() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      for (const pane of this.panes) this.paintPane(pane);
      this.paintBar();
      this.frame.dataset.place = this.place.map((value) => value.toFixed(2)).join(",");
      if (this.values[this.state.map]) this.frame.dataset.ready = "true";
    });
  }

  /** A slice in a rectangle of a canvas: anatomy, map, sides. */
  paintSlice(context, plane, mm, scale) {
    const { lower, upper } = data;
    const width = Math.round((upper[plane.across] - lower[plane.across]) * scale);
    const height = Math.round((upper[plane.up] - lower[plane.up]) * scale);
    const [left, top] = [lower[plane.across], upper[plane.up]];
    if (this.shared.anatomy) this.shared.anatomy.draw(context, plane, mm, left, top, scale);
    const values = this.values[this.state.map];
    if (!values) return;
    drawMap(context, plane, mm, left, top, scale, width, height, this.shared.columns, values, this.display,
      devicePixelRatio > 1.4 ? 2 : 1);
    if (this.bounds?.region.size) {
      drawRegion(context, plane, mm, left, top, scale, width, height, this.shared.columns, this.bounds.region,
        devicePixelRatio > 1.4 ? 2 : 1);
    }
  }

  /** The outline that is being drawn in a slice. */
  paintOutline(context, plane, scale, ratio) {
    if (this.outline?.pane.plane !== plane) return;
    context.beginPath();
    for (const [across, up] of this.outline.points) {
      context.lineTo((across - data.lower[plane.across]) * scale, (data.upper[plane.up] - up) * scale);
    }
    for (const [width, color] of [[3, "#000"], [1.5, "#fff"]]) {
      context.lineWidth = width * ratio;
      context.strokeStyle = color;
      context.stroke();
    }
  }

  paintPane({ plane, canvas, caption }) {
    const ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    if (!width) return;
    const scale = width / (data.upper[plane.across] - data.lower[plane.across]);
    const height = Math.round((data.upper[plane.up] - data.lower[plane.up]) * scale);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    this.paintSlice(context, plane, this.place[plane.axis], scale);
    const style = getComputedStyle(canvas);
    const x = (this.place[plane.across] - data.lower[plane.across]) * scale;
    const y = (data.upper[plane.up] - this.place[plane.up]) * scale;
    const gap = 5 * ratio;
    context.strokeStyle = style.getPropertyValue("--cross");
    context.lineWidth = ratio;
    context.beginPath();
    for (const [x1, y1, x2, y2] of [[x, 0, x, y - gap], [x, y + gap, x, height], [0, y, x - gap, y], [x + gap, y, width, y]]) {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.stroke();
    this.paintOutline(context, plane, scale, ratio);
    if (plane.across === 0) {
      context.fillStyle = style.color;
      context.font = `${12 * ratio}px sans-serif`;
      context.fillText("L", 3 * ratio, 13 * ratio);
      context.fillText("R", width - 12 * ratio, 13 * ratio);
    }
    const mm = `${plane.letter} = ${millimeters(this.place[plane.axis])} mm`;
    caption.textContent = mm;
    canvas.setAttribute("aria-label", `${plane.name} slice, ${mm}`);
  }

  /** The colour bar: colours as they are shown, the threshold as a line. */
  paintBar() {
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(this.bar.clientWidth * ratio), Math.round(16 * ratio)];
    if (!width) return;
    Object.assign(this.bar, { width, height });
    const context = this.bar.getContext("2d"), { lower, upper, table } = this.display;
    for (let h = 0; h < width; h++) {
      const value = lower + ((upper - lower) * (h + 0.5)) / width;
      const alpha = this.display.shows(value) ? 1 : this.display.faint(value);
      const color = this.display.index(value);
      context.fillStyle = `rgb(${table[color]} ${table[color + 1]} ${table[color + 2]} / ${alpha * this.display.opacity})`;
      context.fillRect(h, 0, 1, height);
    }
    const ends = [lower, upper], threshold = this.state.threshold;
    if (threshold > 0) {
      context.fillStyle = getComputedStyle(this.bar).color;
      for (const value of [threshold, -threshold]) {
        const applies = this.display.sign === 0 ? value >= lower : this.display.sign * value > 0;
        if (applies) context.fillRect(((value - lower) / (upper - lower)) * width - ratio, 0, 2 * ratio, height);
      }
    }
    this.barEnds.replaceChildren(
      make("span", {}, readable(ends[0])), make("span", {}, this.map.name), make("span", {}, readable(ends[1])));
    this.bar.setAttribute("aria-label",
      `Colours of ${this.map.name} from ${readable(ends[0])} to ${readable(ends[1])}, threshold ${readable(threshold)}`);
  }

  /** Parallel slices over the whole brain, every one of them a way to go there. */
  layout() {
    const plane = planes[Number(this.mosaicAxis.value)];
    const ratio = devicePixelRatio || 1;
    const width = Math.round(this.mosaic.clientWidth * ratio);
    const perRow = width / ratio < 600 ? 4 : 7, rows = 3;
    const across = data.upper[plane.across] - data.lower[plane.across];
    const up = data.upper[plane.up] - data.lower[plane.up];
    const scale = width / perRow / across;
    const count = perRow * rows, [low, high] = [data.lower[plane.axis], data.upper[plane.axis]];
    const cuts = Array.from({ length: count }, (_, k) => Math.round(low + ((high - low) * (0.06 + 0.88 * k / (count - 1)))));
    return { plane, ratio, width, perRow, rows, scale, cuts, cell: [width / perRow, up * scale + 16 * ratio] };
  }

  paintMosaic() {
    if (!this.frame.querySelector(".mosaic-frame").open || !this.values[this.state.map]) return;
    const { plane, ratio, width, perRow, rows, scale, cuts, cell } = this.layout();
    if (!width) return;
    Object.assign(this.mosaic, { width, height: Math.ceil(cell[1] * rows) });
    const context = this.mosaic.getContext("2d");
    const color = getComputedStyle(this.mosaic).color;
    cuts.forEach((mm, k) => {
      context.setTransform(1, 0, 0, 1, Math.round((k % perRow) * cell[0]), Math.round(Math.floor(k / perRow) * cell[1]));
      this.paintSlice(context, plane, mm, scale);
      context.fillStyle = color;
      context.font = `${11 * ratio}px sans-serif`;
      context.textAlign = "center";
      context.fillText(`${plane.letter} = ${millimeters(mm)}`, cell[0] / 2, cell[1] - 5 * ratio);
    });
    this.mosaic.setAttribute("aria-label",
      `${plane.name} slices of ${this.map.name} at ${plane.letter} = ${cuts.join(", ")} mm`);
  }

  pickMosaic(event) {
    const { plane, ratio, perRow, scale, cuts, cell } = this.layout();
    const [x, y] = [event.offsetX * ratio, event.offsetY * ratio];
    const [column, row] = [Math.floor(x / cell[0]), Math.floor(y / cell[1])];
    const mm = cuts[row * perRow + column];
    if (mm === undefined) return;
    const place = this.place.slice();
    place[plane.axis] = mm;
    place[plane.across] = data.lower[plane.across] + (x - column * cell[0]) / scale;
    place[plane.up] = data.upper[plane.up] - (y - row * cell[1]) / scale;
    this.go(place);
  }

  /** The value of every map and the subjects at the cursor. */
  tell() {
    const voxel = voxelAt(this.place), offset = offsetOf(voxel);
    const column = offset < 0 ? -1 : this.shared.columns[offset];
    const where = worldOf(voxel).map(millimeters).join(", ");
    const rows = this.contrast.maps.map((map, k) => {
      const value = column < 0 || !this.values[k] ? NaN : this.values[k][column];
      const p = map.isNegativeLog10 && Number.isFinite(value) ? ` (${/ q\b/.test(map.name) ? "q" : "p"} = ${readable(10 ** -value)})` : "";
      return make("tr", {}, make("th", { scope: "row" }, map.name),
        make("td", { class: "number" }, readable(value, 4) + p));
    });
    const place = column < 0 ? `(${where}) mm: not tested` : `(${where}) mm, voxel ${voxel.join(", ")}`;
    this.readout.replaceChildren(make("caption", {}, place), make("tbody", {}, ...rows));
    this.tellSubjects(column);
    this.bounds?.tellHere();
  }

  tellSubjects(column) {
    const { subjects, places } = this.shared;
    const place = column < 0 || !places ? -1 : places.indexOf(column);
    const here = this.contrast.places.find((known) => {
      const offset = offsetOf(voxelAt(known.place));
      return offset >= 0 && this.shared.columns[offset] === column;
    });
    const words = this.contrast.scatter.yName.toLowerCase() + "s";
    let values, note;
    if (here) {
      values = here.values;
      note = `At ${here.name}: ${words} at full precision.`;
    } else if (subjects && place >= 0) {
      values = Array.from(data.identifiers, (_, s) => subjects[s * places.length + place] * data.subjects.step);
      note = `Here: ${words} from data rounded to ${readable(data.subjects.step)}; at the peaks they are at full precision.`;
    } else if (data.subjects && !subjects && column >= 0) note = "Reading the subjects' values\u2026";
    else if (column >= 0) note = data.absence;
    else note = "Outside the mask: not tested.";
    this.scatter.classList.toggle("empty", !values);
    if (values) drawScatter(this.scatter, this.contrast.scatter, values, note);
    this.scatterNote.textContent = note;
    this.frame.dataset.subjects = values ? values.length : 0;
  }
}

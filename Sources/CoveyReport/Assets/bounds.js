// Bounds on true discoveries: how many voxels of a set are truly active, at least.

/** The step of every voxel of a contrast's first map: 0 was not tested, `none` is never counted.
 *
 * Steps come in the order of the map's values, the most extreme first and equal ones by their place, as
 * differences; what is beyond the last is never counted. So nothing is computed from rounded values. */
async function boundSteps(bounds, map, values) {
  const bytes = await block(bounds.block), length = bytes.length / 4;
  const sign = map.side === "less" ? -1 : 1;
  const size = (value) => (map.side === "both" ? Math.abs(value) : sign * value);
  const sizes = Float32Array.from(values, size);
  const tested = sizes.filter((value) => value === value).sort();
  const steps = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) steps[i] = sizes[i] === sizes[i] ? bounds.none : 0;
  if (!length) return steps;
  const least = tested[tested.length - length];
  const order = [];
  for (let i = 0; i < sizes.length; i++) if (sizes[i] >= least) order.push(i);
  order.sort((a, b) => sizes[b] - sizes[a] || a - b);
  for (let i = 0, step = 0; i < length; i++) {
    const folded = bytes[i] | (bytes[length + i] << 8) | (bytes[2 * length + i] << 16) | (bytes[3 * length + i] << 24);
    step += (folded >>> 1) ^ -(folded & 1);
    steps[order[i]] = step;
  }
  return steps;
}

/** The least number of true discoveries among columns, and how many of them were tested. */
function trueDiscoveries(columns, steps) {
  const counts = new Int32Array(columns.length + 1);
  let tested = 0, best = 0;
  for (const column of columns) {
    const step = steps[column];
    if (step === 0) continue;
    tested++;
    if (step < counts.length) counts[step]++;
  }
  for (let u = 1, sum = 0; u <= tested; u++) {
    sum += counts[u];
    best = Math.max(best, sum + 1 - u);
  }
  return { tested, best };
}

/** The columns that hang together with one of a set: neighbours of the same sign, by the analysis's rule. */
function clusterOf(start, isInside, values, columns, offsets, connectivity) {
  const reach = connectivity === 6 ? 1 : connectivity === 18 ? 2 : 3;
  const [sx, sy, sz] = data.shape, steps = [];
  for (let dz = -1; dz <= 1; dz++) for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) {
    const size = Math.abs(dx) + Math.abs(dy) + Math.abs(dz);
    if (size > 0 && size <= reach) steps.push([dx, dy, dz, dx + sx * (dy + sy * dz)]);
  }
  const isFound = new Uint8Array(offsets.length), found = [start], isPositive = values[start] > 0;
  isFound[start] = 1;
  for (let next = 0; next < found.length; next++) {
    const offset = offsets[found[next]];
    const x = offset % sx, y = Math.floor(offset / sx) % sy, z = Math.floor(offset / (sx * sy));
    for (const [dx, dy, dz, distance] of steps) {
      if (x + dx < 0 || x + dx >= sx || y + dy < 0 || y + dy >= sy || z + dz < 0 || z + dz >= sz) continue;
      const column = columns[offset + distance];
      if (column < 0 || isFound[column] || !isInside(column) || values[column] > 0 !== isPositive) continue;
      isFound[column] = 1;
      found.push(column);
    }
  }
  return found;
}

/** The columns whose centres lie within a distance of a place in mm. */
function sphereColumns(place, radius, offsets) {
  const result = [], s = data.shape;
  for (let column = 0; column < offsets.length; column++) {
    const offset = offsets[column];
    const centre = worldOf([offset % s[0], Math.floor(offset / s[0]) % s[1], Math.floor(offset / (s[0] * s[1]))]);
    if (Math.hypot(centre[0] - place[0], centre[1] - place[1], centre[2] - place[2]) <= radius + 1e-6) result.push(column);
  }
  return result;
}

/** The columns of the slice at `mm` whose centres lie within an outline, points of [across, up] in mm. */
function outlinedColumns(plane, mm, outline, columns, offsets) {
  const result = [], s = data.shape;
  for (let column = 0; column < offsets.length; column++) {
    const offset = offsets[column];
    const centre = worldOf([offset % s[0], Math.floor(offset / s[0]) % s[1], Math.floor(offset / (s[0] * s[1]))]);
    const [x, y] = [centre[plane.across], centre[plane.up]];
    let inside = false;
    for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
      const [a, b] = [outline[i], outline[j]];
      if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
    }
    // The cut halfway between two voxels belongs to the one with the larger coordinate, as it is drawn.
    centre[plane.axis] = mm + 1e-6;
    if (inside && offsetOf(voxelAt(centre)) === offset) result.push(column);
  }
  return result;
}

/** What a bound says. */
function boundWords({ tested, best }) {
  const share = tested ? ` (${readable((100 * best) / tested)} %)` : "";
  return `at least ${best.toLocaleString("en")} of ${tested.toLocaleString("en")} voxel${tested === 1 ? "" : "s"}${share} `
    + `${best === 1 ? "is" : "are"} truly active`;
}

/** The part of a viewer that tells bounds: of what is shown, of the cluster at the cursor, of a region drawn. */
class Bounds {
  constructor(viewer) {
    this.viewer = viewer;
    this.region = new Set();
    const id = viewer.frame.id;
    const { bounds } = viewer.contrast;
    this.shown = make("p", { class: "bound" });
    this.here = make("p", { class: "bound" });
    this.drawn = make("p", { class: "bound", role: "status" });
    this.radius = make("input", { type: "number", min: 1, max: 100, step: "any", value: 10, id: `${id}-radius` });
    this.sphere = make("button", { type: "button" }, "Add a sphere at the cursor");
    this.pencil = make("button", { type: "button", "aria-pressed": "false" }, "Draw on the slices");
    this.clear = make("button", { type: "button" }, "Clear the region");
    this.frame = make("div", { class: "bounds" },
      make("p", { class: "bounds-title" }, "How much is truly active"), this.shown, this.here, this.drawn,
      make("div", { class: "tools" }, make("label", { for: `${id}-radius` }, "Radius, mm"), this.radius,
        this.sphere, this.pencil, this.clear),
      make("p", { class: "muted" },
        `Lower bounds by ${bounds.method}; simultaneous ${readable(100 * (1 - bounds.alpha), 6)} %: all of them are true `
        + "together, whatever set of voxels you choose, by threshold, by cluster or by hand, and however often you look."));
    this.sphere.addEventListener("click", () => this.addSphere());
    this.pencil.addEventListener("click", () => {
      this.isDrawing = !this.isDrawing;
      this.pencil.setAttribute("aria-pressed", this.isDrawing);
    });
    this.clear.addEventListener("click", () => {
      this.region.clear();
      this.changed();
    });
  }

  /** Reads the steps; the first map must be there. */
  async load() {
    const { contrast, values } = this.viewer;
    this.steps = await boundSteps(contrast.bounds, contrast.maps[0], values[0]);
    this.tellShown();
    this.changed();
  }

  addSphere() {
    const radius = Number(this.radius.value);
    if (!this.steps || !(radius > 0)) return;
    for (const column of sphereColumns(this.viewer.place, radius, this.viewer.shared.offsets)) this.region.add(column);
    this.changed();
  }

  /** Adds what an outline on a slice encloses. */
  addOutline(plane, mm, outline) {
    if (!this.steps || outline.length < 3) return;
    const { columns, offsets } = this.viewer.shared;
    for (const column of outlinedColumns(plane, mm, outline, columns, offsets)) this.region.add(column);
    this.changed();
  }

  changed() {
    this.drawnColumns = [...this.region];
    const bound = this.steps ? trueDiscoveries(this.drawnColumns, this.steps) : null;
    this.clear.disabled = !this.region.size;
    this.drawn.textContent = !bound || !this.region.size
      ? "Region of your own: none yet. Add spheres at the cursor, or draw around voxels on the slices."
      : `Your region: ${boundWords(bound)}.`;
    this.viewer.frame.dataset.boundDrawn = bound ? `${bound.best}/${bound.tested}` : "";
    this.viewer.paint();
    this.viewer.paintMosaic();
  }

  /** What is shown: every voxel that the map and its threshold leave. */
  tellShown() {
    const values = this.viewer.values[this.viewer.state.map];
    if (!this.steps || !values) return;
    this.shownColumns = [];
    this.isHere = null;
    for (let i = 0; i < values.length; i++) if (this.viewer.display.shows(values[i])) this.shownColumns.push(i);
    const bound = trueDiscoveries(this.shownColumns, this.steps);
    this.shown.textContent = this.viewer.state.threshold === 0
      ? `All voxels: ${boundWords(bound)}.` : `All that reaches the threshold: ${boundWords(bound)}.`;
    this.viewer.frame.dataset.bound = `${bound.best}/${bound.tested}`;
    this.tellHere();
  }

  /** The cluster of what is shown that holds the cursor. */
  tellHere() {
    const { viewer } = this;
    const values = viewer.values[viewer.state.map], { columns, offsets } = viewer.shared;
    if (!this.steps || !values) return;
    const offset = offsetOf(voxelAt(viewer.place)), column = offset < 0 ? -1 : columns[offset];
    // Within the same cluster nothing changes.
    if (this.isHere?.has(column)) return;
    this.hereColumns = column < 0 || !viewer.display.shows(values[column]) ? []
      : clusterOf(column, (other) => viewer.display.shows(values[other]), values, columns, offsets,
        viewer.contrast.bounds.connectivity);
    this.isHere = new Set(this.hereColumns);
    const bound = trueDiscoveries(this.hereColumns, this.steps);
    this.here.textContent = this.hereColumns.length
      ? `The cluster at the cursor: ${boundWords(bound)}.` : "The cluster at the cursor: none, nothing is shown there.";
    viewer.frame.dataset.boundHere = `${bound.best}/${bound.tested}`;
  }
}

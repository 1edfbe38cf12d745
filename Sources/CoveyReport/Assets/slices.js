// Slices: the anatomy, the map over it, the outline at the threshold.

/** For every axis: the axis that grows to the right of the picture, and the one that grows upward. */
const planes = [
  { name: "Sagittal", axis: 0, across: 1, up: 2, letter: "x" },
  { name: "Coronal", axis: 1, across: 0, up: 2, letter: "y" },
  { name: "Axial", axis: 2, across: 0, up: 1, letter: "z" },
];

/** 256 colours of a colour map, as red, green, blue. */
const colorTables = new Map(data.colors.map((color) => {
  const points = color.table.match(/../g).map((pair) => parseInt(pair, 16));
  const last = points.length / 3 - 1;
  const table = new Uint8ClampedArray(3 * 256);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * last, low = Math.min(Math.floor(at), last - 1), share = at - low;
    for (let c = 0; c < 3; c++) {
      table[3 * i + c] = points[3 * low + c] * (1 - share) + points[3 * low + 3 + c] * share;
    }
  }
  return [color.key, { ...color, table }];
}));

/** How values become colours and opacities: the rule of one map at one threshold. */
class Display {
  constructor(map, state) {
    const color = colorTables.get(state.color);
    this.table = color.table;
    this.threshold = Math.fround(state.threshold);
    // Rounded values are whole multiples of a step: between two of them lies the least that reaches it.
    this.limit = map.precision === "exact" ? this.threshold
      : (Math.ceil(this.threshold / map.step - 0.5) - 0.5) * map.step;
    this.opacity = state.opacity;
    this.fading = state.faded ? 0.7 : 0;
    this.sign = map.side === "less" ? -1 : map.side === "greater" ? 1 : 0;
    const end = Math.max(Math.abs(map.least), Math.abs(map.greatest)) || 1;
    const twoSigns = this.sign === 0 && map.least < 0;
    this.upper = this.sign < 0 && !color.isDiverging ? 0 : end;
    this.lower = color.isDiverging || twoSigns || this.sign < 0 ? -end : 0;
  }

  /** Whether a value survives. */
  shows(value) {
    const size = this.sign === 0 ? Math.abs(value) : this.sign * value;
    return size >= this.limit;
  }

  /** The opacity of a value that does not survive. */
  faint(value) {
    if (!this.fading || !this.threshold) return 0;
    const size = this.sign === 0 ? Math.abs(value) : Math.max(0, this.sign * value);
    const share = Math.min(size / this.threshold, 1);
    return this.fading * share * share;
  }

  /** The place of a value in the colour table. */
  index(value) {
    const at = (value - this.lower) / (this.upper - this.lower);
    return 3 * Math.round(255 * Math.min(Math.max(at, 0), 1));
  }
}

/** Slices of the anatomy, each made once. */
class Anatomy {
  constructor(bytes) {
    this.bytes = bytes;
    this.kept = new Map();
  }

  /** Draws the slice at `mm` into a picture whose lower left corner lies at `left`, `bottom` mm. */
  draw(context, plane, mm, left, top, scale) {
    const { shape, origin, step } = data.background;
    const { axis, across, up } = plane;
    const index = Math.round((mm - origin[axis]) / step[axis]);
    if (index < 0 || index >= shape[axis]) return;
    const x = (origin[across] - step[across] / 2 - left) * scale;
    const y = (top - (origin[up] + step[up] * (shape[up] - 0.5))) * scale;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(
      this.slice(plane, index), x, y, shape[across] * step[across] * scale, shape[up] * step[up] * scale);
  }

  slice({ axis, across, up }, index) {
    const key = axis + ":" + index;
    const known = this.kept.get(key);
    if (known) return known;
    const shape = data.background.shape, stride = [1, shape[0], shape[0] * shape[1]];
    const canvas = document.createElement("canvas");
    canvas.width = shape[across];
    canvas.height = shape[up];
    const image = new ImageData(canvas.width, canvas.height);
    for (let v = 0, pixel = 0; v < canvas.height; v++) {
      const row = index * stride[axis] + (canvas.height - 1 - v) * stride[up];
      for (let h = 0; h < canvas.width; h++, pixel += 4) {
        const level = this.bytes[row + h * stride[across]];
        // Neither black nor white, so that both ends of every colour map stand out.
        image.data[pixel] = image.data[pixel + 1] = image.data[pixel + 2] = 64 + 0.68 * level;
        image.data[pixel + 3] = level ? 255 : 0;
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    this.kept.set(key, canvas);
    return canvas;
  }
}

const scratch = document.createElement("canvas");

/** Visits every pixel of a slice at `mm` that lies in a voxel of the mask. */
function forEachPixel(plane, mm, left, top, scale, width, height, columns, visit) {
  const m = data.inverse, s = data.shape;
  const place = [0, 0, 0];
  // A cut halfway between two voxels shows the one with the larger coordinate, as the figures do.
  place[plane.axis] = mm + 1e-6;
  place[plane.across] = left + 0.5 / scale;
  const [dx, dy, dz] = [0, 1, 2].map((r) => m[4 * r + plane.across] / scale);
  for (let v = 0, at = 0; v < height; v++) {
    place[plane.up] = top - (v + 0.5) / scale;
    let [x, y, z] = [0, 1, 2].map(
      (r) => m[4 * r] * place[0] + m[4 * r + 1] * place[1] + m[4 * r + 2] * place[2] + m[4 * r + 3] + 0.5);
    for (let h = 0; h < width; h++, at++, x += dx, y += dy, z += dz) {
      if (!(x >= 0 && y >= 0 && z >= 0 && x < s[0] && y < s[1] && z < s[2])) continue;
      const column = columns[(x | 0) + s[0] * ((y | 0) + s[1] * (z | 0))];
      if (column >= 0) visit(at, column);
    }
  }
}

/** Draws the map's slice at `mm`: every pixel has the value of the voxel it lies in. */
function drawMap(context, plane, mm, left, top, scale, width, height, columns, values, display, thick) {
  if (width < 1 || height < 1) return;
  scratch.width = width;
  scratch.height = height;
  const image = new ImageData(width, height);
  const pixels = image.data, table = display.table;
  const shown = new Uint8Array(width * height);
  forEachPixel(plane, mm, left, top, scale, width, height, columns, (at, column) => {
    const value = values[column];
    if (value !== value) return;
    const survives = display.shows(value);
    const alpha = survives ? 1 : display.faint(value);
    if (survives) shown[at] = 1;
    if (alpha <= 0) return;
    const color = display.index(value), pixel = 4 * at;
    pixels[pixel] = table[color];
    pixels[pixel + 1] = table[color + 1];
    pixels[pixel + 2] = table[color + 2];
    pixels[pixel + 3] = 255 * alpha * display.opacity;
  });
  if (display.threshold > 0) {
    // On a dark page, where black would be lost beside the brain, a light rim around the black one.
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    outline(pixels, shown, width, height, isDark ? 2 * thick : thick, () => 0);
    if (isDark) outline(pixels, shown, width, height, thick, () => 235);
  }
  scratch.getContext("2d").putImageData(image, 0, 0);
  context.drawImage(scratch, 0, 0);
}

/** Draws the rim of a region, black and white by turns so that it stands out from any colour. */
function drawRegion(context, plane, mm, left, top, scale, width, height, columns, region, thick) {
  if (width < 1 || height < 1) return;
  scratch.width = width;
  scratch.height = height;
  const image = new ImageData(width, height), inside = new Uint8Array(width * height);
  forEachPixel(plane, mm, left, top, scale, width, height, columns, (at, column) => {
    if (region.has(column)) inside[at] = 1;
  });
  outline(image.data, inside, width, height, 2 * thick, (h, v) => (((h + v) >> 2) & 1 ? 255 : 0));
  scratch.getContext("2d").putImageData(image, 0, 0);
  context.drawImage(scratch, 0, 0);
}

/** Colours the rim of a set of pixels: `level` says how light, by column and row. */
function outline(pixels, shown, width, height, thick, level) {
  for (let v = 0, at = 0; v < height; v++) {
    for (let h = 0; h < width; h++, at++) {
      if (!shown[at]) continue;
      const isRim = (h >= thick && !shown[at - thick]) || (h + thick < width && !shown[at + thick])
        || (v >= thick && !shown[at - thick * width]) || (v + thick < height && !shown[at + thick * width]);
      if (!isRim) continue;
      pixels.fill(level(h, v), 4 * at, 4 * at + 3);
      pixels[4 * at + 3] = 235;
    }
  }
}

"use strict";

// The page's data, and the arrays of numbers in it.

const data = JSON.parse(document.getElementById("data").textContent);

/** The bytes of a block: base64, then gzip, both undone by the browser. */
async function block(number) {
  const text = document.getElementById("block-" + number).textContent;
  let bytes;
  if (Uint8Array.fromBase64) {
    bytes = Uint8Array.fromBase64(text);
  } else {
    const binary = atob(text);
    bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Numbers of single precision, kept byte plane by byte plane. */
function floats(bytes) {
  const count = bytes.length / 4;
  const view = new DataView(new ArrayBuffer(bytes.length));
  const result = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 4; plane++) view.setUint8(4 * i + plane, bytes[plane * count + i]);
    result[i] = view.getFloat32(4 * i, true);
  }
  return result;
}

/**
 * For voxels by their ascending offsets in the grid: the places, among them, of the seven neighbours towards the origin,
 * along x, y, z, xy, xz, yz and xyz; -1 where one of the seven is missing.
 */
function neighbours(offsets) {
  const [width, height] = data.shape, plane = width * height;
  const places = new Int32Array(plane * data.shape[2]).fill(-1);
  offsets.forEach((offset, place) => { places[offset] = place; });
  const steps = [1, width, plane, 1 + width, 1 + plane, width + plane, 1 + width + plane];
  const result = new Int32Array(7 * offsets.length).fill(-1);
  offsets.forEach((offset, place) => {
    if (offset % width === 0 || offset % plane < width || offset < plane) return;
    const near = steps.map((step) => places[offset - step]);
    if (!near.includes(-1)) result.set(near, 7 * place);
  });
  return result;
}

/**
 * Whole numbers of `width` bytes, once or several times over the voxels, kept as folded differences from what their
 * neighbours predict: the lowest bytes first.
 */
function predicted(bytes, width, near) {
  const total = bytes.length / width, count = near.length / 7;
  const result = width === 2 ? new Int16Array(total) : new Uint32Array(total);
  for (let start = 0; start < total; start += count) {
    for (let place = 0; place < count; place++) {
      const i = start + place, n = 7 * place;
      let folded = 0;
      for (let k = 0; k < width; k++) folded |= bytes[k * total + i] << (8 * k);
      let guess = place > 0 ? result[i - 1] : 0;
      if (near[n] >= 0) {
        guess = result[start + near[n]] + result[start + near[n + 1]] + result[start + near[n + 2]]
          - result[start + near[n + 3]] - result[start + near[n + 4]] - result[start + near[n + 5]]
          + result[start + near[n + 6]];
      }
      const value = guess + ((folded >>> 1) ^ -(folded & 1));
      result[i] = width === 2 ? value : value & 0xffffff;
    }
  }
  return result;
}

const missing = -32768;

/** A map's values in the mask's order, NaN where there is none. */
async function mapValues(map, near) {
  const bytes = await block(map.block);
  if (map.precision === "exact") return floats(bytes);
  // The upper 24 bits of single precision.
  if (map.precision === "relative") return new Float32Array(predicted(bytes, 3, near).map((v) => v << 8).buffer);
  return Float32Array.from(predicted(bytes, 2, near), (v) => (v === missing ? NaN : v * map.step));
}

/** What follows from the statistic t and the standard error s at a voxel, with a constant c. */
const formulas = {
  product: (t, s) => t * s,
  multiple: (t, s, c) => c * t,
  correlation: (t, s, c) => t / Math.sqrt(t * t + c),
  bound: (t, s, c) => Math.abs(t * s) + c * s,
};

/** A map's values by its formula. */
function derivedValues({ formula, constant }, [t, s]) {
  return Float32Array.from(t, (value, i) => formulas[formula](value, s?.[i], constant));
}

/** The numbers, ascending, of the bits that are set in the first `count`. */
function setBits(bits, count) {
  const result = [];
  for (let i = 0; i < count; i++) if (bits[i >> 3] & (1 << (i & 7))) result.push(i);
  return result;
}

/** The voxels of the mask: a column number per voxel of the grid, -1 outside, their offsets and neighbours. */
async function maskVoxels() {
  const bits = await block(data.mask);
  const columns = new Int32Array(data.shape[0] * data.shape[1] * data.shape[2]).fill(-1);
  const offsets = setBits(bits, columns.length);
  offsets.forEach((offset, column) => { columns[offset] = column; });
  return { columns, offsets, near: neighbours(offsets) };
}

/** The voxel whose box holds a place in mm, as three indices. */
function voxelAt(place) {
  return [0, 1, 2].map((r) => {
    const m = data.inverse;
    const at = m[4 * r] * place[0] + m[4 * r + 1] * place[1] + m[4 * r + 2] * place[2] + m[4 * r + 3];
    return Math.floor(at + 0.5);
  });
}

/** The storage offset of a voxel, -1 outside the grid. */
function offsetOf(voxel) {
  const s = data.shape;
  if (voxel.some((v, r) => v < 0 || v >= s[r])) return -1;
  return voxel[0] + s[0] * (voxel[1] + s[1] * voxel[2]);
}

/** The centre of a voxel in mm. */
function worldOf(voxel) {
  return [0, 1, 2].map((r) => {
    const m = data.affine;
    return m[4 * r] * voxel[0] + m[4 * r + 1] * voxel[1] + m[4 * r + 2] * voxel[2] + m[4 * r + 3];
  });
}

/** A number for a reader: three significant digits, a true minus sign. */
function readable(value, digits = 3) {
  if (!Number.isFinite(value)) return "n/a";
  const text = value === 0 ? "0" : String(Number(value.toPrecision(digits)));
  return text.replace("-", "\u2212").replace("e\u2212", "e\u2212");
}

/** A position to a tenth of a millimetre. */
function millimeters(value) {
  return readable(Math.round(value * 10) / 10, 6);
}

/** An element with attributes and children; text is set as text. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

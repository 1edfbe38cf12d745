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

const missing = -32768;

/** Whole numbers of 16 bits, kept as folded differences: low bytes, then high bytes. */
function differences(bytes) {
  const count = bytes.length / 2;
  const result = new Int16Array(count);
  let value = 0;
  for (let i = 0; i < count; i++) {
    const folded = bytes[i] | (bytes[count + i] << 8);
    value = (value + ((folded >>> 1) ^ -(folded & 1))) << 16 >> 16;
    result[i] = value;
  }
  return result;
}

/** A map's values in the mask's order, NaN where there is none. */
async function mapValues(map) {
  const bytes = await block(map.block);
  if (map.precision === "exact") return floats(bytes);
  return Float32Array.from(differences(bytes), (v) => (v === missing ? NaN : v * map.step));
}

/** One column number per voxel of the grid, -1 outside the mask, and how many there are. */
async function maskColumns() {
  const bits = await block(data.mask);
  const columns = new Int32Array(data.shape[0] * data.shape[1] * data.shape[2]).fill(-1);
  let count = 0;
  for (let i = 0; i < columns.length; i++) if (bits[i >> 3] & (1 << (i & 7))) columns[i] = count++;
  return { columns, count };
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

// The page: viewers, rows that lead to places, the text to copy.

const viewers = [];

async function start() {
  const shared = await maskVoxels();
  if (data.background) shared.anatomy = new Anatomy(await block(data.background.block));
  const frames = [...document.querySelectorAll(".viewer")];
  for (const [k, frame] of frames.entries()) viewers.push(new Viewer(frame, data.contrasts[k], shared));
  for (const viewer of viewers) {
    for (const k of viewer.contrast.maps.keys()) await viewer.load(k);
    await viewer.bounds?.load();
    viewer.tell();
  }
  if (data.subjects) {
    const { offsets } = shared, kept = data.subjects.voxels;
    const places = kept === undefined ? offsets.map((_, k) => k) : setBits(await block(kept), offsets.length);
    shared.places = Int32Array.from(places);
    const near = kept === undefined ? shared.near : neighbours(places.map((column) => offsets[column]));
    shared.subjects = predicted(await block(data.subjects.block), 2, near);
    for (const viewer of viewers) viewer.tell();
  }
  document.documentElement.dataset.ready = "true";
}

for (const button of document.querySelectorAll("button.go")) {
  button.addEventListener("click", () => {
    const viewer = viewers[Number(button.dataset.viewer)];
    if (!viewer) return;
    viewer.go(button.dataset.place.split(",").map(Number));
    viewer.frame.scrollIntoView({ block: "nearest" });
  });
}

// Wide and long tables: what is read first, the rest behind a button.
for (const button of document.querySelectorAll("button.fold")) {
  const table = document.getElementById(button.dataset.table);
  const fold = (isFolded) => {
    table.classList.toggle(button.dataset.kind === "columns" ? "narrow" : "brief", isFolded);
    button.textContent = isFolded ? button.dataset.more : button.dataset.fewer;
    button.setAttribute("aria-expanded", !isFolded);
  };
  button.hidden = false;
  button.addEventListener("click", () => fold(button.getAttribute("aria-expanded") === "true"));
  fold(true);
}

// On paper nothing can be opened or scrolled: what is folded is open there, and tables are as small as they must be.
const paperWidth = 690;

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not(.screen-only):not(.mosaic-frame):not([open])")) {
    details.open = true;
    details.dataset.opened = "";
  }
  for (const table of document.querySelectorAll("table")) {
    const isNarrow = table.classList.contains("narrow");
    table.classList.add("narrow");
    // Widths grow with the type; 1 px is 3/4 of a point.
    const points = (paperWidth / table.scrollWidth) * parseFloat(getComputedStyle(table).fontSize) * 0.75;
    table.style.setProperty("--print-size", `${Math.min(8, points).toFixed(2)}pt`);
    table.classList.toggle("narrow", isNarrow);
  }
});

addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("details[data-opened]")) {
    details.open = false;
    delete details.dataset.opened;
  }
});

document.getElementById("copy-methods").addEventListener("click", async () => {
  const node = document.getElementById("methods-text");
  try {
    await navigator.clipboard.writeText(node.innerText);
    document.getElementById("copied").textContent = "Copied.";
  } catch {
    // Where the clipboard is closed to pages, the text is left selected.
    getSelection().selectAllChildren(node);
    document.getElementById("copied").textContent = "Selected: press Ctrl+C or \u2318C.";
  }
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const viewer of viewers) viewer.set({});
});

if (typeof DecompressionStream === "function") start();

// The page: viewers, rows that lead to places, the text to copy.

const viewers = [];

async function start() {
  const shared = await maskColumns();
  if (data.background) shared.anatomy = new Anatomy(await block(data.background.block));
  const frames = [...document.querySelectorAll(".viewer")];
  for (const [k, frame] of frames.entries()) viewers.push(new Viewer(frame, data.contrasts[k], shared));
  for (const viewer of viewers) {
    for (const k of viewer.contrast.maps.keys()) await viewer.load(k);
    await viewer.bounds?.load();
    viewer.tell();
  }
  if (data.subjects) {
    shared.subjects = differences(await block(data.subjects.block));
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

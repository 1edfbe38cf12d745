#!/usr/bin/env python3
"""Opens a report in headless Chromium and uses it as a reader does.

    Scripts/check-report.py report.html [--screenshots FOLDER] [--dark] [--width 1200]

Prints one line per check, `ok` or `FAILED`, and exits with 1 where one failed. The page is driven through the
DevTools protocol over a pipe; nothing but the Python standard library is needed.
"""

import argparse
import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time


class Browser:
    """Chromium with one page, and every event it reports."""

    def __init__(self, program, width, height):
        self.profile = tempfile.mkdtemp(prefix="covey-report-")
        to_read, to_write = os.pipe(), os.pipe()
        flags = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
            f"--user-data-dir={self.profile}", f"--window-size={width},{height}", "about:blank",
        ]

        def give_pipes():
            # Chromium reads its commands from descriptor 3 and answers on 4.
            commands, answers = os.dup(to_read[0]), os.dup(to_write[1])
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        self.process = subprocess.Popen(
            [program] + flags, preexec_fn=give_pipes, close_fds=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_read[0])
        os.close(to_write[1])
        self.commands, self.answers = to_read[1], to_write[0]
        self.buffer, self.events, self.number, self.session = b"", [], 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(domain + ".enable")

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                return None
            part = os.read(self.answers, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        deadline = time.monotonic() + 60
        while True:
            answer = self.receive(deadline)
            if answer is None:
                raise RuntimeError(f"no answer to {method}")
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def evaluate(self, expression):
        result = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails'].get('exception', result)}")
        return result["result"].get("value")

    def wait(self, expression, seconds=30):
        """Seconds until an expression is true; `None` where it never was."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            if self.evaluate(expression):
                return time.monotonic() - start
            time.sleep(0.02)
        return None

    def press(self, key, text=None):
        for kind in ["keyDown", "keyUp"]:
            more = {"text": text, "windowsVirtualKeyCode": 13} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, **more)

    def drag(self, points):
        """Presses at the first point, moves over the others and lets go."""
        for number, (x, y) in enumerate(points):
            self.call("Input.dispatchMouseEvent", type="mouseMoved" if number else "mousePressed", x=x, y=y,
                      button="left", buttons=1, clickCount=1)
        x, y = points[-1]
        self.call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=1)

    def click(self, x, y):
        for kind in ["mousePressed", "mouseReleased"]:
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def screenshot(self, path, whole=True):
        image = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **(
            {"clip": {"x": 0, "y": 0, "scale": 1, "width": self.evaluate("document.documentElement.scrollWidth"),
                      "height": self.evaluate("document.documentElement.scrollHeight")}} if whole else {}))
        with open(path, "wb") as file:
            file.write(base64.b64decode(image["data"]))

    def resize(self, width):
        """A window of any width: a real one is never below 500 px."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


failures = 0


def check(claim, is_true, detail=""):
    global failures
    print(("ok      " if is_true else "FAILED  ") + claim + (f" ({detail})" if detail != "" else ""))
    failures += not is_true


SETTLE = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
VIEWER = "document.querySelector('.viewer')"


def inked(selector):
    """An expression: the share of a canvas's pixels that are not transparent."""
    return (
        f"(() => {{ const c = document.querySelector({json.dumps(selector)}); if (!c.width) return 0;"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;"
        " for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n / (d.length / 4); })()")


def place(browser):
    browser.evaluate(SETTLE)
    return [float(v) for v in browser.evaluate(VIEWER + ".dataset.place").split(",")]


def use(browser, path):
    url = "file://" + os.path.abspath(path)
    start = time.monotonic()
    browser.call("Page.navigate", url=url)
    ready = browser.wait(f"{VIEWER} && {VIEWER}.dataset.ready === 'true'")
    check("the first viewer shows its map", ready is not None, f"{time.monotonic() - start:.2f} s after opening")
    check("every array is decoded", browser.wait("document.documentElement.dataset.ready === 'true'") is not None,
          f"{time.monotonic() - start:.2f} s")
    for k, name in enumerate(["sagittal", "coronal", "axial"]):
        share = browser.evaluate(inked(f".panes figure:nth-child({k + 1}) canvas"))
        check(f"the {name} slice is drawn", share > 0.2, f"{share:.0%} of it inked")

    # The threshold.
    shown = "Number(" + VIEWER + ".dataset.shown)"
    slider = VIEWER + ".querySelector('input[type=range][min=\"0\"]:not([max=\"1\"])')"
    browser.evaluate(f"{slider}.value = 0; {slider}.dispatchEvent(new Event('input'))")
    everything = browser.evaluate(shown)
    browser.evaluate(f"{slider}.value = {slider}.max; {slider}.dispatchEvent(new Event('input'))")
    nothing = browser.evaluate(shown)
    check("the threshold slider changes what is shown", everything > 100 * max(nothing, 1) or nothing == 0 < everything,
          f"{everything} voxels at 0, {nothing} at the end")
    marks = browser.evaluate(f"[...{VIEWER}.querySelectorAll('.marks button')].map((b) => b.textContent)")
    check("corrected thresholds are marked", len(marks) > 0, "; ".join(marks))
    before = browser.evaluate(inked(".panes canvas"))
    for k in reversed(range(len(marks))):
        browser.evaluate(f"{VIEWER}.querySelectorAll('.marks button')[{k}].click()")
    check("a mark sets its threshold", browser.evaluate(
        f"{VIEWER}.querySelector('.marks button').getAttribute('aria-pressed')") == "true",
        browser.evaluate(VIEWER + ".querySelector('.status').textContent"))

    # What is below the threshold is faint, not hidden.
    browser.evaluate(SETTLE)
    box = VIEWER + ".querySelector('input[type=checkbox]')"
    colored = (f"(() => {{ const c = {VIEWER}.querySelector('.panes canvas');"
               " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;"
               " for (let i = 0; i < d.length; i += 4) n += Math.abs(d[i] - d[i + 2]) > 3; return n; })()")
    faded = browser.evaluate(colored)
    browser.evaluate(f"{box}.click()")
    browser.evaluate(SETTLE)
    hidden = browser.evaluate(colored)
    browser.evaluate(f"{box}.click()")
    check("what is below the threshold is faint and can be hidden", faded > hidden, f"{faded} and {hidden} pixels")

    # Rows, keys, clicks.
    rows = browser.evaluate("[...document.querySelectorAll('button.go[data-viewer=\"0\"]')].map((b) => b.dataset.place)")
    target = [float(v) for v in rows[-1].split(",")]
    browser.evaluate("[...document.querySelectorAll('button.go[data-viewer=\"0\"]')].at(-1).click()")
    check("a row of the table moves the slices to its place",
          max(abs(a - b) for a, b in zip(place(browser), target)) < 0.011, f"{target}")
    browser.evaluate(VIEWER + ".querySelectorAll('.panes canvas')[2].focus()")
    browser.press("ArrowRight")
    moved = place(browser)
    check("an arrow key moves the cursor by a voxel", moved[0] > target[0] and abs(moved[1] - target[1]) < 0.011, f"{moved}")
    browser.press("PageUp")
    check("Page Up goes to the next slice", place(browser)[2] > moved[2])
    browser.press("Home")
    home = place(browser)
    check("Home goes back to the start", max(abs(a - b) for a, b in zip(home, browser.evaluate(
        "data.contrasts[0].start"))) < 0.011)
    subjects = browser.evaluate(VIEWER + ".querySelectorAll('.scatter circle').length")
    check("every subject has a point at the peak", subjects == browser.evaluate("data.identifiers.length"), subjects)
    browser.evaluate(VIEWER + ".querySelectorAll('.panes canvas')[2].scrollIntoView({ behavior: 'instant', block: 'center' })")
    browser.evaluate(SETTLE)
    box = browser.evaluate(f"(() => {{ const b = {VIEWER}.querySelectorAll('.panes canvas')[2].getBoundingClientRect();"
                           " return [b.left, b.top, b.width, b.height]; })()")
    browser.click(box[0] + 0.4 * box[2], box[1] + 0.45 * box[3])
    clicked = place(browser)
    wanted = browser.evaluate("[data.lower[0] + 0.4 * (data.upper[0] - data.lower[0]),"
                              " data.upper[1] - 0.45 * (data.upper[1] - data.lower[1])]")
    check("a click moves the cursor to where it was", abs(clicked[0] - wanted[0]) < 1 and abs(clicked[1] - wanted[1]) < 1,
          f"{clicked}")
    cells = browser.evaluate(f"[...{VIEWER}.querySelectorAll('.readout td')].map((c) => c.textContent)")
    check("the value of every map is told", len(cells) == browser.evaluate("data.contrasts[0].maps.length"),
          "; ".join(cells))

    # The other controls.
    for k in range(browser.evaluate("data.contrasts[0].maps.length")):
        select = VIEWER + ".querySelector('select')"
        browser.evaluate(f"{select}.value = {k}; {select}.dispatchEvent(new Event('change'))")
        browser.evaluate(SETTLE)
        check(f"map {k} is drawn", browser.evaluate(inked(".panes canvas")) > 0.2,
              browser.evaluate(f"{select}.selectedOptions[0].textContent"))
    browser.evaluate(f"{VIEWER}.querySelector('select').value = 0; "
                     f"{VIEWER}.querySelector('select').dispatchEvent(new Event('change'))")
    browser.evaluate(VIEWER + ".querySelector('.mosaic-frame').open = true")
    browser.evaluate(SETTLE)
    check("the mosaic is drawn", browser.evaluate(inked(".mosaic")) > 0.2)
    browser.press("Home")


def bounds(browser, records):
    """Every way to choose voxels, and the bound on true discoveries that the page tells for them.

    The regions, by contrast: what each mark of each map leaves, the whole mask, the cluster at each row of the
    tables, a sphere added with the keyboard at the first row, and an outline drawn with the mouse on an axial slice.
    """
    def record(k, kind, detail, columns, bound):
        best, tested = (int(v) for v in browser.evaluate(f"viewers[{k}].frame.dataset.{bound}").split("/"))
        threshold = browser.evaluate(f"viewers[{k}].state.threshold")
        records.append({"contrast": k, "kind": kind, "threshold": threshold, "detail": detail, "discoveries": best, "tested": tested,
                        "columns": browser.evaluate(f"Array.from(viewers[{k}].bounds.{columns})")})

    for k in range(browser.evaluate("viewers.length")):
        if not browser.evaluate(f"!!viewers[{k}].bounds"):
            continue
        viewer, before = f"viewers[{k}]", len(records)
        for m in range(browser.evaluate(f"{viewer}.contrast.maps.length")):
            browser.evaluate(f"{viewer}.choose({m})")
            for value in [0] + browser.evaluate(f"{viewer}.map.marks.map((mark) => mark.value)"):
                browser.evaluate(f"{viewer}.set({{ threshold: {value!r} }})")
                record(k, "threshold", f"{browser.evaluate(viewer + '.map.name')} at {value}", "shownColumns", "bound")
        browser.evaluate(f"{viewer}.choose(0)")
        words = browser.evaluate(f"{viewer}.bounds.shown.textContent")
        check("the bound of what is shown is told", "truly active" in words, words)
        rows = browser.evaluate(f"[...document.querySelectorAll('button.go[data-viewer=\"{k}\"]')].map((b) => b.dataset.place)")
        marks = browser.evaluate(f"{viewer}.map.marks.map((mark) => mark.value)")
        for row, value in [(row, value) for row in rows for value in marks]:
            browser.evaluate(f"{viewer}.set({{ threshold: {value!r} }}); {viewer}.go([{row}])")
            record(k, "cluster", row, "hereColumns", "boundHere")
        browser.evaluate(f"{viewer}.go([{rows[0]}])")
        browser.evaluate(f"{viewer}.bounds.radius.value = 15; {viewer}.bounds.sphere.focus()")
        browser.press("Enter", text="\r")
        record(k, "sphere", f"15 mm around {rows[0]}", "drawnColumns", "boundDrawn")
        check("Enter on the button adds a sphere", len(records[-1]["columns"]) > 0, f"{len(records[-1]['columns'])} voxels")
        browser.evaluate(f"{viewer}.bounds.pencil.click()")
        pane = f"{viewer}.panes[2].canvas"
        browser.evaluate(f"{pane}.scrollIntoView({{ behavior: 'instant', block: 'center' }})")
        browser.evaluate(SETTLE)
        box = browser.evaluate(f"(() => {{ const b = {pane}.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; }})()")
        place = browser.evaluate(f"{viewer}.place")
        browser.drag([(box[0] + x * box[2], box[1] + y * box[3]) for x, y in
                      [(.25, .3), (.5, .2), (.75, .3), (.8, .6), (.5, .8), (.2, .6)]])
        record(k, "outline", "sphere and an outline on the axial slice", "drawnColumns", "boundDrawn")
        check("an outline drawn on a slice adds voxels of that slice alone",
              len(records[-1]["columns"]) > len(records[-2]["columns"]) and browser.evaluate(
                  f"(() => {{ const z = voxelAt({viewer}.place)[2], s = data.shape, old = new Set({json.dumps(records[-2]['columns'])});"
                  f" return {viewer}.bounds.drawnColumns.filter((c) => !old.has(c)).every("
                  f"(c) => Math.floor({viewer}.shared.offsets[c] / (s[0] * s[1])) === z); }})()")
              and browser.evaluate(f"{viewer}.place") == place, browser.evaluate(f"{viewer}.bounds.drawn.textContent"))
        browser.evaluate(SETTLE)
        browser.evaluate(f"{viewer}.bounds.pencil.click()")
        if k == 0 and browser.pictures:
            browser.evaluate(viewer + ".frame.scrollIntoView({ behavior: 'instant', block: 'start' })")
            browser.evaluate(SETTLE)
            browser.screenshot(os.path.join(browser.pictures, "bounds.png"), whole=False)
        browser.evaluate(f"{viewer}.bounds.clear.click()")
        check("a region can be cleared", browser.evaluate(f"{viewer}.frame.dataset.boundDrawn") == "0/0")
        here = records[before:]
        check("bounds never exceed their regions, and some are above 0 where that of the whole mask is",
              all(0 <= r["discoveries"] <= r["tested"] <= len(r["columns"]) for r in here)
              and (any(r["discoveries"] for r in here) or all(
                  r["discoveries"] == 0 for r in here if len(r["columns"]) == max(len(r["columns"]) for r in here))),
              f"{len(here)} regions, {sum(r['discoveries'] > 0 for r in here)} with a bound above 0")


NAMED = {"image", "img", "button", "combobox", "slider", "spinbutton", "checkbox", "link", "region", "table", "navigation",
         "columnheader", "rowheader", "application", "DisclosureTriangle", "graphics-symbol", "option"}


def listen(browser):
    """What a screen reader is given: the accessibility tree."""
    browser.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    browser.evaluate(SETTLE)
    browser.call("Accessibility.enable")
    nodes = [n for n in browser.call("Accessibility.getFullAXTree")["nodes"] if not n.get("ignored")]
    browser.call("Accessibility.disable")

    def role(node):
        return node.get("role", {}).get("value", "")

    def name(node):
        return (node.get("name", {}).get("value") or "").strip()

    levels = [next(p["value"]["value"] for p in n["properties"] if p["name"] == "level")
              for n in nodes if role(n) == "heading"]
    check("the accessibility tree's headings begin at 1 and skip no level",
          levels[:1] == [1] and levels.count(1) == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:])),
          " ".join(map(str, levels)))
    nameless = [role(n) for n in nodes if role(n) in NAMED and not name(n)]
    counts = {r: sum(role(n) == r for n in nodes) for r in sorted(NAMED)}
    check("every picture, control, table and table heading has a name", not nameless,
          ", ".join(nameless) or ", ".join(f"{c} {r}" for r, c in counts.items() if c))
    pictures = browser.evaluate(
        "[...document.querySelectorAll('img, svg, canvas')].filter((n) => n.getClientRects().length).length")
    heard = sum(role(n) in ("image", "img", "application") for n in nodes)
    check("every picture that is seen is heard", heard == pictures, f"{heard} of {pictures}")
    check("every drawing's numbers are in a table too", browser.evaluate(
        "[...document.querySelectorAll('.multiples, .pair')].every((n) => n.nextElementSibling?.matches('details')"
        " && n.nextElementSibling.querySelector('table'))"))
    browser.evaluate("document.querySelectorAll('details:not(.mosaic-frame)').forEach((d) => { d.open = false; })")


def fold(browser):
    """Wide and long tables show what is read first; buttons, by keyboard, show the rest."""
    for kind, cells in [("columns", "th.more, td.more"), ("rows", "tr.later")]:
        for table in browser.evaluate(
                f"[...document.querySelectorAll('button.fold[data-kind={kind}]')].map((b) => b.dataset.table)"):
            button = f"document.querySelector('button.fold[data-kind={kind}][data-table=\"{table}\"]')"
            seen = (f"[...document.getElementById('{table}').querySelectorAll('{cells}')]"
                    ".filter((n) => n.getClientRects().length).length")
            before = browser.evaluate(seen)
            browser.evaluate(f"{button}.focus()")
            browser.press("Enter", "\r")
            after = browser.evaluate(seen)
            state = browser.evaluate(f"{button}.getAttribute('aria-expanded')")
            browser.press("Enter", "\r")
            check(f"a key shows all {kind} of {table}, and the first again",
                  before == 0 < after and state == "true" and browser.evaluate(seen) == 0, f"{after} cells more"
                  if kind == "columns" else f"{after} rows more")


def print_out(browser, path):
    """What paper shows: everything but the viewer, in light colours, nothing cut at the edge of the sheet."""
    # The page as it is laid out on A4 with margins of 1 cm.
    browser.call("Emulation.setEmulatedMedia", media="print")
    browser.resize(718)
    browser.evaluate("dispatchEvent(new Event('beforeprint'))")
    browser.evaluate(SETTLE)
    check("printed, nothing is wider than the sheet", browser.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('table, svg, img')]"
        ".filter((n) => n.getClientRects().length).every((n) => n.getBoundingClientRect().right <= innerWidth + 1)"),
        browser.evaluate("[...document.querySelectorAll('table, svg, img')].filter((n) => n.getBoundingClientRect().right"
                         " > innerWidth + 1).map((n) => n.id || n.textContent.slice(0, 30)).join('; ')"))
    check("printed, no type is below 4.5 points", browser.evaluate(
        "Math.min(...[...document.querySelectorAll('p, li, th, td, caption')].filter((n) => n.getClientRects().length)"
        ".map((n) => parseFloat(getComputedStyle(n).fontSize)))") >= 6)
    hidden = browser.evaluate(
        "[...document.querySelectorAll('main p, main li, main tr, main th, main td, main img, main svg, main h2, main h3')]"
        ".filter((n) => !n.closest('.viewer, .screen-only, .more, .mosaic-frame') && !n.matches('#copied')"
        " && !n.querySelector('#copy-methods') && !n.querySelector('button.fold') && !n.getClientRects().length)"
        ".map((n) => n.textContent.slice(0, 30))")
    check("printed, everything but the viewer and duplicates stands there", not hidden, "; ".join(hidden[:5]))
    texts = browser.evaluate(CONTRAST)
    check("printed, every text stands out (4.5 to 1)", min(t["ratio"] for t in texts) >= 4.5)
    browser.evaluate("dispatchEvent(new Event('afterprint'))")
    browser.resize(browser.width)
    browser.call("Emulation.setEmulatedMedia", media="", features=[
        {"name": "prefers-color-scheme", "value": "dark" if browser.is_dark else "light"}])
    opened = "[...document.querySelectorAll('details:not(.mosaic-frame)')].filter((d) => d.open).length"
    before = browser.evaluate(opened)
    pages = base64.b64decode(browser.call("Page.printToPDF", printBackground=False, paperWidth=8.27, paperHeight=11.69)["data"])
    check("after printing, what was folded is folded again", browser.evaluate(opened) == before == 0)
    program = shutil.which("pdftotext")
    if not program:
        print("SKIPPED: no pdftotext on this machine (apt-get install poppler-utils); the PDF's text is not read")
        return pages
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pages)
        file.flush()
        text = subprocess.run([program, "-layout", file.name, "-"], capture_output=True, check=True).stdout.decode()
    # Spaces, breaks and hyphens are the printer's.
    def letters(words):
        return "".join(c for c in words if c.isalnum() or c in ".\u2212")

    printed = letters(text)
    wanted = browser.evaluate(
        "[...document.querySelectorAll('main p, main li, main caption, main figcaption, main td, main th[scope=row]')]"
        ".filter((n) => !n.closest('.viewer, .screen-only, .more, .mosaic-frame') && !n.querySelector('p, button.fold, #copy-methods'))"
        ".map((n) => n.textContent)")
    # What breaks across columns or pages is looked for word by word.
    missing = [w for w in wanted if letters(w) not in printed and any(letters(part) not in printed for part in w.split())]
    check("every sentence and number is in the printed text", not missing, f"{len(wanted)} pieces; missing: {missing[:3]}"
          if missing else f"{len(wanted)} pieces")
    return pages


def judge(browser, path):
    """What a screen reader, a printer and a firewall would say."""
    headings = browser.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
    check("headings go down by one level at most", headings[0] == 1 and headings.count(1) == 1 and all(
        b - a <= 1 for a, b in zip(headings, headings[1:])))
    check("every picture has words", browser.evaluate(
        "[...document.querySelectorAll('img')].every((i) => i.alt) && "
        "[...document.querySelectorAll('svg')].every((s) => s.getAttribute('aria-label')) && "
        "[...document.querySelectorAll('canvas')].every((c) => c.getAttribute('aria-label'))"))
    check("every control has a name", browser.evaluate(
        "[...document.querySelectorAll('input, select')].every((n) => n.getAttribute('aria-label') || "
        "document.querySelector(`label[for='${n.id}']`)) && "
        "[...document.querySelectorAll('button')].every((b) => b.textContent.trim())"))
    check("identifiers are unique", browser.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map((n) => n.id)).size === document.querySelectorAll('[id]').length"))
    listen(browser)
    fold(browser)
    for theme in ["light", "dark"]:
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        browser.evaluate(SETTLE)
        texts = browser.evaluate(CONTRAST)
        worst = min(texts, key=lambda text: text["ratio"])
        check(f"every text stands out from what is behind it, {theme} (WCAG AA, 4.5 to 1)", worst["ratio"] >= 4.5,
              f"{len(texts)} texts, least {worst['ratio']:.2f}: {worst['text']}")
    browser.call("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-color-scheme", "value": "dark" if browser.is_dark else "light"}])
    browser.evaluate(SETTLE)
    check("the page is no wider than the window", browser.evaluate(
        "document.documentElement.scrollWidth <= innerWidth + 1"))
    requests = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    outside = [u for u in requests if not u.startswith(("data:", "blob:")) and not u.endswith(os.path.basename(path))]
    check("nothing is fetched", not outside, "; ".join(u[:80] for u in outside))
    errors = [e["params"] for e in browser.events if e.get("method") == "Runtime.exceptionThrown"]
    errors += [e["params"]["entry"] for e in browser.events if e.get("method") == "Log.entryAdded"
               and e["params"]["entry"]["level"] in ("error", "warning")
               # What this script's own look at the pixels provokes.
               and "willReadFrequently" not in e["params"]["entry"]["text"]]
    errors += [e["params"] for e in browser.events if e.get("method") == "Runtime.consoleAPICalled"
               and e["params"]["type"] in ("error", "warning", "assert")]
    check("the console is silent", not errors, json.dumps(errors)[:600] if errors else "")


CONTRAST = """(() => {
  const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = (c) => { const f = c.slice(0, 3).map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const clear = (c) => c.length === 0 || (c.length === 4 && c[3] === 0);
  const behind = (node) => {
    // A number in a drawing stands on the cell drawn before it.
    if (node.closest("svg") && node.previousElementSibling?.matches("rect.cell"))
      return parse(getComputedStyle(node.previousElementSibling).fill);
    for (let at = node; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (!clear(color)) return color;
    }
    return [255, 255, 255];
  };
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || node.closest("script, title, style") || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const a = light(parse(node.closest("svg") ? style.fill : style.color)), b = light(behind(node));
    texts.push({ ratio: (Math.max(a, b) + .05) / (Math.min(a, b) + .05), text: text.slice(0, 40) });
  }
  return texts;
})()"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("report")
    parser.add_argument("--screenshots", help="a folder for pictures of the page")
    parser.add_argument("--regions", help="write every region and the bound told for it to this JSON file")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--width", type=int, default=1200)
    arguments = parser.parse_args()
    program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if not program:
        print("SKIPPED: no Chromium on this machine (apt-get install chromium)")
        return 77
    browser = Browser(program, arguments.width, 1000)
    try:
        if arguments.dark:
            browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        browser.pictures, browser.is_dark = arguments.screenshots, arguments.dark
        if arguments.screenshots:
            os.makedirs(arguments.screenshots, exist_ok=True)
        browser.width = arguments.width
        browser.resize(browser.width)
        use(browser, arguments.report)
        records = []
        bounds(browser, records)
        if arguments.regions:
            with open(arguments.regions, "w") as file:
                json.dump(records, file)
        judge(browser, arguments.report)
        pages = print_out(browser, arguments.report)
        if arguments.screenshots:
            name = os.path.join(arguments.screenshots, f"report-{arguments.width}{'-dark' if arguments.dark else ''}")
            browser.screenshot(name + ".png")
            with open(name + ".pdf", "wb") as file:
                file.write(pages)
    finally:
        browser.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

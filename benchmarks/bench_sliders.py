"""How long a slider takes, in the built pages and with a kernel, and what it weighs.

    python benchmarks/bench_sliders.py [SITE]

SITE is a folder of built pages; `_build/html` without a name. It needs Chromium.
"""

import argparse
import json
import shutil
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from backprop_lib import plots
from backprop_lib.sliders.controls import read_controls
from backprop_lib.sliders.drawing import QUICK, Drawing, png
from backprop_lib.sliders.grid import Grid
from backprop_lib.sliders.live import live

ROOT = Path(__file__).resolve().parents[1]
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
MOVES = 15
# From the key, as the browser saw it, to the end of the frame painted after it.
MEASURE = """() => {
  window.times = [];
  addEventListener("keydown", event => { window.pressed = event.timeStamp; }, true);
  addEventListener("input", event => {
    const pressed = window.pressed;
    const image = event.target.closest("figure").querySelector("img");
    requestAnimationFrame(() => {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = () =>
        times.push([performance.now() - pressed, image.complete]);
      port2.postMessage(0);
    });
  });
}"""
FOCUS = """([figure, name]) => {
  const {elements} = figure.querySelector("form");
  const all = [elements[name]].flatMap(
    one => one instanceof RadioNodeList ? [...one] : [one]);
  (all.find(one => one.checked) ?? all[0]).focus();
}"""


def bench_page(browser, path):
    """Return the times from key to paint on a page, and its bytes before and after."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, asked, times = context.new_page(), set(), []
    page.on("request", lambda request: asked.add(request.url))
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_timeout(500)
    before = own_bytes(asked, path)
    page.evaluate(MEASURE)
    for figure in page.locator("figure.explore").all():
        figure.scroll_into_view_if_needed()
        data = json.loads(figure.locator("script").text_content())
        for control in data["controls"]:
            page.evaluate(FOCUS, [figure.element_handle(), control["name"]])
            for key in ["ArrowRight"] * MOVES + ["ArrowLeft"] * MOVES:
                page.keyboard.press(key)
                page.wait_for_timeout(60)
    page.wait_for_timeout(300)
    times = page.evaluate("times")
    context.close()
    return times, before, own_bytes(asked, path)


def own_bytes(asked, path):
    """Return the bytes of the page, its frames, pictures, and the sliders' files."""
    names = [Path(url.removeprefix("file://").split("?")[0]) for url in asked]
    own = [
        name
        for name in names
        if name == path
        or {"_images", "frames"} & set(name.parts)
        or name.name.startswith(("sliders.", "book."))
    ]
    return sum(name.stat().st_size for name in own if name.exists())


def bench_pages(site):
    """Print a line for each page with sliders."""
    pages = [p for p in sorted(site.rglob("*.html")) if "_static" not in p.parts]
    pages = [p for p in pages if 'class="explore"' in p.read_text("utf-8")]
    if not pages:
        print(f"no page in {site.name} has a slider")
        return
    print("built page                key to paint       bytes, own")
    print("                      median worst late   before    after  largest frame")
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for page in pages:
            times, before, after = bench_page(browser, page)
            took = [took for took, _ in times]
            late = sum(not complete for _, complete in times)
            largest = max(f.stat().st_size for f in site.glob("_static/frames/*/*"))
            print(
                f"{page.stem:20}  {statistics.median(took):4.0f}  {max(took):4.0f} ms "
                f"{late:3}  {before:8,} {after:8,} {largest:8,}"
            )
        browser.close()


X = np.linspace(-6, 6, 201)


def draw(figure, weight):
    """Draw two panels of lines: the sigmoid, and a loss over the weight."""
    left, right = plots.panels(figure, columns=2)
    left.plot(X, 1 / (1 + np.exp(-weight * X)))
    left.set(xlabel="$x$", ylabel="$o$", ylim=(-0.1, 1.1), title="output")
    right.plot(X, 0.5 * (1 / (1 + np.exp(-X)) - 0.9) ** 2)
    right.plot([weight], [0.5 * (1 / (1 + np.exp(-weight)) - 0.9) ** 2], "o")
    right.set(xlabel="$w$", ylabel="$L$", ylim=(0, 0.5), title="loss")


def bench_live():
    """Print the time of a move with a kernel, on the kernel's side."""
    grid = Grid(read_controls({"weight": np.linspace(-4, 4, 33)}))
    drawing = Drawing(
        grid, draw, lambda weight: f"The weight is {weight}.", (6.88, 3.3)
    )
    box = live(drawing, "")
    slider = next(one for one in box.children if hasattr(one, "index"))
    times = {"a move": [], "drawing": [], "packing": []}
    for index in range(1, 33):
        start = time.perf_counter()
        slider.index = index
        times["a move"].append(time.perf_counter() - start)
        start = time.perf_counter()
        pixels = drawing.picture((index,), QUICK)
        times["drawing"].append(time.perf_counter() - start)
        start = time.perf_counter()
        png(pixels)
        times["packing"].append(time.perf_counter() - start)
    print("\nwith a kernel, two panels of lines   median worst")
    for name, took in times.items():
        took = [1000 * t for t in took]
        print(f"{name:36} {statistics.median(took):4.0f}  {max(took):4.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "_build" / "html")
    site = parser.parse_args().site.resolve()
    if not site.is_dir():
        sys.exit(f"{site} is not there; run `make book` first")
    bench_pages(site)
    bench_live()


if __name__ == "__main__":
    main()

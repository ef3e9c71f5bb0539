"""Sliders of built pages, in a real browser: found on the pages, not listed."""

import re
import shutil

import nbformat
import pytest
from conftest import ROOT, build
from nbformat.v4 import new_code_cell, new_markdown_cell
from slider_pages import complaints, frame_files, sliders
from test_book import PHONE, Visit, pages_of, small_book
from test_explore_grids import calls

from backprop_lib import plots
from backprop_lib.sliders.book import FRAMES
from backprop_lib.sliders.controls import read_controls
from backprop_lib.sliders.drawing import Drawing
from backprop_lib.sliders.frames import LARGEST
from backprop_lib.sliders.grid import Grid
from backprop_lib.sliders.page import page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

IMPORTS = """\
import numpy as np
from backprop_lib import plots
from backprop_lib.sliders import explore"""
LINES = """\
def draw(figure, weight, style):
    left, right = plots.panels(figure, columns=2)
    left.plot([-1, 1], [-weight, weight], linestyle=style)
    left.set(xlim=(-1, 1), ylim=(-5, 5), xlabel="x")
    right.plot([weight], [weight**2], "o")
    right.set(xlim=(-5, 5), ylim=(0, 25), xlabel="w")

def describe(weight, style):
    return f"A {style} line of slope {weight}; its square is {weight**2}."

explore(draw, weight=np.linspace(-4, 4, 5), style=["solid", "dashed", "dotted"],
        start={"weight": 2}, alt=describe, caption="Where is $w^2$ least?")"""
CONTOURS = """\
g = np.linspace(-3, 3, 61)

def draw_bowl(figure, epoch, rate):
    left, right = plots.panels(figure, columns=2)
    plots.draw_loss_surface(left, g, g, g**2 + 3 * g[:, None] ** 2)
    left.plot(3 * (1 - float(rate)) ** np.arange(epoch + 1), np.zeros(epoch + 1), "o")
    right.plot([epoch], [(1 - float(rate)) ** epoch], "o")
    right.set(xlim=(-1, 5), ylim=(-2, 2), xlabel="epoch")

explore(draw_bowl, epoch=range(4), rate=["0.1", "0.2", "0.5", "0.9", "1.9"],
        alt=lambda epoch, rate: f"Path down a bowl after {epoch} at {rate}.",
        play="epoch", labels={"rate": "learning rate"}, caption="Which is fastest?")"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A small book with two figures on a page, and one on another."""
    folder = tmp_path_factory.mktemp("sliders")
    title = new_markdown_cell("# Does it slide?\n\nHere is $w$.")
    filler = new_markdown_cell("Text between two figures. " * 120)
    lines, contours = map(new_code_cell, (LINES, CONTOURS))
    imports = new_code_cell(IMPORTS)
    pages = {
        "both": [title, imports, lines, filler, contours],
        "plain": [title],
    }
    small_book(folder, pages)
    code, log = build(folder, folder)
    assert code == 0, log[-6000:]
    return folder / "_build" / "html"


def with_sliders(folder):
    """Return the pages of a built site that have sliders."""
    return [p for p in pages_of(folder) if 'class="explore"' in p.read_text("utf-8")]


def called_in(folder):
    """Return how often the notebooks of a folder call `explore`."""
    paths = folder.glob("**/*.ipynb")
    return sum(calls(nbformat.read(path, as_version=4)) for path in paths)


def check_pages(folder, browser, address=None):
    found, count = {}, 0
    for path in with_sliders(folder):
        name = path.relative_to(folder).as_posix()
        url = f"{address}/{name}" if address else path.as_uri()
        with Visit(browser, url) as visit:
            count += len(sliders(visit))
            found[name] = complaints(visit)
    assert {name: what for name, what in found.items() if what} == {}
    return count


@pytest.mark.parametrize("which", ["site", "book"])
def test_sliders_from_a_file(which, browser, request):
    folder = request.getfixturevalue(which)
    notebooks = ROOT / "chapters" if which == "book" else folder.parents[1] / "chapters"
    assert check_pages(folder, browser) == called_in(notebooks)


@pytest.mark.parametrize("which", ["site", "book"])
def test_sliders_from_a_server(which, browser, serve, request):
    folder = request.getfixturevalue(which)
    check_pages(folder, browser, serve(folder))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["site", "book"])
def test_sliders_on_a_phone(which, scheme, browser, request):
    """Axe is content, nothing sticks out, and fingers find what they touch."""
    folder, found = request.getfixturevalue(which), {}
    for path in with_sliders(folder):
        with Visit(browser, path.as_uri(), viewport=PHONE, scheme=scheme) as visit:
            small = visit.page.evaluate(
                """() => [...document.querySelectorAll(
                  "figure.explore :is(label, button, select)")].filter(one => {
                    const box = one.getBoundingClientRect();
                    return box.width < 24 || box.height < 24;
                  }).map(one => one.outerHTML)"""
            )
            found[path.name] = small + visit.overflow() + visit.axe()
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("which", ["site", "book"])
def test_every_frame_is_there_and_small(which, browser, request):
    folder = request.getfixturevalue(which)
    for path in with_sliders(folder):
        with Visit(browser, path.as_uri()) as visit:
            for slider in sliders(visit):
                files = frame_files(path, slider)
                sizes = [file.stat().st_size for file in files]
                assert max(sizes) <= LARGEST, (path.name, slider.frames)
                assert all(len(alt.split()) >= 5 for alt in slider.alts)


def test_only_pages_with_sliders_load_the_script(site):
    plain = (site / "chapters" / "plain.html").read_text("utf-8")
    assert "sliders.js" not in plain
    assert [path.stem for path in with_sliders(site)] == ["both"]


def test_frames_are_held_back_until_they_are_near(site, browser):
    path = site / "chapters" / "both.html"
    small = {"width": 1280, "height": 300}
    with Visit(browser, path.as_uri(), viewport=small) as visit:
        lines, contours = sliders(visit)
        asked = [url for url in visit.requests if url.endswith(".webp")]
        assert len(asked) == len(set(asked)) == 2
        with visit.page.expect_request("**/*.webp"):
            contours.figure.scroll_into_view_if_needed()
        asked = {url for url in visit.requests if url.endswith(".webp")}
        assert len(asked) < len(lines.alts) + len(contours.alts)


def playing(visit):
    """Return the button, the slider and what both say."""
    button = visit.page.get_by_role("button", name="Play epoch")
    return button, visit.page.get_by_role("slider", name="epoch")


def test_play_steps_to_the_end_and_stops(site, browser):
    with Visit(browser, (site / "chapters" / "both.html").as_uri()) as visit:
        button, slider = playing(visit)
        button.press("Enter")
        visit.page.get_by_role("button", name="Pause epoch").wait_for()
        button.wait_for()
        assert slider.input_value() == "3"
        # from the end it begins again, and a second press stops it
        button.press("Enter")
        visit.page.get_by_role("button", name="Pause epoch").press("Enter")
        assert int(slider.input_value()) < 3
        assert button.is_visible()


def test_less_motion_gets_one_step_a_press(site, browser):
    with Visit(browser, (site / "chapters" / "both.html").as_uri()) as visit:
        visit.page.emulate_media(reduced_motion="reduce")
        button, slider = playing(visit)
        for step in "1230":
            button.press("Enter")
            assert slider.input_value() == step
            assert button.is_visible()


def test_paper_shows_the_start(site, browser):
    with Visit(browser, (site / "chapters" / "both.html").as_uri()) as visit:
        slider = sliders(visit)[0]
        start = slider.state()
        slider.figure.get_by_role("slider").press("Home")
        moved = slider.state()
        visit.page.emulate_media(media="print")
        visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        printed = slider.state()
        assert printed["source"] == start["source"] != moved["source"]
        assert printed["alt"] == start["alt"]
        assert not slider.figure.locator("form").is_visible()
        assert slider.figure.get_by_text("At weight = 2, style = solid.").is_visible()
        visit.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert slider.state()["source"] == moved["source"]


def test_without_scripts_the_start_and_a_note(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "chapters" / "both.html").as_uri())
    figure = page.locator("figure.explore").first
    assert figure.locator("img").bounding_box()["height"] > 100
    assert not figure.locator("form").is_visible()
    assert figure.get_by_text("At weight = 2, style = solid.").is_visible()
    assert figure.get_by_text("need JavaScript").is_visible()
    context.close()


# --- and each of these can fail ---------------------------------------------------


# A form has `length` and `elements` of its own, which these must not hide.
def draw_bar(figure, length, elements):
    plots.panels(figure).bar(["length"], [length], hatch="/" if elements == "b" else "")


def say_bar(length, elements):
    return f"{elements} {length}"


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """One figure on a page of its own, without a book around it."""
    folder = tmp_path_factory.mktemp("bare")
    grid = Grid(read_controls({"length": [1, 2, 3], "elements": ["a", "b"]}))
    drawing = Drawing(grid, draw_bar, say_bar, (2, 1))
    html = page(drawing, "Why?", folder / "frames")["text/html"]
    for name in ("sliders.css", "sliders.js"):
        shutil.copy(ROOT / "book_ext" / "assets" / name, folder)
    (folder / "page.html").write_text(
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>t</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="sliders.css">'
        '<script defer src="sliders.js"></script>' + html.replace(FRAMES, "frames/")
    )
    return folder


def change_file(name, pattern, new):
    def change(folder):
        text, count = re.subn(pattern, new, (folder / name).read_text("utf-8"))
        assert count
        (folder / name).write_text(text, "utf-8")

    return change


def change_page(pattern, new):
    return change_file("page.html", pattern, new)


def change_script(old, new):
    return change_file("sliders.js", re.escape(old), new.replace("\\", "\\\\"))


def lose_a_frame(folder):
    for file in folder.rglob("frames/*/2.webp"):
        file.unlink()


def repeat_one_frame(folder):
    (frames,) = (folder / "frames").iterdir()
    for file in set(frames.iterdir()) - {frames / "0.webp"}:
        shutil.copy(frames / "0.webp", file)


SHOW, GROW = "image.src = address(n);", "image.style.height = `${n}px`"
NO_KEYS = 'type="range" onkeydown="event.preventDefault()"'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lose_a_frame, "did not come"),
        (repeat_one_frame, "does not change"),
        (change_script("image.alt = alts[n]", ""), "the words for frame"),
        (change_script('"aria-valuetext", texts[at[c]]', '"x", ""'), "is written for"),
        (change_script("textContent = texts[at[c]]", "title = ''"), "is written for"),
        (change_script(SHOW, "image.src = address(0);"), "is shown for"),
        (change_script("said.textContent = alts[n]", "0"), "was not announced"),
        (change_script('("input", ()', '("unheard", ()'), "is shown for"),
        (change_page(r' width="200" height="100"', ""), "claims no room"),
        (change_page('type="range"', NO_KEYS), "no key moves it"),
        (
            change_script(SHOW, SHOW + "image.style.height = `${n}px`"),
            "moved something",
        ),
        (change_script(SHOW, SHOW + GROW), "layout shifts"),
        (change_script("`${frames}${n}", "`http://127.0.0.1:9/${n}"), ":9/"),
        (change_script("let saying", "null.x; let saying"), "Cannot read"),
    ],
)
def test_a_broken_slider_is_found(bare, browser, tmp_path, change, reason):
    broken = shutil.copytree(bare, tmp_path / "broken")
    change(broken)
    with Visit(browser, (broken / "page.html").as_uri()) as visit:
        found = complaints(visit, patience=1000)
    assert any(reason in what for what in found), found


def test_a_good_slider_is_not(bare, browser):
    with Visit(browser, (bare / "page.html").as_uri()) as visit:
        assert complaints(visit) == []

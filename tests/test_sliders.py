"""Sliders: what is refused, what is drawn, and what is shown where."""

import base64
import io
import json
import re
import subprocess
import sys
import warnings

import ipywidgets
import matplotlib
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from backprop_lib import plots
from backprop_lib.sliders import explore
from backprop_lib.sliders.book import FRAMES, STILL, SWITCH
from backprop_lib.sliders.controls import read_controls, write_number
from backprop_lib.sliders.drawing import Drawing
from backprop_lib.sliders.frames import LARGEST, webp, write_frames
from backprop_lib.sliders.grid import Grid
from backprop_lib.sliders.live import live
from backprop_lib.sliders.page import page
from tools import refresh_notebooks


def draw_line(figure, weight, style="solid"):
    """Draw a line of the given slope, in two panels."""
    left, right = plots.panels(figure, columns=2)
    left.plot([-1, 1], [-weight, weight], linestyle=style)
    left.set(xlim=(-1, 1), ylim=(-5, 5), xlabel="x")
    right.plot([weight], [weight**2], "o")
    right.set(xlim=(-5, 5), ylim=(0, 25), xlabel="w")


def say_line(weight, style="solid"):
    return f"A {style} line of slope {weight:g}; its square is {weight**2:g}."


def grid_of(start=None, labels=None, play=None, **values):
    return Grid(read_controls(values, start, labels, play))


def drawing_of(draw=draw_line, alt=say_line, size=(6.88, 3.3), strict=False, **values):
    return Drawing(grid_of(**values), draw, alt, size, strict=strict)


# --- what is refused --------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "one to three controls.*got 0"),
        ({name: [1, 2] for name in "abcd"}, "got 4: a, b, c, d"),
        ({"weight": []}, "weight has no values"),
        ({"weight": [3]}, "weight has the one value 3"),
        ({"weight": 3}, "weight is 3; expected a list"),
        ({"weight": "tanh"}, "weight is the string 'tanh'"),
        ({"weight": [1, "a"]}, "all numbers or all strings"),
        ({"weight": [False, True]}, "all numbers or all strings"),
        ({"weight": [1.0, np.nan]}, "finite"),
        ({"weight": [1, 2, 1]}, "repeats"),
        ({"weight": [1, 2], "start": {"weight": 3}}, "weight starts at 3.*list: 1, 2"),
        ({"style": ["solid"] * 2}, "repeats"),
        ({"weight": [1, 2], "start": {"wieght": 1}}, "start names 'wieght'.*weight"),
        ({"weight": [1, 2], "labels": {"w": "W"}}, "labels names 'w'"),
        ({"weight": [1, 2], "play": "epoch"}, "play names 'epoch'"),
        ({"style": ["a", "b"], "play": "style"}, "play names 'style', a choice"),
        ({"weight": range(21), "bias": range(20)}, "21 × 20 = 420 frames; at most 400"),
        ({"slope": [1, 2]}, r"expected draw\(figure, slope\), got draw\(figure, w"),
    ],
)
def test_bad_input_is_named(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        explore(draw_line, **arguments)


def draw_sizes(figure, size):
    draw_line(figure, size)


TAKEN = r"a control cannot be called {0}.* labels=\{{'the_{0}': '{0}'\}}"


@pytest.mark.parametrize("name", ["start", "alt", "caption", "play", "labels", "size"])
@pytest.mark.parametrize("values", [[1, 2, 3], [1, 2], range(3), np.arange(2)])
def test_a_control_by_a_name_of_explores_own_is_named(name, values):
    with pytest.raises(ValueError, match=TAKEN.format(name)):
        explore(draw_line, weight=[1, 2], **{name: values})


@pytest.mark.parametrize(
    "size", [(3,), (3, 0), (3, -1), (3, np.inf), (3, "4"), (1, 2, 3)]
)
def test_a_size_is_two_positive_numbers(size):
    with pytest.raises(ValueError, match=r"expected a tuple \(width, height\)"):
        explore(draw_line, weight=[1, 2], size=size)


def test_what_draw_asks_for_by_a_taken_name_is_named():
    size = "draw takes size, but " + TAKEN.format("size")
    with pytest.raises(ValueError, match=size):
        explore(draw_sizes, size=(2, 4))
    with pytest.raises(ValueError, match=TAKEN.format("figure")):
        explore(draw_line, figure=[1, 2])


def test_the_word_of_a_taken_name_can_stand_beside_a_control():
    shown = explore(
        lambda figure, the_size: draw_line(figure, the_size),
        the_size=[1, 2],
        labels={"the_size": "size"},
        size=(5, 3),
    )
    assert repr(shown).startswith("Figure with a slider: size, 2 values from 1 to 2.")


def test_a_control_may_be_called_draw():
    shown = explore(lambda figure, draw: draw_line(figure, draw), draw=[1, 2])
    assert repr(shown).endswith("At draw = 1: Figure at draw = 1.")


def test_what_does_not_draw_is_named():
    with pytest.raises(ValueError, match="draw is None; expected a function"):
        explore(None, weight=[1, 2])
    with pytest.raises(ValueError, match=r"expected alt\(weight\)"):
        explore(draw_line, weight=[1, 2], alt=lambda w: "A line.")


def test_400_frames_are_not_too_many():
    assert len(grid_of(weight=range(20), bias=range(20))) == 400


# --- the controls -----------------------------------------------------------------


def test_values_come_as_plain_numbers_in_order():
    grid = grid_of(weight=np.linspace(-1, 1, 3), epoch=np.arange(2), f=["relu", "tanh"])
    values = grid.values((0, 1, 1))
    assert values == {"weight": -1.0, "epoch": 1, "f": "tanh"}
    assert [type(value) for value in values.values()] == [float, int, str]


def test_a_start_may_be_off_by_rounding():
    tenths = [k * 0.1 for k in range(10)]
    assert 0.3 not in tenths
    assert grid_of(rate=tenths, start={"rate": 0.3}).start == (3,)


def test_kinds():
    choices = ["a", "b", "c", "d"]
    grid = grid_of(n=[1, 2], few=choices, many=[*choices, "e"])
    kinds = [control.kind for control in grid.controls]
    assert kinds == ["slider", "buttons", "list"]


def test_values_that_round_alike_get_more_digits():
    (control,) = read_controls({"rate": [0.10001, 0.10002]})
    assert control.texts == ("0.10001", "0.10002")
    (control,) = read_controls({"rate": np.logspace(-3, 0, 4)})
    assert control.texts == ("0.001", "0.01", "0.1", "1")


@given(st.floats(-1e300, 1e300))
def test_a_number_is_written_to_three_digits(value):
    written = float(write_number(value).replace("\N{MINUS SIGN}", "-"))
    # half a unit of the third digit is at most 1/200 of the number
    assert abs(written - value) <= 0.005 * abs(value)


@given(st.lists(st.integers(2, 7), min_size=1, max_size=3))
def test_frames_are_numbered_in_order(shape):
    grid = grid_of(**{f"c{k}": range(n) for k, n in enumerate(shape)})
    assert [grid.number(place) for place in grid] == list(range(len(grid)))


def test_labels():
    grid = grid_of(learning_rate=[1, 2], w=[0, 1], labels={"w": "weight w"})
    assert grid.say((1, 0)) == "learning rate = 2, weight w = 0"


# --- drawing ----------------------------------------------------------------------


def test_draw_gets_the_same_figure_each_time():
    seen = []

    def draw(figure, weight):
        seen.append((figure, len(figure.axes)))
        figure.subplots().plot([0, weight])

    drawing = drawing_of(draw, weight=[1, 2, 3])
    for place in drawing.grid:
        drawing.picture(place)
    assert len({id(figure) for figure, _ in seen}) == 1
    assert [count for _, count in seen] == [0, 0, 0]


def test_panels_are_swept_not_made_anew():
    axes = []

    def draw(figure, weight):
        axes.append(plots.panels(figure))
        axes[-1].plot([0, weight])

    drawing = drawing_of(draw, weight=[1, 2])
    for place in drawing.grid:
        drawing.picture(place)
    assert axes[0] is axes[1]
    assert len(axes[1].lines) == 1


def naive(figure, weight, style="solid"):
    for ax in figure.subplots(1, 2):
        ax.plot([0, weight], linestyle=style)


@pytest.mark.parametrize("draw", [draw_line, naive])
def test_a_picture_does_not_depend_on_those_before_it(draw):
    values = {"weight": [-4, 0.5, 4], "style": ["solid", "dashed"]}
    worn, fresh = (drawing_of(draw, **values) for _ in range(2))
    for place in worn.grid:
        worn.picture(place)
    fresh.picture(fresh.grid.start)
    for place in [(0, 0), (1, 1)]:
        assert (worn.picture(place) == fresh.picture(place)).all()


def test_two_panels_of_lines_are_as_wide_as_two_columns():
    picture = drawing_of(weight=[1, 2]).picture((0,))
    assert picture.shape == (660, 1376, 3)
    assert (picture[0, 0] == 255).all()


def fails_at_two(figure, weight):
    draw_line(figure, 1 / (weight - 2))


def draws_nothing_at_two(figure, weight):
    axes = figure.subplots()
    if weight != 2:
        axes.plot([0, weight])


def warns_at_two(figure, weight):
    draw_line(figure, weight)
    if weight == 2:
        warnings.warn("careful", stacklevel=1)


BAD_AT_TWO = [
    (fails_at_two, "ZeroDivisionError"),
    (draws_nothing_at_two, "drew nothing"),
    (warns_at_two, "UserWarning: careful"),
]


@pytest.mark.parametrize(("draw", "reason"), BAD_AT_TWO)
def test_the_book_stops_where_drawing_fails(monkeypatch, tmp_path, draw, reason):
    monkeypatch.setenv(SWITCH, str(tmp_path))
    with pytest.raises(RuntimeError, match=rf"draw failed at weight = 2: .*{reason}"):
        explore(draw, weight=[1, 2, 3])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("alt", "reason"),
    [
        (lambda weight: f"{1 / (weight - 2)}", "ZeroDivisionError"),
        (lambda weight: " " if weight == 2 else "A line.", "expected words"),
        (lambda weight: None if weight == 2 else "A line.", "returned None"),
    ],
)
def test_the_book_stops_where_words_fail(monkeypatch, tmp_path, alt, reason):
    monkeypatch.setenv(SWITCH, str(tmp_path))
    with pytest.raises(RuntimeError, match=rf"alt failed at weight = 2: .*{reason}"):
        explore(draw_line, weight=[1, 2, 3], alt=alt)


def test_drawing_changes_no_setting():
    before = dict(matplotlib.rcParams)
    drawing_of(weight=[1, 2]).picture((0,))
    assert dict(matplotlib.rcParams) == before


# --- frames -----------------------------------------------------------------------


def unpack(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


@pytest.mark.parametrize("count", [64, 256])
def test_a_picture_of_few_colours_is_kept_to_the_bit(count):
    colours = np.random.default_rng(0).integers(0, 256, (count, 3), dtype=np.uint8)
    picture = colours[np.arange(64 * 64).reshape(64, 64) % count]
    assert (unpack(webp(picture)) == picture).all()


def test_a_picture_of_lines_stays_close_and_small():
    picture = drawing_of(weight=[1, 2]).picture((0,))
    file = webp(picture)
    shown = unpack(file)
    white = (picture == 255).all(axis=2)
    assert (shown[white] == 255).all()
    # 64 of some 1,000 colours, nearly all of them steps from ink to white
    assert abs(shown.astype(int) - picture).max() <= 24
    assert len(file) <= 20_000


def test_a_picture_of_many_shades_keeps_them_close():
    """The weights of 64 neurons, beside two curves: a pale green stays no blue."""
    weights = np.random.default_rng(0).normal(0, 0.4, (64, 64))
    x = np.linspace(0, 1, 101)

    def draw(figure, weight):
        left, right = plots.panels(figure, columns=2)
        plots.draw_images(left, weights, columns=8, limits=(-2, 2))
        plots.draw_curve(right, x, {"training": x**0.1, "held out": x**0.2})

    picture = drawing_of(draw, None, weight=[1, 2]).picture((0,))
    file = webp(picture)
    # a step of the map's 256 colours is 1 or 2 levels, a blue for a green 20 and more
    assert abs(unpack(file).astype(int) - picture).max() <= 16
    assert len(file) <= LARGEST


@pytest.fixture(scope="module")
def maps():
    """Two pictures of contours in two panels each."""
    w = np.linspace(-3, 3, 81)

    def draw(figure, scale):
        left, right = plots.panels(figure, columns=2)
        for ax in (left, right):
            plots.draw_loss_surface(ax, w, w, w**2 + scale * w[:, None] ** 2)

    drawing = drawing_of(draw, None, scale=[3, 4])
    return [drawing.picture(place) for place in drawing.grid]


def test_a_picture_of_contours_is_small(maps):
    assert all(len(webp(picture)) <= 35_000 for picture in maps)


def test_the_shades_of_a_map_are_kept_to_the_bit(maps):
    for picture in maps:
        colours = picture.astype(int) @ [1 << 16, 1 << 8, 1]
        _, where, counts = np.unique(colours, return_inverse=True, return_counts=True)
        wide = (counts > colours.size / 500)[where].reshape(colours.shape)
        # 12 shades and white
        assert len(np.unique(colours[wide])) >= 13
        assert (unpack(webp(picture))[wide] == picture[wide]).all()


def test_frames_are_the_same_each_time(tmp_path):
    names = [
        write_frames(drawing_of(weight=[1, 2, 3]), tmp_path / folder) for folder in "ab"
    ]
    assert names[0] == names[1]
    files = [sorted((tmp_path / folder / names[0]).iterdir()) for folder in "ab"]
    assert [file.name for file in files[0]] == ["0.webp", "1.webp", "2.webp"]
    assert [f.read_bytes() for f in files[0]] == [f.read_bytes() for f in files[1]]
    assert write_frames(drawing_of(weight=[1, 2, 4]), tmp_path / "a") != names[0]


def test_a_figure_with_much_to_show_is_drawn_less_finely(tmp_path):
    ends = np.random.default_rng(0).uniform(size=(2, 2, 48))

    def draw_lines(figure, weight):
        plots.panels(figure).plot(*ends, linewidth=weight)

    drawing = drawing_of(draw=draw_lines, alt=None, weight=[1, 2])
    finest = [webp(drawing.picture(place)) for place in drawing.grid]
    assert max(map(len, finest)) > LARGEST
    folder = tmp_path / write_frames(drawing, tmp_path)
    files = [folder / "0.webp", folder / "1.webp"]
    assert max(file.stat().st_size for file in files) <= LARGEST
    widths = {Image.open(io.BytesIO(file.read_bytes())).width for file in files}
    assert len(widths) == 1
    assert widths.pop() < Image.open(io.BytesIO(finest[0])).width


# --- the page ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The HTML of a figure with a slider, buttons and a list, and its frames."""
    folder = tmp_path_factory.mktemp("frames")
    drawing = drawing_of(
        lambda figure, weight, style, color: draw_line(figure, weight, style),
        lambda weight, style, color: f"</script> {style} & {weight}",
        weight=[1, 2],
        style=["solid", "dashed"],
        color=["a", "b", "c", "d", "<e>"],
        start={"weight": 2, "color": "<e>"},
        play="weight",
    )
    return page(drawing, "Why $w < 1$?", folder)["text/html"], folder


def test_page_has_every_frame_and_its_words(html):
    text, folder = html
    data = json.loads(re.search(r"json\">(.*?)</script>", text, re.DOTALL)[1])
    name = data["frames"].removeprefix(FRAMES)
    files = {file.name for file in (folder / name).iterdir()}
    assert files == {f"{k}.webp" for k in range(20)}
    assert len(data["alts"]) == 20
    assert data["alts"][0] == "</script> solid & 1"
    # 2, solid, <e> is 1·10 + 0·5 + 4
    assert data["start"] == 14
    assert f'src="{data["frames"]}14.webp" alt="&lt;/script&gt; solid &amp; 2"' in text
    assert [c["stride"] for c in data["controls"]] == [10, 5, 1]


def test_page_has_native_inputs_at_their_start(html):
    text, _ = html
    place = r'name="control-weight" min="0" max="1" .*value="1"'
    assert re.search(rf'type="range" {place}', text)
    assert text.count('type="radio"') == 2
    assert 'name="control-style" value="0" checked' in text
    assert '<option value="4" selected>&lt;e&gt;</option>' in text
    assert 'data-play="control-weight"' in text
    assert r"\(w &lt; 1\)" in text
    assert not re.search(r"\bid=", text)


def test_only_a_value_beside_a_slider_takes_room(html):
    # 1 and 2, not solid, dashed or <e>
    assert "--value: 1ch" in html[0]


def test_a_minus_takes_more_room_than_a_digit(tmp_path):
    text = page(drawing_of(weight=[-4, 4]), "Up?", tmp_path)["text/html"]
    assert "--value: 3ch" in text


# --- what is shown where ----------------------------------------------------------


def test_in_the_book_a_page_a_picture_and_words(monkeypatch, tmp_path):
    monkeypatch.setenv(SWITCH, str(tmp_path))
    shown = explore(draw_line, weight=[1, 2], alt=say_line)
    data, _ = shown._repr_mimebundle_()
    assert set(data) == {"text/html", "image/png", "text/plain"}


def test_in_print_a_picture_and_words(monkeypatch, capsys):
    monkeypatch.setenv(SWITCH, STILL)
    shown = explore(draw_line, weight=[1, 2], alt=say_line, caption="How steep?")
    data, metadata = shown._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    alt = "A solid line of slope 1; its square is 1."
    assert metadata == {"image/png": {"alt": alt, "width": 688}}
    assert capsys.readouterr().out == f"{shown}\n"
    assert repr(shown) == (
        "Figure with a slider: weight, 2 values from 1 to 2.\n"
        "At weight = 1: A solid line of slope 1; its square is 1.\nHow steep?"
    )


# --- with a kernel ----------------------------------------------------------------

CODE = """\
from backprop_lib.sliders import explore
def draw(figure, w):
    figure.subplots().plot([0, w])
explore(draw, w=[1, 2], alt=lambda w: f"A line up to {w}.", caption="How high?")"""
WORDS = """\
Figure with a slider: w, 2 values from 1 to 2.
At w = 1: A line up to 1.
How high?"""
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def run():
    """Return a function that runs a cell as a front end does, and gives its outputs.

    One kernel for all; what a reader's front end says, and nbconvert does not, is
    that the cell may ask for input.
    """
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")

    def run(code, *, watched):
        outputs = []

        def keep(message):
            if message["msg_type"] in ("stream", "display_data", "execute_result"):
                outputs.append(nbformat.v4.output_from_msg(message))

        reply = client.execute_interactive(
            code, allow_stdin=watched, output_hook=keep, timeout=120
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return outputs

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def is_the_picture(data):
    return Image.open(io.BytesIO(base64.b64decode(data))).size == (1376, 660)


@pytest.mark.slow
def test_a_reader_gets_widgets_a_picture_and_words(run):
    (shown,) = run(CODE, watched=True)
    assert set(shown.data) == {WIDGET, "image/png", "text/plain"}
    assert is_the_picture(shown.data["image/png"])
    assert shown.data["text/plain"] == WORDS
    assert shown.metadata["image/png"]["alt"] == "A line up to 1."


@pytest.mark.slow
def test_a_run_that_nobody_watches_gets_a_picture_and_words(run):
    (shown,) = run(CODE, watched=False)
    assert set(shown.data) == {"image/png", "text/plain"}
    assert is_the_picture(shown.data["image/png"])
    assert shown.data["text/plain"] == WORDS


@pytest.mark.slow
@pytest.mark.parametrize("watched", [True, False])
def test_without_ipywidgets_a_picture_and_words(run, watched):
    live = "sys.modules.pop('backprop_lib.sliders.live', None)"
    run(f"import sys; {live}; sys.modules['ipywidgets'] = None", watched=False)
    *said, shown = run(CODE, watched=watched)
    run(f"{live}; del sys.modules['ipywidgets']", watched=False)
    assert set(shown.data) == {"image/png", "text/plain"}
    text = f"{WORDS}\nIts controls need ipywidgets, which is not installed.\n"
    assert [one.text for one in said] == ([text] if watched else [])


@pytest.mark.slow
def test_a_readers_notebook_is_exported_with_the_picture(run):
    from nbconvert import HTMLExporter, MarkdownExporter

    cell = new_code_cell(CODE, outputs=run(CODE, watched=True), execution_count=1)
    picture = cell.outputs[0].data["image/png"].strip()
    notebook = new_notebook(cells=[cell])
    html, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    assert f'src="data:image/png;base64,{picture}' in html.replace("\n", "")
    assert 'alt="A line up to 1."' in html
    assert html.count("<img") == 1
    assert "widget-view" not in html
    text, resources = MarkdownExporter().from_notebook_node(notebook)
    (file,) = resources["outputs"]
    assert text.count(f"![png]({file})") == 1
    assert resources["outputs"][file] == base64.b64decode(picture)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["html", "markdown"])
def test_nbconvert_runs_a_slider_and_shows_the_picture(form, tmp_path):
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(CODE)]), path)
    command = [sys.executable, "-m", "nbconvert", "--to", form, "--execute", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if form == "html":
        text = path.with_suffix(".html").read_text("utf-8")
        assert len(re.findall(r'<img[^>]* src="data:image/png;base64,\w', text)) == 1
        assert "widget-view" not in text
    else:
        text = path.with_suffix(".md").read_text("utf-8")
        (file,) = re.findall(r"!\[png\]\((.*)\)", text)
        assert is_the_picture(base64.b64encode((tmp_path / file).read_bytes()))


# --- widgets ----------------------------------------------------------------------


@pytest.fixture
def widgets():
    """A live figure's parts: the picture, the trouble, inputs and words."""

    def draw(figure, weight, style):
        if weight == 3:
            raise ArithmeticError("no <line> here")
        draw_line(figure, weight, style)

    drawing = drawing_of(draw, weight=[1, 2, 3], style=["solid", "dashed"])
    box = live(drawing, "How steep?")
    yield drawing, *box.children
    box.close_all()


def test_widgets_move_the_picture_and_its_words(widgets):
    _, picture, trouble, slider, style, _, words = widgets
    assert isinstance(slider, ipywidgets.SelectionSlider)
    assert isinstance(style, ipywidgets.RadioButtons)
    seen = [picture.value]
    for widget, index in ((slider, 1), (style, 1)):
        widget.index = index
        seen.append(picture.value)
    assert len(set(seen)) == 3
    assert all(bytes(file[:4]) == b"\x89PNG" for file in seen)
    assert "A dashed line of slope 2" in words.value
    assert trouble.layout.display == "none"


def test_an_exception_stands_in_the_place_of_the_picture(widgets):
    _, picture, trouble, slider, _, _, _ = widgets
    slider.index = 2
    assert picture.layout.display == "none"
    assert trouble.layout.display is None
    assert "draw failed at weight = 3, style = solid: ArithmeticError" in trouble.value
    assert "no &lt;line&gt; here" in trouble.value
    slider.index = 1
    assert picture.layout.display is None
    assert trouble.layout.display == "none"


def test_widgets_say_when_the_start_fails():
    with pytest.raises(RuntimeError, match="draw failed at weight = 2"):
        live(drawing_of(fails_at_two, None, weight=[2, 3]), "")


@pytest.mark.slow
def test_a_committed_notebook_with_a_slider_passes_nbval(tmp_path):
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(CODE)]), path)
    assert refresh_notebooks.main([], tmp_path) == 0
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    assert output.data == {"text/plain": WORDS}
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider"]
    for text, code in ((WORDS, 0), (WORDS.replace("up", "down"), 1)):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0].outputs[0].data["text/plain"] = text
        nbformat.write(notebook, path)
        done = subprocess.run([*command, str(path)], capture_output=True, cwd=tmp_path)
        assert done.returncode == code, done.stdout.decode()

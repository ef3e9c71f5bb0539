"""The figures: what they carry, that they can be read, and that they leave no trace."""

import functools
import io
import itertools
import subprocess
import sys

import matplotlib
import nbclient
import nbformat
import numpy as np
import pytest
from _networks import sigmoid_pass
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from backprop_lib import plots

EPOCHS = np.arange(200)
GRID = np.linspace(-6, 6, 121)
SIGMOID = 1 / (1 + np.exp(-GRID))
SIZES = (2, 3, 1)


def moons(n=40):
    angle = np.linspace(0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([upper, [1, 0.5] - upper]), np.repeat([0, 1], n)


def a_pass(sizes=SIZES, seed=0):
    """A forward pass with made-up deltas, as draw_network takes it."""
    rng = np.random.default_rng(seed)
    forward = sigmoid_pass(sizes, rng)
    delta = [None, *(0.02 * rng.normal(size=n) for n in sizes[1:])]
    return forward | {"delta": delta}


def decide(x):
    return 1 / (1 + np.exp(-(4 * x[:, :1] - 2 * x[:, 1:] - 1)))


LOSSES = {
    "rate 0.1": 0.25 * np.exp(-EPOCHS / 400),
    "rate 1": 0.25 * np.exp(-EPOCHS / 40) + 0.002,
    "rate 4": 0.25 * np.exp(-EPOCHS / 30) + 0.0019,
    "rate 40": np.r_[0.2 * 1.05 ** np.arange(60), np.full(140, np.inf)],
}
FACTORS = {
    r"$\frac{\partial o}{\partial net}$": 0.18,
    r"$\frac{\partial L}{\partial o}$": -0.62,
    r"$\frac{\partial net}{\partial w}$": 1.5,
}
BOWL = GRID[40:81] ** 2 + 4 * GRID[40:81, None] ** 2
X, T = moons()
DIGITS = np.arange(640.0).reshape(10, 64) % 17


def surface(ax):
    path = np.array([1.8, 1.5]) * 0.6 ** np.arange(9)[:, None]
    return plots.draw_loss_surface(ax, GRID[40:81], GRID[40:81], BOWL, path, title="A")


EXAMPLES = {
    "loss": lambda ax: plots.draw_loss(ax, LOSSES, title="Learning rates"),
    "loss linear": lambda ax: plots.draw_loss(ax, LOSSES, log=False, limits=(0, 0.3)),
    "norms": lambda ax: plots.draw_gradient_norms(ax, 0.25 ** np.arange(9.0, 0, -1)),
    "norms by epoch": lambda ax: plots.draw_gradient_norms(
        ax, 0.99 ** EPOCHS[:, None] * [0.01, 0.012, 0.3]
    ),
    "curve": lambda ax: plots.draw_curve(
        ax,
        GRID,
        {r"$\sigma$": SIGMOID, r"$\sigma'$": SIGMOID * (1 - SIGMOID)},
        point=(0, 0.5),
        slope=0.25,
        xlabel="$net$",
        ylabel="$o$",
    ),
    "decision": lambda ax: plots.draw_decision_boundary(ax, decide, X, T, title="XOR"),
    "surface": surface,
    "factors": lambda ax: plots.draw_factors(ax, FACTORS, limits=(-1, 1)),
    "network names": lambda ax: plots.draw_network(ax, SIZES),
    "network 2-2-2": lambda ax: plots.draw_network(ax, (2, 2, 2)),
    "network values": lambda ax: plots.draw_network(ax, SIZES, **a_pass()),
    "images": lambda ax: plots.draw_images(ax, DIGITS, list("0123456789")),
    "confusion": lambda ax: plots.draw_confusion(ax, np.diag(range(25, 35)) + 1),
}
WIDE = {"network names", "network 2-2-2", "network values"}
each_example = pytest.mark.parametrize("name", EXAMPLES)


def drawn(name, columns=1):
    figure, axes = plots.figure(height=4.2 if columns == 1 else 3.3, columns=columns)
    EXAMPLES[name](np.ravel(axes)[0])
    FigureCanvasAgg(figure).draw()
    return figure


@functools.cache
def drawn_once(name, columns=1):
    """The same, for tests that only look at it."""
    return drawn(name, columns)


def pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


# --- on any axes, without a trace ------------------------------------------------


@each_example
def test_draws_on_a_bare_figure_and_leaves_the_settings_alone(name):
    before = dict(matplotlib.rcParams.items())
    figure = Figure()
    EXAMPLES[name](figure.add_subplot())
    assert dict(matplotlib.rcParams.items()) == before
    assert len(np.unique(pixels(figure).reshape(-1, 4), axis=0)) > 20


def test_saving_leaves_the_settings_alone_and_is_twice_as_fine():
    before, buffer = dict(matplotlib.rcParams.items()), io.BytesIO()
    figure, _ = plots.figure(width=3, height=2)
    figure.savefig(buffer)
    assert dict(matplotlib.rcParams.items()) == before
    assert Image.open(buffer).size == (600, 400)


@each_example
def test_is_the_same_each_time_and_whatever_the_settings(name):
    first = pixels(drawn_once(name))
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 20, "axes.grid": 0}):
        second = pixels(drawn(name))
    assert np.array_equal(first, second)


def test_no_state_machine_is_started():
    # A filter given to Python itself would switch on checks of pyparsing's own.
    code = (
        "import warnings; warnings.simplefilter('error')\n"
        "import sys, numpy as np; from backprop_lib import plots\n"
        "figure, ax = plots.figure(); plots.draw_loss(ax, [1.0, 0.5])\n"
        "figure.savefig(sys.stdout.buffer)\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stdout.startswith(b"\x89PNG")


def test_a_notebook_shows_the_figure_once_and_as_wide_as_the_text():
    cells = [
        "import backprop_lib as bp\nimport matplotlib.pyplot as plt",
        "figure, axes = bp.plots.figure(columns=2)\n"
        "bp.plots.draw_loss(axes[0], [1.0, 0.5])\nfigure",
        "plt.get_fignums()",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    nothing, [shown], [open_figures] = (cell.outputs for cell in notebook.cells)
    assert nothing == []
    assert shown.data["text/plain"] == "<Figure size 688x330 with 2 Axes>"
    assert shown.metadata["image/png"] == {"width": 688}
    assert set(shown.data) == {"text/plain", "image/png"}
    assert open_figures.data["text/plain"] == "[]"


# --- redrawing -------------------------------------------------------------------


@each_example
def test_redrawing_gathers_nothing_and_equals_a_fresh_drawing(name):
    figure = drawn(name)
    fresh, count = pixels(figure), len(figure.findobj())
    for _ in range(2):
        EXAMPLES[name](plots.panels(figure))
    assert len(figure.findobj()) == count
    assert np.array_equal(pixels(figure), fresh)


@pytest.mark.parametrize(
    ("first", "then"),
    [("loss", "factors"), ("network names", "loss"), ("images", "norms")],
)
def test_another_drawing_on_swept_panels_starts_from_scratch(first, then):
    figure = drawn(first)
    EXAMPLES[then](plots.panels(figure, hold=False))
    [ax] = figure.axes
    [expected] = drawn(then).axes
    assert ax.axison == expected.axison
    assert ax.get_yscale() == expected.get_yscale()
    assert ax.get_xlabel() == expected.get_xlabel()
    np.testing.assert_allclose(ax.viewLim.get_points(), expected.viewLim.get_points())


def test_redrawn_panels_keep_their_place():
    figure, (left, right) = plots.figure(columns=2)
    plots.draw_loss(left, [1.0, 0.5])
    plots.draw_loss(right, [1.0, 0.5])
    pixels(figure)
    places = [ax.get_position().bounds for ax in figure.axes]
    left, right = plots.panels(figure, columns=2)
    plots.draw_loss(left, {"a much longer label": [3e-7, 1e-7]}, title="Title")
    plots.draw_loss(right, [1.0, 0.5])
    pixels(figure)
    assert [ax.get_position().bounds for ax in figure.axes] == places


def test_a_cleared_figure_gets_new_panels():
    figure, before = plots.figure(columns=2)
    assert plots.has_panels(figure)
    figure.clear()
    assert not plots.has_panels(figure)
    after = plots.panels(figure, columns=2)
    assert figure.axes == list(after)
    assert not set(before) & set(after)


def test_only_axes_from_panels_are_panels():
    figure = plots.figure()[0]
    figure.clear()
    figure.subplots()
    assert not plots.has_panels(figure)


def test_another_number_of_panels_makes_them_anew():
    figure, _ = plots.figure()
    assert plots.panels(figure, columns=2).shape == (2,)
    assert plots.panels(figure, columns=3, rows=2).shape == (2, 3)
    assert len(figure.axes) == 6


# --- what the artists carry ------------------------------------------------------


def new_axes(**size):
    return plots.figure(**size)[1]


def test_loss_lines_are_the_losses():
    lines = plots.draw_loss(new_axes(), LOSSES)
    for line, loss in zip(lines, LOSSES.values(), strict=True):
        seen = np.isfinite(loss)
        assert np.array_equal(line.get_xdata(), 1 + EPOCHS)
        assert np.array_equal(line.get_ydata()[seen], loss[seen])
        assert np.isnan(line.get_ydata()[~seen]).all()
    assert lines[3].get_markevery() == [59]  # the last finite loss of a divergence
    assert lines[0].axes.get_yscale() == "log"


def test_losses_come_as_array_list_or_dict():
    stack = np.column_stack([LOSSES["rate 1"], LOSSES["rate 4"]])
    by_array = plots.draw_loss(new_axes(), stack, ["a", "b"])
    by_list = plots.draw_loss(new_axes(), [*stack.T], ["a", "b"])
    by_dict = plots.draw_loss(new_axes(), dict(zip("ab", stack.T, strict=True)))
    for lines in zip(by_array, by_list, by_dict, strict=True):
        assert len({line.get_ydata().tobytes() for line in lines}) == 1
        assert {line.axes.texts[0].get_text() for line in lines} == {"a"}


class Dashes(RendererBase):
    """A renderer that draws nothing and keeps the dashes that it is asked for."""

    def draw_path(self, gc, path, transform, rgbFace=None):
        self.last = gc.get_dashes()


def dashes(line):
    renderer = Dashes()
    line.draw(renderer)
    return str(renderer.last)


def test_curves_differ_in_more_than_colour():
    lines = plots.draw_loss(new_axes(), [[1.0, 0.5]] * 6, list("abcdef"))
    assert len({dashes(line) for line in lines}) == 6


def test_classes_differ_in_more_than_colour():
    *_, points = plots.draw_decision_boundary(new_axes(), decide, X, T)
    assert len({artist.get_marker() for artist in points}) == 2


def test_gradient_norms_of_zero_are_written():
    ax = new_axes()
    [line] = plots.draw_gradient_norms(ax, [0.5, 0.0, 0.1])
    assert np.array_equal(line.get_ydata(), [0.5, np.nan, 0.1], equal_nan=True)
    assert [(t.get_text(), t.get_position()[0]) for t in ax.texts] == [("0", 1)]
    ax = new_axes()
    plots.draw_gradient_norms(ax, [[0.5, 0.0], [0.4, 0.0]])
    assert any(t.get_text() == "always 0: weights[1]" for t in ax.texts)


def test_a_deep_network_names_its_first_middle_and_last_layer():
    ax = new_axes()
    lines = plots.draw_gradient_norms(ax, np.full((5, 12), 0.5) ** np.arange(12))
    assert len(lines) == 12
    names = [text.get_text() for text in ax.texts]
    assert names == ["weights[0]", "weights[6]", "weights[11]"]


@pytest.mark.parametrize("slope", [-40.0, -0.1, 0.0, 0.25, 3.0])
def test_the_tangent_has_its_slope_and_stays_on_the_page(slope):
    ax = new_axes()
    _, tangent, dot = plots.draw_curve(ax, GRID, SIGMOID, point=(0, 0.5), slope=slope)
    (x0, x1), (y0, y1) = tangent.get_data()
    # two roundings of values near 1: 4 eps / (x1 - x0)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(slope, rel=1e-12, abs=1e-14)
    assert dot.get_xydata().tolist() == [[0, 0.5]]
    low, high = ax.get_ylim()
    assert high - low < 1.5
    assert abs(y1 - y0) <= 0.31 * (high - low)


def test_the_boundary_runs_where_the_prediction_is_one_half():
    _, boundary, points = plots.draw_decision_boundary(new_axes(), decide, X, T)
    [line] = boundary.get_paths()
    # straight in truth; contours are linear between points 0.03 apart
    np.testing.assert_allclose(decide(line.vertices), 0.5, atol=2e-3)
    for k, artist in enumerate(points):
        assert np.array_equal(artist.get_xydata(), X[k == T])


@pytest.mark.parametrize("level", [0.0, 0.2, 0.5, 1.0])
def test_no_boundary_where_there_is_none(level):
    ax = new_axes()
    _, boundary, _ = plots.draw_decision_boundary(
        ax, lambda x: np.full((len(x), 1), level), X, T
    )
    assert boundary is None
    assert "0.5" not in [text.get_text() for text in ax.get_legend().get_texts()]


def test_heights_of_a_bowl_are_evenly_spaced_rings():
    bands, path = surface(new_axes())
    assert np.array_equal(bands.levels[[0, -1]], [BOWL.min(), BOWL.max()])
    # L = r^2 along an axis, so the radii are the roots of the heights
    steps = np.diff(np.sqrt(bands.levels - BOWL.min()))
    np.testing.assert_allclose(steps, steps[0])
    assert path.get_xydata()[0].tolist() == [1.8, 1.5]


def test_a_flat_surface_is_drawn():
    bands, _ = plots.draw_loss_surface(
        new_axes(), [0, 1], [0, 1, 2], np.full((3, 2), 7.0)
    )
    assert bands.levels[0] == 7


def test_bars_are_the_factors_and_their_product():
    ax = new_axes()
    bars = plots.draw_factors(ax, FACTORS, limits=(-1, 1))
    values = [*FACTORS.values(), np.prod(list(FACTORS.values()))]
    assert [bar.get_height() for bar in bars] == values
    assert [bar.get_hatch() for bar in bars] == [None, "//", None, "//"]
    assert ax.get_ylim() == (-1, 1)
    words = [text.get_text() for text in ax.texts]
    minus = "\N{MINUS SIGN}"
    assert words[:4] == ["+0.18", f"{minus}0.62", "+1.50 ↑", f"{minus}0.17"]
    assert words[-3:] == ["×", "×", "="]


def test_a_network_carries_its_pass():
    values = a_pass()
    drawing = plots.draw_network(new_axes(height=4), SIZES, **values)
    for name in ("net", "out", "delta"):
        for layer, entry in enumerate(values[name]):
            for j, value in enumerate([] if entry is None else entry, start=1):
                text = drawing.texts[name, layer, j].get_text()
                read = float(text.replace("\N{MINUS SIGN}", "-"))
                assert read == pytest.approx(value, rel=0.1, abs=5.1e-4)
    assert len(drawing.neurons) == 3 + 4 + 1
    assert ("net", 0, 1) not in drawing.texts
    assert ("delta", 0, 1) not in drawing.texts


def test_a_networks_lines_show_size_and_sign():
    values = a_pass()
    drawing = plots.draw_network(new_axes(height=4), SIZES, **values)
    given = {
        (layer, i, j + 1): value
        for layer in range(2)
        for i, row in enumerate([values["biases"][layer], *values["weights"][layer]])
        for j, value in enumerate(row)
    }
    assert set(drawing.keys) == set(given)
    w = np.array([given[key] for key in drawing.keys])
    widths = np.array(drawing.edges.get_linewidths())
    assert np.array_equal(np.argsort(widths), np.argsort(np.abs(w)))
    dashed = [pattern is not None for _, pattern in drawing.edges.get_linestyles()]
    assert dashed == (w < 0).tolist()
    assert len({tuple(c) for c in drawing.edges.get_colors()}) == 2
    for key, (start, end) in zip(
        drawing.keys, drawing.edges.get_segments(), strict=True
    ):
        # each line touches the circles it joins
        source = drawing.neurons[key[0], key[1]]
        target = drawing.neurons[key[0] + 1, key[2]]
        for circle, at in ((source, start), (target, end)):
            assert np.hypot(*(at - circle.center)) == pytest.approx(circle.radius)


def test_a_network_without_values_shows_its_names():
    texts = plots.draw_network(new_axes(height=4), SIZES).texts
    assert texts["net", 2, 1].get_text() == "$net_1$"
    assert texts["delta", 1, 3].get_text() == r"$\delta_3$"
    assert texts["weight", 0, 2, 3].get_text() == "$w_{23}$"
    assert texts["weight", 1, 0, 1].get_text() == "$w_{01}$"
    assert texts["out", 0, 0].get_text() == "1"


def test_what_is_not_computed_yet_keeps_its_name():
    values = a_pass()
    net = [None, values["net"][1], None]
    texts = plots.draw_network(
        new_axes(height=4), SIZES, net=net, out=values["out"]
    ).texts
    assert texts["net", 2, 1].get_text() == "$net_1$"
    assert read(texts["net", 1, 1]) == pytest.approx(net[1][0], rel=SHORT)
    assert not [key for key in texts if key[0] == "delta"]


def test_one_neuron_may_be_ahead_of_its_layer():
    values = a_pass()
    first, *rest = values["net"][1]
    net = [None, [first, *[None] * len(rest)], None]
    texts = plots.draw_network(
        new_axes(height=4), SIZES, net=net, out=values["out"]
    ).texts
    assert read(texts["net", 1, 1]) == pytest.approx(first, rel=SHORT)
    assert texts["net", 1, 2].get_text() == "$net_2$"


def test_highlighting_dims_all_else():
    lit = [(0, 1), (0, 1, 2), (1, 2)]
    drawing = plots.draw_network(new_axes(height=4), SIZES, highlight=lit)
    faint = drawing.neurons[0, 2].get_edgecolor()[:3]
    assert contrast(faint, "white") < 2.5
    for key, circle in drawing.neurons.items():
        assert (circle.get_edgecolor()[:3] == faint) == (key not in lit)
    colors = [tuple(color[:3]) == faint for color in drawing.edges.get_colors()]
    assert colors == [key not in lit for key in drawing.keys]
    assert [key for key in drawing.texts if key[0] == "weight"] == [("weight", 0, 1, 2)]


def test_images_stand_in_the_grid():
    ax = new_axes()
    grid = plots.draw_images(ax, DIGITS, columns=5)
    data = grid.get_array()
    for k, image in enumerate(DIGITS.reshape(-1, 8, 8)):
        y, x = 9 * (k // 5), 9 * (k % 5)
        assert np.array_equal(data[y : y + 8, x : x + 8], image)
    assert data.mask.sum() == data.size - DIGITS.size
    assert grid.get_clim() == (DIGITS.min(), DIGITS.max())


def test_signed_images_have_zero_in_the_middle():
    grid = plots.draw_images(new_axes(), [[[-0.5, 2.0], [0, 0]]])
    assert grid.get_clim() == (-2, 2)
    np.testing.assert_allclose(grid.cmap(grid.norm(0.0))[:3], 1, atol=0.01)


def test_confusion_counts_are_written_and_can_be_read():
    counts = np.array([[50, 3], [10, 0]])
    ax = new_axes()
    image = plots.draw_confusion(ax, counts, ["benign", "malignant"])
    for (i, j), text in zip(np.ndindex(2, 2), ax.texts, strict=True):
        assert text.get_text() == str(counts[i, j])
        assert text.get_position() == (j, i)
        color = image.cmap(image.norm(counts[i, j]))
        assert contrast(text.get_color(), color[:3]) >= 4.5
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["benign", "malignant"]


# --- bad input -------------------------------------------------------------------

BAD = {
    "axes": (
        lambda ax: plots.draw_loss(ax.figure, [1]),
        "ax is of type Figure; expected Axes",
    ),
    "loss shape": (lambda ax: plots.draw_loss(ax, np.ones((2, 2, 2))), r"\(2, 2, 2\)"),
    "loss words": (
        lambda ax: plots.draw_loss(ax, "high"),
        "is 'high'; expected an array of numbers",
    ),
    "loss labels": (
        lambda ax: plots.draw_loss(ax, [1, 2], ["a", "b"]),
        "1 curves and 2 labels; expected",
    ),
    "loss two names": (lambda ax: plots.draw_loss(ax, {"a": [1]}, ["a"]), "keys"),
    "loss empty": (lambda ax: plots.draw_loss(ax, {}), "0 curves"),
    "loss nan": (lambda ax: plots.draw_loss(ax, [np.nan]), "positive finite number"),
    "loss limits": (lambda ax: plots.draw_loss(ax, [1], limits=(0, 1)), "positive"),
    "limits": (lambda ax: plots.draw_loss(ax, [1], limits=(2, 1)), "low < high"),
    "norms shape": (
        lambda ax: plots.draw_gradient_norms(ax, 1.0),
        r"shape \(\); expected",
    ),
    "norms sign": (
        lambda ax: plots.draw_gradient_norms(ax, [-1.0]),
        "holds -1; expected none below 0",
    ),
    "norms nan": (lambda ax: plots.draw_gradient_norms(ax, [np.nan]), "finite"),
    "norms labels": (
        lambda ax: plots.draw_gradient_norms(ax, [1], ["a", "b"]),
        "2 .*; expected 1",
    ),
    "curve length": (
        lambda ax: plots.draw_curve(ax, [1, 2], [1, 2, 3]),
        "3 values; expected 2",
    ),
    "curve slope": (lambda ax: plots.draw_curve(ax, [1], [1], slope=1), "point"),
    "x": (
        lambda ax: plots.draw_decision_boundary(ax, decide, X[:, :1], T),
        r"\(n, 2\)",
    ),
    "t": (lambda ax: plots.draw_decision_boundary(ax, decide, X, T[1:]), r"\(79,\)"),
    "t half": (
        lambda ax: plots.draw_decision_boundary(ax, decide, X, T / 2),
        "class num",
    ),
    "predict": (
        lambda ax: plots.draw_decision_boundary(ax, lambda x: x[:5], X, T),
        r"predict returned shape \(5, 2\); expected",
    ),
    "predict nan": (
        lambda ax: plots.draw_decision_boundary(ax, lambda x: x[:, 0] * np.nan, X, T),
        "10000 of 10000",
    ),
    "class names": (
        lambda ax: plots.draw_decision_boundary(ax, decide, X, T, names=["a"]),
        "expected two, one a class",
    ),
    "surface": (
        lambda ax: plots.draw_loss_surface(ax, [0, 1], [0, 1, 2], np.ones((2, 3))),
        r"\(2, 3\); expected .*\(3, 2\)",
    ),
    "path": (
        lambda ax: plots.draw_loss_surface(ax, [0, 1], [0, 1], np.eye(2), [1]),
        "2",
    ),
    "factors": (lambda ax: plots.draw_factors(ax, {}), r"shape \(0,\); expected"),
    "factor nan": (lambda ax: plots.draw_factors(ax, {"a": np.nan}), "1 of 1"),
    "sizes": (lambda ax: plots.draw_network(ax, [64, 10]), r"is \(64, 10\); expected"),
    "one layer": (lambda ax: plots.draw_network(ax, [3]), "at least two"),
    "out layers": (
        lambda ax: plots.draw_network(ax, [1, 1], out=[[1]]),
        "1 entries; expected 2",
    ),
    "out batch": (
        lambda ax: plots.draw_network(ax, [1, 1], out=[np.ones((4, 1)), None]),
        r"\(4, 1\); expected .* one example",
    ),
    "weights": (
        lambda ax: plots.draw_network(ax, [2, 1], weights=[[1, 2]]),
        r"\(2, 1\)",
    ),
    "only biases": (
        lambda ax: plots.draw_network(ax, [2, 1], biases=[[1]]),
        "weights too",
    ),
    "highlight": (
        lambda ax: plots.draw_network(ax, [2, 1], highlight=[(1, 2)]),
        "1, 2",
    ),
    "layer names": (
        lambda ax: plots.draw_network(ax, [2, 1], layer_names=["a"]),
        "1 layer_names; expected 2",
    ),
    "images": (
        lambda ax: plots.draw_images(ax, np.ones((3, 7))),
        r"shape \(3, 7\); expected",
    ),
    "image labels": (
        lambda ax: plots.draw_images(ax, np.ones((1, 4)), "ab"),
        "2 .*; expected 1",
    ),
    "columns": (
        lambda ax: plots.draw_images(ax, np.ones((1, 4)), columns=-1),
        "is -1; expected",
    ),
    "confusion": (
        lambda ax: plots.draw_confusion(ax, np.ones((2, 3))),
        r"shape \(2, 3\); expected",
    ),
    "confusion share": (lambda ax: plots.draw_confusion(ax, [[0.5]]), "whole"),
    "confusion names": (
        lambda ax: plots.draw_confusion(ax, [[1]], ["a", "b"]),
        "2 .*; expected 1",
    ),
    "width": (lambda ax: plots.figure(width=0), "0 and .* expected above 0"),
    "panels": (lambda ax: plots.panels(ax.figure, columns=0), "1 x 0"),
    "no figure": (lambda ax: plots.panels(ax), "of type Axes.*; expected a Figure"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    draw, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        draw(new_axes())


# --- can it be read --------------------------------------------------------------


def written(figure):
    """Every word of a drawn figure, with its box in pixels."""
    found = []
    for ax in figure.axes:
        hidden = set()
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not (low <= tick.get_loc() <= high and ax.axison):
                    hidden |= {tick.label1, tick.label2}
            if not ax.axison:
                hidden |= {axis.label}
        for text in ax.findobj(Text):
            if text.get_visible() and text.get_text().strip() and text not in hidden:
                found.append((text.get_text(), Text.get_window_extent(text)))
    return found


def overlapping(words, slack=1.0):
    """Pairs of words whose boxes share more than `slack` pixels each way."""
    pairs = []
    for (a, box), (b, other) in itertools.combinations(words, 2):
        across = min(box.x1, other.x1) - max(box.x0, other.x0)
        down = min(box.y1, other.y1) - max(box.y0, other.y0)
        if min(across, down) > slack:
            pairs.append((a, b, round(across, 1), round(down, 1)))
    return pairs


LAYOUTS = [(name, columns) for name in EXAMPLES for columns in (1, 2)
           if columns == 1 or name not in WIDE]  # fmt: skip


@pytest.mark.parametrize(("name", "columns"), LAYOUTS)
def test_words_stand_apart_and_inside(name, columns):
    figure = drawn_once(name, columns)
    words = written(figure)
    assert words
    assert overlapping(words) == []
    width, height = figure.bbox.size
    for word, box in words:
        assert box.x0 >= -1, word
        assert box.y0 >= -1, word
        assert box.x1 <= width + 1, word
        assert box.y1 <= height + 1, word


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 1), (3, 2, 2), (2, 3, 2), (3, 3, 1)])
@pytest.mark.parametrize("named", [True, False])
def test_words_of_other_networks_stand_apart(sizes, named):
    figure, ax = plots.figure(height=4.4)
    values = {} if named else a_pass(sizes)
    plots.draw_network(ax, sizes, weight_labels=True, **values)
    FigureCanvasAgg(figure).draw()
    assert overlapping(written(figure)) == []


def test_a_networks_words_fit_it_beside_wide_panels():
    figure, axes = plots.figure(columns=2, rows=2, height=7)
    plots.draw_loss(axes[0, 1], {"a name that takes much room": [1.0, 0.5]})
    plots.draw_network(axes[1, 1], SIZES, **a_pass())
    FigureCanvasAgg(figure).draw()
    assert overlapping(written(figure)) == []


def test_the_check_of_words_sees_an_overlap():
    figure, ax = plots.figure()
    ax.text(0.5, 0.5, "one")
    ax.text(0.51, 0.5, "two")
    FigureCanvasAgg(figure).draw()
    assert [pair[:2] for pair in overlapping(written(figure))] == [("one", "two")]


@each_example
def test_no_word_is_tiny(name):
    figure = drawn_once(name)
    sizes = [t.get_fontsize() for t in figure.findobj(Text) if t.get_text().strip()]
    assert min(sizes) >= 8


def ends(levels):
    """Return the heights in points of the names of lines, and of the lines' ends."""
    ax = new_axes()
    plots.draw_curve(ax, [0.0, 1.0], {str(k): [50, y] for k, y in enumerate(levels)})
    FigureCanvasAgg(ax.figure).draw()
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
    names = [(boxes[str(k)].y0 + boxes[str(k)].y1) / 2 for k in range(len(levels))]
    lines = ax.transData.transform([(1, y) for y in levels])[:, 1]
    points = 72 / ax.figure.dpi
    return points * (names - ax.bbox.y0), points * (lines - ax.bbox.y0)


@settings(max_examples=20)  # each lays out a figure
@given(st.lists(st.integers(0, 100), min_size=2, max_size=6))
@example([50] * 6)
@example([0, 0, 1, 100, 100])
def test_names_at_the_ends_keep_order_and_distance(levels):
    names, _ = ends(levels)
    order = np.argsort(levels, kind="stable")
    # 14.5 of one name's height and room; a box is whole pixels of half a point or so
    assert (np.diff(names[order]) >= 13.5).all()
    assert names.min() >= -1


def test_names_that_stand_apart_stand_beside_their_ends():
    names, lines = ends([50.0, 0.0, 100.0])
    assert names == pytest.approx(lines, abs=1)
    assert len(set(names)) == 3


SHORT = 0.06  # of a number in two or three digits


def read(text):
    return float(text.get_text().replace("\N{MINUS SIGN}", "-"))


AXES = new_axes()  # one for all examples: new ones take longer than what is tested


@given(st.floats(-1e9, 1e9))
def test_short_numbers_are_near_and_short(value):
    text = plots.draw_graph(AXES, {("a", "b"): value}).texts["edge", "a", "b"]
    assert len(text.get_text()) <= 7
    # one digit below 0.001 and from 1000 on: half a unit of 1, at most a half
    rel = SHORT if 0.001 <= abs(value) < 1000 else 0.5
    assert read(text) == pytest.approx(value, rel=rel, abs=0)


# --- colours ---------------------------------------------------------------------

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    """WCAG 2.2 contrast ratio."""
    dark, light = sorted(linear(c) @ (0.2126, 0.7152, 0.0722) for c in (a, b))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIE L*a*b* (D65) of linear RGB."""
    to_xyz = [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
    xyz = np.array(to_xyz) @ rgb / (0.9505, 1, 1.0888)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(a, b, vision):
    """CIE 1976 colour difference as seen with a kind of colour vision."""
    seen = [lab(np.clip(VISION[vision] @ linear(color), 0, 1)) for color in (a, b)]
    return np.hypot.reduce(seen[0] - seen[1])


def test_contrast_of_black_on_white_is_21():
    assert contrast("black", "white") == pytest.approx(21)


def test_lines_and_words_have_contrast():
    with plots.book_style():
        used = matplotlib.rcParams
        words = ("text", "axes.label", "xtick.label", "ytick.label")
        colors = [
            used[f"{name}color" if "." in name else "text.color"] for name in words
        ]
        colors += [used["axes.edgecolor"], used["xtick.color"], *plots.PALETTE]
    # 4.5 for words (WCAG 1.4.3); lines alone would need 3 (1.4.11)
    assert min(contrast(color, "white") for color in colors) >= 4.5
    lines = plots.draw_gradient_norms(
        new_axes(), np.geomspace(1, 1e-3, 12) * np.ones((5, 1))
    )
    assert len(lines) == 12
    assert min(contrast(to_rgb(line.get_color()), "white") for line in lines) >= 3


def test_points_stand_out_from_their_region():
    bands, _, points = plots.draw_decision_boundary(new_axes(), decide, X, T)
    for artist, end in zip(points, (0.0, 1.0), strict=True):
        tint = bands.cmap(end)[:3]
        # a white edge of 21:1 to the ink lies between; the marker differs too
        assert contrast(artist.get_markerfacecolor(), tint) >= 2.9


@pytest.mark.parametrize("vision", VISION)
def test_the_palette_is_told_apart(vision):
    pairs = itertools.combinations(plots.PALETTE, 2)
    # 2.3 is just noticeable; 10 is told apart at a glance
    assert min(difference(a, b, vision) for a, b in pairs) >= 10


def test_red_and_green_would_not_be_told_apart():
    assert difference("#A0522D", "#5A6B1E", "deuteranopia") < 10

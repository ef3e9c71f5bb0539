"""The drawn graph: where things stand, what is written on it, and that it is read."""

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from backprop_lib import plots

FORWARD, GRADIENT = plots.PALETTE[:2]

CHAIN = {("x", "u"): 2.0, ("u", "v"): -0.5, ("v", "y"): 1.2}
DIAMOND = {("x", "p"): 3.0, ("x", "q"): -0.5, ("p", "y"): 1.2, ("q", "y"): 0.3}
SKIP = {("w", "u"): 2.0, ("u", "y"): 3.0, ("w", "y"): 0.3}
NEURON = dict.fromkeys(
    [("w", "net"), ("x", "net"), ("net", "o"), ("o", "L"), ("t", "L")]
)
UNROLLED = {(f"x_{k}", f"o_{k}"): "$w$" for k in (1, 2, 3)}
UNROLLED |= {("o_1", "o_2"): "$u$", ("o_2", "o_3"): "$u$", ("o_3", "L"): None}
BELOW = {"unrolled": ["x_1", "x_2", "x_3"]}
GRAPHS = {
    "unrolled": UNROLLED,
    "chain": CHAIN,
    "diamond": DIAMOND,
    "skip": SKIP,
    "neuron": NEURON,
}
each_graph = pytest.mark.parametrize("name", GRAPHS)


def drawn(name, height=3.0, values=True):
    edges = GRAPHS[name]
    figure, ax = plots.figure(height=height)
    names = {name for pair in edges for name in pair}
    numbers = dict.fromkeys(names, -1.25) if values else None
    drawing = plots.draw_graph(
        ax, edges, values=numbers, slopes=numbers, below=BELOW.get(name, ())
    )
    FigureCanvasAgg(figure).draw()
    return figure, drawing


@each_graph
def test_every_arrow_points_right_or_up_and_touches_no_circle(name):
    _, drawing = drawn(name)
    centres = {name: np.array(node.center) for name, node in drawing.nodes.items()}
    for (source, target), arrow in drawing.edges.items():
        (x, y), (x_end, y_end) = centres[source], centres[target]
        assert x < x_end or (source in BELOW.get(name, ()) and x == x_end and y < y_end)
        path = arrow.get_path()  # the head is the last piece of it
        line = path.vertices[path.codes != path.CLOSEPOLY]
        for other, centre in centres.items():
            gap = np.hypot(*(line - centre).T).min()
            assert gap >= 1.0, (source, target, other)
        # and it does start and end at its own: 6 of 100 of a radius before
        assert np.hypot(*(line[0] - centres[source])) < 1.2
        assert np.hypot(*(line - centres[target]).T).min() < 1.3


def test_a_quantity_stands_after_what_it_needs_and_not_sooner():
    _, drawing = drawn("neuron")
    x = {name: node.center[0] for name, node in drawing.nodes.items()}
    assert x["w"] == x["x"] < x["net"] < x["o"] < x["L"]
    assert x["t"] == x["o"]  # t needs nothing: it waits until it is needed


def test_what_stands_below_leaves_the_others_where_they_were():
    states = {pair: None for pair in UNROLLED if pair[0][0] == "o"}
    _, ax = plots.figure(height=3)
    alone = plots.draw_graph(ax, states).nodes
    _, drawing = drawn("unrolled")
    for name, node in alone.items():
        assert drawing.nodes[name].center == node.center
    # its slope makes way for the arrow from below
    y = {key: text.get_position()[1] for key, text in drawing.texts.items()}
    assert y["slope", "o_1"] > y["name", "o_1"] > y["edge", "x_1", "o_1"]
    assert y["slope", "L"] < y["name", "L"]


def test_values_slopes_and_arrows_are_written_in_their_colours():
    _, ax = plots.figure(height=3)
    values, slopes = {"x": 1.5, "y": -2.0}, {"x": 0.25}
    texts = plots.draw_graph(ax, DIAMOND, values=values, slopes=slopes).texts
    said = {key: text.get_text() for key, text in texts.items()}
    minus = "\N{MINUS SIGN}"
    assert said["value", "x"] == "1.50"
    assert said["value", "y"] == f"{minus}2.00"
    assert said["slope", "x"] == "0.25"
    assert said["edge", "x", "q"] == f"{minus}0.50"
    assert said["name", "p"] == "$p$"
    assert ("value", "p") not in said
    assert ("slope", "y") not in said
    assert texts["value", "x"].get_color() == FORWARD
    assert texts["slope", "x"].get_color() == GRADIENT


def test_a_highlight_dims_all_else():
    _, ax = plots.figure(height=3)
    lit = ["w", "y", ("w", "y")]
    drawing = plots.draw_graph(ax, SKIP, highlight=lit)
    edge_colors = {k: a.get_edgecolor() for k, a in drawing.edges.items()}
    assert edge_colors["w", "u"] == edge_colors["u", "y"] != edge_colors["w", "y"]
    assert ("edge", "w", "y") in drawing.texts
    assert ("edge", "w", "u") not in drawing.texts
    faint = drawing.nodes["u"].get_edgecolor()
    for name, node in drawing.nodes.items():
        assert (node.get_edgecolor() == faint) == (name not in lit)
    assert edge_colors["w", "u"] == faint


@each_graph
@pytest.mark.parametrize("height", [2.4, 4.2])
def test_words_stand_apart_inside_and_large_enough(name, height):
    figure, _ = drawn(name, height)
    words = [text for text in figure.findobj(Text) if text.get_text().strip()]
    boxes = [Text.get_window_extent(text) for text in words]
    width, tall = figure.bbox.size
    for text, box in zip(words, boxes, strict=True):
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= width + 1, text
        assert box.y1 <= tall + 1, text
        # two rows with values and slopes need 3 inches; phones show them scaled
        assert height < 3 or text.get_fontsize() >= 8, text
    for a, b in itertools.combinations(range(len(words)), 2):
        across = min(boxes[a].x1, boxes[b].x1) - max(boxes[a].x0, boxes[b].x0)
        down = min(boxes[a].y1, boxes[b].y1) - max(boxes[a].y0, boxes[b].y0)
        assert min(across, down) <= 1, (words[a], words[b])


def test_redrawing_gathers_nothing():
    figure, _ = drawn("diamond")
    count = len(figure.findobj())
    ax = plots.panels(figure)
    numbers = dict.fromkeys("xpqy", -1.25)
    plots.draw_graph(ax, DIAMOND, values=numbers, slopes=numbers)
    FigureCanvasAgg(figure).draw()
    assert len(figure.findobj()) == count


@pytest.mark.parametrize(
    ("edges", "more", "said"),
    [
        ({}, {}, "at least one"),
        ({("a", "b"): 1.0, ("b", "a"): 1.0}, {}, "round in a circle"),
        (CHAIN, {"values": {"z": 1.0}}, "no 'z' in the graph"),
        (CHAIN, {"slopes": {"z": 1.0}}, "no 'z' in the graph"),
        (CHAIN, {"highlight": [("x", "y")]}, "no .'x', 'y'. in the graph"),
        (CHAIN, {"below": ["u"]}, "needs nothing and is needed once, but 'u'"),
        (CHAIN, {"below": ["z"]}, "needs nothing and is needed once, but 'z'"),
        (DIAMOND, {"below": ["x"]}, "needs nothing and is needed once, but 'x'"),
        (NEURON, {"below": ["w", "x"]}, "no room for 'x' below 'net': 'w'"),
    ],
)
def test_bad_input_is_named(edges, more, said):
    _, ax = plots.figure()
    with pytest.raises(ValueError, match=said):
        plots.draw_graph(ax, edges, **more)

"""A network drawn with its names, or with the values of a pass on it."""

import math
from dataclasses import dataclass

from matplotlib.collections import LineCollection
from matplotlib.patches import Circle

from ._geometry import BIAS_RADIUS, label_places, lay_out
from ._labels import size_in_points, write
from ._network_checks import as_places, as_sizes, by_layer, slopes_of, strengths_of
from ._style import (
    FAINT,
    FORWARD,
    GRADIENT,
    INK,
    MUTED,
    NEGATIVE,
    POSITIVE,
    dress,
    styled,
)
from ._wording import short


@dataclass(frozen=True)
class NetworkDrawing:
    """What was drawn: circles by (layer, neuron), lines in the order of `keys`
    (layer, from, to), and texts by what they say, e.g. ("net", layer, neuron)."""

    neurons: dict
    edges: LineCollection
    keys: list
    texts: dict


@styled
def draw_network(
    ax,
    sizes,
    *,
    net=None,
    out=None,
    delta=None,
    weights=None,
    biases=None,
    by_weights=None,
    by_biases=None,
    highlight=None,
    weight_labels=None,
    layer_names=None,
    title="",
):
    r"""Draw a network: its names, or for one example its net, out and delta.

    Each neuron shows net above its out, in blue, and below the circle its delta,
    in orange. Neuron 0 is the bias. A weight's line is thick as the weight is
    large; solid green where it is positive, dashed purple where negative. What is
    not given is written as its name, so without values the drawing explains them;
    an entry, or one neuron's number, that is None has not been computed yet.

    Parameters
    ----------
    ax : Axes
    sizes : sequence of int
        Neurons by layer, at most 8 each.
    net, out, delta : sequence of arrays (n_l,) or (1, n_l), optional
        By layer, as in a `Trace` and a `Gradient`; an entry, or a number, may be
        None.
    weights : sequence of arrays (n_l, n_{l+1}), optional
    biases : sequence of arrays (n_{l+1},), optional
    by_weights, by_biases : sequences as weights and biases, optional
        The slopes of the loss by them, written below each in orange; NaN is not
        computed yet.
    highlight : iterable of (l, j) and (l, i, j), optional
        Neurons j of layer l, and weights from i of layer l to j, counted from 1
        (0 is the bias); all else is drawn faintly.
    weight_labels : bool, optional
        Write on each line its weight or its name; by default up to 20 lines, and of
        these the highlighted ones.
    layer_names : list of str, optional
        One a layer.
    title : str

    Returns
    -------
    NetworkDrawing
        With ``neurons``, ``edges``, ``keys`` and ``texts``.

    Raises
    ------
    ValueError
        If sizes, shapes or a highlighted place do not fit.

    Examples
    --------
    >>> from backprop_lib import plots
    >>> _, ax = plots.figure(height=4)
    >>> drawing = plots.draw_network(ax, [2, 3, 1])
    >>> drawing.texts["out", 1, 3].get_text()
    '$o_3$'
    """
    sizes = as_sizes(sizes)
    values = {
        "net": by_layer("net", net, sizes),
        "out": by_layer("out", out, sizes),
        "delta": by_layer("delta", delta, sizes),
    }
    strengths = strengths_of(sizes, weights, biases)
    slopes = slopes_of(sizes, by_weights, by_biases, strengths)
    chosen = as_places(highlight, sizes)
    named = net is out is delta is None
    width, height = size_in_points(ax)
    bias = weights is None or biases is not None
    margins = (2.5, 1.2) if named else (1.2, 2.3)
    # no neuron is larger than 34 points in radius
    room = (round(width / height, 3), round(height / 34, 2))
    below = named or delta is not None
    # lines that carry two numbers need room
    pitch = 4.2 if slopes is not None else 3.15 if below else 2.6
    shape = (sizes, *room, bias, below, margins, pitch)
    layout = lay_out(*shape)
    neurons = _draw_neurons(ax, layout, chosen)
    edges = _draw_edges(ax, layout, strengths, chosen)
    texts = _write_values(ax, layout, values, named, chosen)
    if weight_labels if weight_labels is not None else len(layout.edges) <= 20:
        half = (0.54 if strengths is None else 0.66, 0.33)
        places = label_places(*shape, half if slopes is None else (0.84, 0.52))
        spoken = chosen if weight_labels is None else None
        texts |= _write_weights(ax, places, strengths, slopes, spoken)
    _write_around(ax, layout, sizes, named, layer_names, values)
    ax.set(xlim=layout.box[:2], ylim=layout.box[2:], aspect="equal")
    ax.set_axis_off()
    dress(ax, title)
    return NetworkDrawing(neurons, edges, list(layout.edges), texts)


def _draw_neurons(ax, layout, chosen):
    circles = {}
    for key, at in layout.neurons.items():
        lit = chosen is not None and key in chosen
        circle = Circle(
            at,
            1.0 if key[1] else BIAS_RADIUS,
            zorder=3,
            linewidth=3.2 if lit else 1.4,
            facecolor="#FFF6D6" if lit else "white",
            edgecolor=FAINT if chosen is not None and not lit else INK,
        )
        circles[key] = ax.add_patch(circle)
    return circles


def _draw_edges(ax, layout, strengths, chosen):
    largest = max(map(abs, strengths.values())) if strengths else 0.0
    colors, widths, styles = [], [], []
    for key in layout.edges:
        w = strengths[key] if strengths else None
        lit = chosen is not None and key in chosen
        width = 1.2 if w is None else 0.7 + 3.3 * abs(w) / (largest or 1.0)
        color = MUTED if w is None else NEGATIVE if w < 0 else POSITIVE
        styles.append((0, (4, 1.6)) if w is not None and w < 0 else "solid")
        colors.append(FAINT if chosen is not None and not lit else color)
        widths.append(max(width, 2.6) if lit else width)
    lines = LineCollection(
        list(layout.edges.values()),
        colors=colors,
        linewidths=widths,
        linestyles=styles,
        zorder=1,
    )
    rules = [
        [(x - 0.82, y), (x + 0.82, y)]
        for (layer, j), (x, y) in layout.neurons.items()
        if layer > 0 and j > 0
    ]
    between = LineCollection(rules, colors=FAINT, linewidths=1, zorder=3.5)
    ax.add_collection(between, autolim=False)
    return ax.add_collection(lines, autolim=False)


def _write_values(ax, layout, values, named, chosen):
    texts = {}
    for (layer, j), (x, y) in layout.neurons.items():
        faint = chosen is not None and (layer, j) not in chosen
        if j == 0:
            color = MUTED if faint else FORWARD
            texts["out", layer, 0] = write(ax, x, y, "1", 0.5, color=color, zorder=4)
            continue
        rows = {"out": 0.0} if layer == 0 else {"net": 0.36, "out": -0.4}
        if layer > 0 and (named or values["delta"] is not None):
            rows["delta"] = -layout.delta_drop
        for what, dy in rows.items():
            text, known = _say(what, values[what], layer, j)
            color = GRADIENT if what == "delta" else FORWARD
            color = color if (known or named) and not faint else MUTED
            texts[what, layer, j] = write(
                ax, x, y + dy, text, 0.47, color=color, zorder=4
            )
    return texts


def _say(what, layers, layer, j):
    entry = None if layers is None else layers[layer]
    # None for one neuron has become NaN
    if entry is not None and not math.isnan(entry[j - 1]):
        value = entry[j - 1]
        text = short(value)
        # six characters fit in the circle
        fits = what == "delta" or len(text) < 7
        return text if fits else short(round(value, 3)), True
    letter = {"net": "net", "out": "o", "delta": r"\delta"}[what]
    return f"${letter}_{j}$", False


def _write_weights(ax, places, strengths, slopes, chosen):
    texts = {}
    for key, (x, y) in places.items():
        if chosen is not None and key not in chosen:
            continue
        layer, i, j = key
        text = f"$w_{{{i}{j}}}$" if strengths is None else short(strengths[key])
        known = slopes is not None and not math.isnan(slopes[key])
        if known:
            # the two stand above and below the line
            texts["slope", layer, i, j] = write(
                ax, x, y - 0.26, _slope(slopes[key]), 0.4, color=GRADIENT, **_ON_LINE
            )
        texts["weight", layer, i, j] = write(
            ax, x, y + 0.26 * known, text, 0.4, color=INK, **_ON_LINE
        )
    return texts


def _slope(value):
    # as long as 0.0010, and easier to compare with it
    small = 1e-4 <= abs(value) < 1e-3
    return f"{value:.4f}".replace("-", "\N{MINUS SIGN}") if small else short(value)


def _write_around(ax, layout, sizes, named, layer_names, values):
    last = len(sizes) - 1
    layer_names = layer_names or [f"layer {layer}" for layer in range(last + 1)]
    if len(layer_names) != len(sizes):
        raise ValueError(
            f"there are {len(layer_names)} layer_names; "
            f"expected {len(sizes)}, one a layer"
        )
    for layer, name in enumerate(layer_names):
        x, _ = layout.neurons[layer, 1]
        write(ax, x, layout.foot - 0.35, name, 0.42, color=MUTED)
    x, y = layout.neurons[last, 1]
    rows = {} if named else {"$net$": (y + 0.36, FORWARD), "$o$": (y - 0.4, FORWARD)}
    if values["delta"] is not None:
        rows[r"$\delta$"] = (y - layout.delta_drop, GRADIENT)
    for word, (at, color) in rows.items():
        write(ax, x + 1.25, at, word, 0.42, color=color, ha="left")
    for j in range(1, sizes[0] + 1) if named else ():
        x, y = layout.neurons[0, j]
        arrow = rf"$x_{j}\,\rightarrow$"
        write(ax, x - 1.12, y, arrow, 0.5, color=FORWARD, ha="right")


_ON_LINE = {
    "zorder": 2,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.8},
}

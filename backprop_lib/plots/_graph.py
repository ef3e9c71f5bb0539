"""A computational graph: what depends on what, with slopes along the arrows."""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path

from ._labels import size_in_points, write
from ._style import FAINT, FORWARD, GRADIENT, INK, MUTED, dress, styled
from ._wording import short

_RADIUS = 34  # points, at most
_LEAST, _MOST, _PITCH = 4.0, 6.6, 3.3  # between columns; and between rows
_BEND = 0.27  # height of an arrow over the columns it skips, by its length
_PATCH = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


@dataclass(frozen=True)
class GraphDrawing:
    """What was drawn: circles by name, arrows by (from, to), texts by what they say,
    e.g. ("value", "x"), ("slope", "x") or ("edge", "x", "u")."""

    nodes: dict
    edges: dict
    texts: dict


@styled
def draw_graph(
    ax, edges, *, values=None, slopes=None, highlight=None, below=(), title=""
):
    """Draw a computational graph, each arrow from a quantity to one that needs it.

    A quantity stands one column after the last of those that it needs, and one that
    needs none stands just before it is needed, or `below` it. Its value is written in
    its circle, in blue; below it, in orange, the slope of the last quantity by this
    one, above it where an arrow comes from below.

    Parameters
    ----------
    ax : Axes
    edges : dict of (str, str) to float, str or None
        (from, to) to what is written on the arrow, most often the local slope.
    values, slopes : dict of str to float, optional
        By name; what is not given is not written.
    highlight : iterable of str and (str, str), optional
        Quantities and arrows; all else is drawn faintly.
    below : iterable of str, optional
        Quantities that need nothing and are needed once: they stand below the one
        that needs them, as the inputs of a network that is unrolled in time.
    title : str

    Returns
    -------
    GraphDrawing
        With ``nodes``, ``edges`` and ``texts``.

    Raises
    ------
    ValueError
        If there is no arrow, the arrows go round in a circle, a value, slope or
        highlight belongs to nothing in the graph, or one cannot stand below.

    Examples
    --------
    >>> from backprop_lib import plots
    >>> _, ax = plots.figure()
    >>> drawing = plots.draw_graph(ax, {("x", "u"): 2.0, ("u", "y"): -0.5})
    >>> list(drawing.nodes)
    ['x', 'u', 'y']
    >>> drawing.texts["edge", "x", "u"].get_text()
    '2.00'
    """
    heads = _heads_of(below, edges)
    columns = _columns_of(edges, heads)
    values, slopes = dict(values or {}), dict(slopes or {})
    chosen = None if highlight is None else set(highlight)
    _check_known({*columns, *edges}, values, slopes, chosen or ())
    places = _places_of(columns, edges, size_in_points(ax), heads)
    nodes, arrows, texts = {}, {}, {}
    for pair, label in edges.items():
        faint = chosen is not None and pair not in chosen
        arrows[pair], middle = _arrow(ax, pair, places, columns, faint)
        if label is not None and not faint:
            text = label if isinstance(label, str) else short(label)
            texts["edge", *pair] = write(ax, *middle, text, 0.46, bbox=_PATCH, zorder=2)
    for name, at in places.items():
        faint = chosen is not None and name not in chosen
        color = FAINT if faint else INK
        nodes[name] = ax.add_patch(
            Circle(at, 1.0, facecolor="white", edgecolor=color, linewidth=1.4, zorder=3)
        )
        side = 1 if name in heads.values() else -1
        texts |= _words(ax, name, at, values, slopes, side, faint)
    _frame(ax, places, columns, edges, slopes, heads)
    dress(ax, title)
    return GraphDrawing(nodes, arrows, texts)


def _check_known(known, *given):
    for names in given:
        for name in names:
            if name not in known:
                raise ValueError(f"there is no {name!r} in the graph")


def _arrow(ax, pair, places, columns, faint):
    start, end = (np.array(places[name], dtype=float) for name in pair)
    skips = columns[pair[1]] - columns[pair[0]] > 1
    middle = (start + end) / 2
    # straight to the next column; over those in between in a bow
    bow = np.array([0.0, 2 * _BEND * (end - start)[0] * skips])
    t = np.linspace(0, 1, 201)[:, None]
    curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * (middle + bow) + t**2 * end
    clear = (np.hypot(*(curve - start).T) > 1) & (np.hypot(*(curve - end).T) > 1.06)
    arrow = FancyArrowPatch(
        path=Path(curve[clear]),
        arrowstyle="-|>",
        mutation_scale=13,
        color=FAINT if faint else MUTED,
        linewidth=1.3,
        zorder=1,
    )
    return ax.add_patch(arrow), curve[100]


def _words(ax, name, at, values, slopes, side, faint):
    x, y = at
    color = MUTED if faint else INK
    lift = 0.34 if name in values else 0.0
    texts = {("name", name): write(ax, x, y + lift, f"${name}$", 0.58, color=color)}
    if name in values:
        text, color = short(values[name]), MUTED if faint else FORWARD
        texts["value", name] = write(ax, x, y - 0.38, text, 0.47, color=color)
    if name in slopes:
        text, color = short(slopes[name]), MUTED if faint else GRADIENT
        texts["slope", name] = write(ax, x, y + 1.42 * side, text, 0.47, color=color)
    for text in texts.values():
        text.set_zorder(4)
    return texts


def _frame(ax, places, columns, edges, slopes, heads):
    at = np.array(list(places.values()))
    bows = [
        places[a][1] / 2 + places[b][1] / 2 + _BEND * (places[b][0] - places[a][0])
        for a, b in edges
        if columns[b] - columns[a] > 1
    ]
    above = not set(slopes).isdisjoint(heads.values())
    low = at.min(axis=0) - (1.3, 1.9 if slopes else 1.3)
    right, top = at.max(axis=0)
    top += 1.9 if above else 1.3
    high = np.array([right + 1.3, max(top, max(bows, default=-9) + 0.6)])
    # as wide to high as the axes
    width, height = size_in_points(ax)
    unit = min(_RADIUS, *((width, height) / (high - low)))
    spare = ((width, height) / np.array(unit) - (high - low)) / 2
    (x0, y0), (x1, y1) = low - spare, high + spare
    ax.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal")
    ax.set_axis_off()


# Where the quantities stand.  The unit is the radius of a circle.


def _columns_of(edges, below=()):
    """Return {name: column}, in the order in which the names come first."""
    needs = {}
    for source, target in edges:
        needs.setdefault(source, [])
        needs.setdefault(target, []).append(source)
    if not needs:
        raise ValueError("edges is empty; expected at least one (from, to)")
    column = {}
    try:
        for name in TopologicalSorter(needs).static_order():
            before = [column[n] for n in needs[name] if n not in below]
            column[name] = 1 + max(before, default=-1)
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise ValueError(f"edges go round in a circle: {circle}") from None
    return {
        name: column[name]
        if needs[name]
        else min(column[b] for a, b in edges if a == name) - (name not in below)
        for name in needs
    }


def _heads_of(below, edges):
    """Return {name: the one that it stands below and leads to}."""
    heads = {}
    for name in below:
        targets = [b for a, b in edges if a == name]
        if len(targets) != 1 or any(b == name for _, b in edges):
            raise ValueError(
                f"what stands below needs nothing and is needed once, but {name!r} "
                f"does not: it leads to {targets}"
            )
        heads[name] = targets[0]
    return heads


def _places_of(columns, edges, size, heads):
    """Return {name: (x, y)}; a column's quantities stand evenly about its middle."""
    places, last = {}, max(1, *columns.values())
    # wide axes spread the columns
    step = np.clip((size[0] / _RADIUS - 2.6) / last, _LEAST, _MOST)
    for column in range(1 + last):
        names = [n for n in columns if columns[n] == column and n not in heads]
        before = {
            name: np.mean(
                [places[a][1] for a, b in edges if b == name and a in places] or [0.0]
            )
            for name in names
        }
        names.sort(key=lambda name: -before[name])
        for k, name in enumerate(names):
            row = (len(names) - 1) / 2 - k
            places[name] = (step * column, _PITCH * row)
    for name, head in heads.items():
        x, y = places[head][0], places[head][1] - _PITCH
        for other, at in places.items():
            if at[0] == x and abs(at[1] - y) < _PITCH:
                raise ValueError(f"no room for {name!r} below {head!r}: {other!r}")
        places[name] = (x, y)
    return places

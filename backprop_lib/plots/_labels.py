"""Words on a figure: at the ends of lines, in clear spots, on a log axis."""

import numpy as np
from matplotlib.text import Text
from matplotlib.ticker import (
    AutoLocator,
    FuncFormatter,
    LogLocator,
    NullLocator,
    ScalarFormatter,
)

from ._wording import short

_LINE = 14.5  # points from one label's middle to the next


def size_in_points(ax):
    """Return about how wide and high the axes are, or will be when laid out."""
    inches = np.array(ax.figure.get_size_inches())
    spec = ax.get_subplotspec()
    # The same before the layout is made and after, or a redrawn figure would jump.
    if spec is None or ax.figure.get_layout_engine() is None:
        box = ax.get_position()
        return 72 * inches * (box.width, box.height)
    rows, columns = spec.get_gridspec().get_geometry()
    share = np.array([len(spec.colspan) / columns, len(spec.rowspan) / rows])
    return 72 * (inches * share - 0.14)


def spread(wanted, gap, low, high):
    """Move the places as little as needed to stand `gap` apart in [low, high].

    >>> spread([0.0, 1.0, 9.0], 4.0, 0.0, 20.0)
    array([0., 4., 9.])
    """
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    # Least squares under y[k+1] - y[k] >= gap: pool neighbours that violate it.
    pools = []
    for value in np.asarray(wanted, dtype=float)[order] - steps:
        pools.append([value, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [[(a * m + b * n) / (m + n), m + n]]
    level = np.concatenate([np.full(n, value) for value, n in pools])
    placed = np.empty(len(wanted))
    placed[order] = np.clip(level, low, max(low, high - steps[-1])) + steps
    return placed


def label_ends(ax, lines, names):
    """Write each line's name beside its last visible point, apart from the others."""
    ends = [_last_visible(ax, line) for line in lines]
    named = [
        (*item, end)
        for *item, end in zip(lines, names, ends, strict=True)
        if end is not None
    ]
    if not named:
        return []
    height = 0.8 * size_in_points(ax)[1]
    to_axes = ax.transData + ax.transAxes.inverted()
    at = to_axes.transform([end for *_, end in named])
    shift = np.zeros(len(named))
    last = at[:, 0] > 0.97
    wanted = at[last, 1] * height
    if last.any():
        shift[last] = spread(wanted, _LINE, 0, height) - wanted
    return [
        ax.annotate(
            name,
            end,
            xytext=(7, dy),
            textcoords="offset points",
            va="center",
            color=line.get_color(),
            annotation_clip=False,
            zorder=5,
            bbox=None if is_last else _PATCH,
        )
        for (line, name, end), dy, is_last in zip(named, shift, last, strict=True)
    ]


_PATCH = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}


def _last_visible(ax, line):
    x, y = (
        np.ma.filled(np.ma.asarray(part, float), np.nan) for part in line.get_data()
    )
    low, high = sorted(ax.get_ylim())
    with np.errstate(invalid="ignore"):
        seen = np.flatnonzero(np.isfinite(y) & (y >= low) & (y <= high))
    return (x[seen[-1]], y[seen[-1]]) if seen.size else None


def label_near(ax, text, point, avoid, color):
    """Write `text` beside `point`, on the side farthest from the points `avoid`."""
    width, height = size_in_points(ax)
    to_axes = ax.transData + ax.transAxes.inverted()
    taken = to_axes.transform(avoid) * (width, height)
    start = to_axes.transform(point) * (width, height)
    half = np.array([3.4 * len(text), 9])
    spots = [start + (12 + half[0]) * dx * _RIGHT + 20 * dy * _UP for dx, dy in _AROUND]
    inside = [
        (spot > half).all() and (spot < (width, height) - half).all() for spot in spots
    ]
    room = [np.abs((taken - spot) / half).max(axis=1).min() for spot in spots]
    best = max(range(len(spots)), key=lambda k: (inside[k], min(room[k], 1.4), -k))
    return ax.annotate(
        text,
        point,
        xytext=spots[best] - start,
        textcoords="offset points",
        ha="center",
        va="center",
        color=color,
        zorder=6,
        bbox=_PATCH,
    )


_RIGHT, _UP = np.eye(2)
_AROUND = [(1, -1), (1, 1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1.2), (0, -1.2)]


def set_scale(axis, log):
    """Make one axis logarithmic, its ticks few and plainly written, or linear."""
    name = "log" if log else "linear"
    if axis.get_scale() != name:
        axis.axes.set(**{f"{axis.axis_name}scale": name})
        axis.set_minor_locator(NullLocator())
    if not log:
        axis.set_major_locator(AutoLocator())
        axis.set_major_formatter(ScalarFormatter())
        return
    low, high = sorted(axis.get_view_interval())
    subs = (1, 2, 5) if 0 < low and high / low < 60 else (1,)
    axis.set_major_locator(LogLocator(subs=subs, numticks=6))
    axis.set_major_formatter(FuncFormatter(_log_tick))


def _log_tick(value, _):
    if 0.001 <= value < 10_000:
        return f"{value:g}"
    exponent = int(np.floor(np.log10(value) + 1e-9))
    mantissa = round(value / 10.0**exponent)
    return f"$10^{{{exponent}}}$" if mantissa == 1 else short(value)


class ScaledText(Text):
    """Text whose font size is `height` units of its axes, at `most` so many points."""

    def __init__(self, x, y, text, *, height, most, **style):
        super().__init__(x, y, text, **style)
        self._height, self._most = height, most

    def draw(self, renderer):
        """Draw at the size that the axes have now."""
        (_, bottom), (_, top) = self.axes.transData.transform([(0, 0), (0, 1)])
        points = 72 / self.figure.dpi * abs(top - bottom)
        self.set_fontsize(min(self._most, self._height * points))
        super().draw(renderer)


def write(ax, x, y, text, height, *, most=40, ha="center", va="center", **style):
    """Write `text` at (x, y), its font `height` units of the axes high."""
    word = ScaledText(x, y, text, height=height, most=most, ha=ha, va=va, **style)
    # It stands inside the axes, so that nothing has to make room for it.
    word.set_in_layout(False)
    return ax.add_artist(word)

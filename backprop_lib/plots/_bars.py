"""Factors as bars that multiply."""

import numpy as np

from ._arrays import finite, pair, vector
from ._labels import size_in_points
from ._style import INK, MUTED, NEGATIVE, POSITIVE, dress, styled
from ._wording import short


@styled
def draw_factors(ax, factors, *, product="product", limits=None, title="", ylabel=""):
    """Draw factors as bars, and after an equals sign their product.

    The names stand under the bars and read as the formula does. A bar below zero
    is hatched; one beyond the limits is cut, its value still written.

    Parameters
    ----------
    ax : Axes
    factors : dict of str to float
        Name (mathtext between dollars may stand in it) to value, in order.
    product : str
        Name of the product.
    limits : (low, high), optional
        Of the vertical axis; fixed ones make bars comparable between drawings.
    title, ylabel : str

    Returns
    -------
    BarContainer
        One bar a factor, and the product's.

    Raises
    ------
    ValueError
        If there are no factors, or a value is not finite.

    Examples
    --------
    >>> from backprop_lib import plots
    >>> _, ax = plots.figure()
    >>> bars = plots.draw_factors(ax, {"a": 0.5, "b": -0.5})
    >>> [float(bar.get_height()) for bar in bars]
    [0.5, -0.5, -0.25]
    """
    names = [*map(str, factors), product]
    values = finite("factors", vector("factors", list(factors.values())))
    values = np.append(values, values.prod())
    at = np.append(np.arange(values.size - 1), values.size - 0.7)
    low, high = pair("limits", limits) or _room(values)
    bars = ax.bar(at, values, 0.56, zorder=2)
    for bar, value in zip(bars, values, strict=True):
        _paint(bar, value, is_product=bar is bars[-1])
    ax.axhline(0, color=INK, linewidth=1.2, zorder=3)
    ax.set(xlim=(-0.55, at[-1] + 0.55), ylim=(low, high), xticks=[])
    ax.grid(False, axis="x")
    _write(ax, at, values, names, (low, high))
    dress(ax, title, "", ylabel)
    return bars


def _room(values):
    # a fifth beyond the bars, for the numbers that stand over them
    low, high = min(values.min(), 0), max(values.max(), 0)
    span = (high - low) or 1.0
    return low - 0.2 * span * (low < 0), high + 0.2 * span * (high > 0 or low == 0)


def _paint(bar, value, is_product):
    color = NEGATIVE if value < 0 else POSITIVE
    bar.set(facecolor=color if is_product else color + "66", edgecolor=color)
    bar.set(linewidth=1.5, hatch="//" if value < 0 else None)
    if is_product and value < 0:
        bar.set(edgecolor="white")


def _write(ax, at, values, names, limits):
    low, high = limits
    for x, value in zip(at, values, strict=True):
        end = np.clip(value, low + 0.09 * (high - low), high - 0.09 * (high - low))
        below = value < 0
        cut = " ↑" if value > high else " ↓" if value < low else ""
        ax.annotate(
            short(value, sign=True) + cut,
            (x, end),
            xytext=(0, -3 if below else 3),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            weight="bold",
            color=INK,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.6},
        )
    signs = ["×"] * (len(at) - 2) + ["="]
    middles = (at[:-1] + at[1:]) / 2
    row = {"ha": "center", "va": "center", "xycoords": ax.get_xaxis_transform()}
    row |= {"textcoords": "offset points", "annotation_clip": False}
    pitch = size_in_points(ax)[0] / (at[-1] + 1.1)
    for x, name in zip(at, names, strict=True):
        ax.annotate(
            name, (x, 0), xytext=(0, -24), fontsize=_name_size(name, pitch), **row
        )
    for x, sign in zip(middles, signs, strict=True):
        ax.annotate(sign, (x, 0), xytext=(0, -24), fontsize=15, color=MUTED, **row)


def _name_size(name, pitch):
    # a fraction of partial derivatives is about 2.2 letters m wide
    width = 2.2 if "$" in name else 0.62 * max(len(name), 1)
    return min(16, 0.8 * pitch / width)

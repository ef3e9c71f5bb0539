"""What all drawings of lines share: names, gaps, styles and the vertical axis."""

from collections.abc import Mapping

import numpy as np

from ._arrays import numbers, pair, vector
from ._labels import set_scale
from ._style import LINES, PALETTE


def as_curves(name, value, labels=None):
    """Return a dict of name to (n,), numbered where there are no names."""
    if isinstance(value, Mapping):
        if labels is not None:
            raise ValueError(
                f"labels come from the keys of {name}; give one or the other"
            )
        keys, arrays = [str(key) for key in value], list(value.values())
    else:
        arrays = _split(name, value)
        keys = range(len(arrays)) if labels is None else [str(key) for key in labels]
    if not arrays or len(keys) != len(arrays):
        raise ValueError(
            f"{name} has {len(arrays)} curves and {len(keys)} labels; expected one "
            "label a curve, and at least one of both"
        )
    return {
        key: vector(f"{name} {key}", y) for key, y in zip(keys, arrays, strict=True)
    }


def drawable(name, y, log):
    """Return `y` with NaN where it cannot be drawn, or say that none of it can."""
    with np.errstate(invalid="ignore"):
        shown = np.where(np.isfinite(y) & ((y > 0) | (not log)), y, np.nan)
    if np.isnan(shown).all():
        kind = "positive finite" if log else "finite"
        raise ValueError(
            f"{name} holds no {kind} number in {y.size}; expected one at least"
        )
    return shown


def plot(ax, data, styles=None):
    """Plot (x, y) pairs, each in a colour and a line style of its own."""
    many = len(data) > len(PALETTE)
    lines = []
    for k, (x, y) in enumerate(data):
        color = PALETTE[0] if many else PALETTE[k]
        style = {"color": color, "linestyle": "-" if many else LINES[k]}
        style |= {"alpha": 0.5, "linewidth": 1.2} if many and styles is None else {}
        style |= {} if styles is None else styles[k]
        marker = "o" if np.count_nonzero(np.isfinite(y)) == 1 else None
        lines += ax.plot(x, y, marker=marker, **style)
    return lines


def set_y(ax, log, limits):
    """Set scale and limits of the vertical axis."""
    limits = pair("limits", limits)
    if log and limits and limits[0] <= 0:
        raise ValueError(
            f"limits is {limits}; expected positive ones for a logarithmic axis"
        )
    set_scale(ax.yaxis, log)
    ax.set_ylim(limits) if limits else ax.autoscale_view(scalex=False)
    set_scale(ax.yaxis, log)


def _split(name, value):
    if isinstance(value, (list, tuple)) and value and np.ndim(value[0]) == 1:
        return list(value)
    array = numbers(name, value)
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(
            f"{name} has shape {array.shape}; expected (n,) or (n, curves)"
        )
    return [array] if array.ndim == 1 else list(array.T)

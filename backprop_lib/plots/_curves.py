"""Curves over one axis, with a point and its tangent."""

import numpy as np

from ._arrays import finite, vector
from ._labels import label_ends, label_near
from ._lines import as_curves, drawable, plot, set_y
from ._style import INK, dress, styled
from ._wording import short


@styled
def draw_curve(
    ax,
    x,
    curves,
    *,
    point=None,
    slope=None,
    limits=None,
    log=False,
    xlabel="",
    ylabel="",
    title="",
):
    """Draw curves over one axis, each named at its end; mark a point and its tangent.

    Parameters
    ----------
    ax : Axes
    x : array (n,)
    curves : array (n,), or dict of name to array (n,)
    point : (x, y), optional
        A point to mark.
    slope : float, optional
        Slope of the tangent at `point`, drawn and written out.
    limits : (low, high), optional
        Of the vertical axis.
    log : bool
        A logarithmic vertical axis.
    xlabel, ylabel, title : str

    Returns
    -------
    list of Line2D
        The curves; after them the tangent and the point, where asked for.

    Raises
    ------
    ValueError
        If lengths differ, a curve has nothing to draw, or a slope has no point.

    Examples
    --------
    >>> import numpy as np
    >>> from backprop_lib import plots
    >>> x = np.linspace(-2, 2, 41)
    >>> _, ax = plots.figure()
    >>> curve, tangent, dot = plots.draw_curve(ax, x, x**2, point=(1, 1), slope=2)
    """
    x = finite("x", vector("x", x))
    if slope is not None and point is None:
        raise ValueError("slope needs the point it belongs to: give point=(x, y)")
    curves = as_curves("curves", curves)
    for name, y in curves.items():
        if y.size != x.size:
            raise ValueError(f"curve {name} has {y.size} values; expected {x.size}")
    shown = [(x, drawable(f"curve {name}", y, log)) for name, y in curves.items()]
    lines = plot(ax, shown)
    ax.set_xlim(x.min(), x.max() if x.max() > x.min() else x.min() + 1)
    set_y(ax, log, limits)
    dress(ax, title, xlabel, ylabel)
    if any(isinstance(name, str) for name in curves):
        label_ends(ax, lines, curves)
    if point is not None:
        lines += _mark(ax, lines, vector("point", point, 2), slope)
    return lines


def _mark(ax, curves, point, slope):
    wide, high = np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())
    box, added = (ax.get_xlim(), ax.get_ylim()), []
    seen = np.concatenate([line.get_xydata() for line in curves])
    seen = seen[np.isfinite(seen).all(axis=1)]
    if slope is not None:
        # as long on the page whatever the slope: 0.3 of the axes
        reach = 0.15 / np.hypot(1 / wide, slope / high)
        ends = point[0] + reach * np.array([-1, 1])
        # the tangent: y = y_0 + slope (x - x_0)
        added += ax.plot(
            ends,
            point[1] + slope * (ends - point[0]),
            color=INK,
            linewidth=2.4,
            zorder=4,
        )
        along = np.linspace(-reach, reach, 21)[:, None] * (1, slope)
        label_near(
            ax,
            f"slope {short(slope)}",
            point,
            np.concatenate([seen, point + along]),
            INK,
        )
    # A point on the edge is drawn whole; one outside is not drawn at all.
    outside = any(not low <= at <= high for at, (low, high) in zip(point, box))
    added += ax.plot(*point, "o", color=INK, markersize=8, zorder=5, clip_on=outside)
    ax.set(xlim=box[0], ylim=box[1])
    return added

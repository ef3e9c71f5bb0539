"""A loss over two weights as a map of heights, and a path down it."""

import numpy as np

from ._arrays import finite, matrix, numbers, vector
from ._style import GRADIENT, HEIGHT, dress, styled


@styled
def draw_loss_surface(
    ax,
    w1,
    w2,
    loss,
    path=None,
    *,
    levels=12,
    xlabel="$w_1$",
    ylabel="$w_2$",
    title="",
):
    """Draw a loss over two weights as a map of heights, and a path down it.

    The heights of the lines grow as squares, so that a quadratic bowl shows as
    rings that are evenly spaced.

    Parameters
    ----------
    ax : Axes
    w1 : array (n,)
    w2 : array (m,)
        Both increasing.
    loss : array (m, n)
        ``loss[j, i]`` is the loss at ``w1[i], w2[j]``.
    path : array (steps, 2), optional
        Weights visited, from a ring to a star.
    levels : int
        How many bands.
    xlabel, ylabel, title : str

    Returns
    -------
    bands : ContourSet
    path : Line2D or None

    Raises
    ------
    ValueError
        If shapes do not fit or the loss is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from backprop_lib import plots
    >>> w = np.linspace(-1, 1, 21)
    >>> _, ax = plots.figure()
    >>> bands, _ = plots.draw_loss_surface(ax, w, w, w**2 + w[:, None] ** 2)
    """
    w1, w2 = finite("w1", vector("w1", w1)), finite("w2", vector("w2", w2))
    loss = finite("loss", numbers("loss", loss))
    if loss.shape != (w2.size, w1.size) or min(loss.shape) < 2:
        raise ValueError(
            f"loss has shape {loss.shape}; expected (len(w2), len(w1)) = "
            f"{(w2.size, w1.size)}, each at least 2"
        )
    path = None if path is None else matrix("path", path, 2)
    low, high = loss.min(), loss.max()
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        high = low + 1.0  # a flat loss: one band
    # L_k = L_min + (L_max - L_min) (k / levels)^2
    heights = low + (high - low) * np.linspace(0, 1, levels + 1) ** 2
    shades = HEIGHT(np.linspace(0, 1, levels))
    bands = ax.contourf(w1, w2, loss, heights, colors=shades)
    if np.ptp(loss) > 0.5 * (high - low):
        lines = ax.contour(
            w1, w2, loss, heights[1:-1], colors="#6C8299", linewidths=0.7
        )
        _write_heights(ax, lines, [] if path is None else path)
    ax.set(xlim=(w1[0], w1[-1]), ylim=(w2[0], w2[-1]))
    ax.grid(False)
    dress(ax, title, xlabel, ylabel)
    return bands, None if path is None else _path(ax, path)


def _path(ax, path):
    [line] = ax.plot(*path.T, ".-", color=GRADIENT, linewidth=1.6, markersize=5)
    ends = {"markeredgecolor": GRADIENT, "zorder": 5}
    ax.plot(
        *path[0], "o", markersize=9, markerfacecolor="white", markeredgewidth=2, **ends
    )
    ax.plot(*path[-1], "*", markersize=15, markerfacecolor=GRADIENT, **ends)
    return line


def _write_heights(ax, lines, path):
    # every third line, well inside the axes, far from the path and other numbers
    to_axes = ax.transData + ax.transAxes.inverted()
    taken = [np.array([2.0, 2.0]), *to_axes.transform(path)] if len(path) else []
    for k in range(1, len(lines.levels), 3):
        spots = to_axes.transform(lines.get_paths()[k].vertices)
        spots = spots[((spots > 0.07) & (spots < 0.93)).all(axis=1)]
        room = [min((np.hypot(*(s - o)) for o in taken), default=1) for s in spots[::4]]
        if not room or max(room) < 0.1:
            continue
        taken.append(spots[::4][np.argmax(room)])
        x, y = to_axes.inverted().transform(taken[-1])
        ax.text(
            x,
            y,
            f"{lines.levels[k]:.2g}",
            fontsize=9,
            ha="center",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.6},
        )

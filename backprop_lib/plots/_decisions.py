"""What a network decides over the plane of its two inputs, and the data there."""

import numpy as np
from matplotlib.lines import Line2D

from ._arrays import finite, matrix, numbers, pair
from ._labels import size_in_points
from ._style import CLASSES, INK, MARKERS, PALETTE, dress, styled


@styled
def draw_decision_boundary(
    ax,
    predict,
    x,
    t,
    *,
    limits=None,
    resolution=100,
    names=None,
    xlabel="$x_1$",
    ylabel="$x_2$",
    title="",
):
    """Draw what a network predicts over the plane, and the data on it.

    Its one output, between 0 and 1, in bands of 0.1, and the line where it is 0.5.

    Parameters
    ----------
    ax : Axes
    predict : callable
        Takes (n, 2), returns (n, 1) or (n,).
    x : array (n, 2)
    t : array (n,) or (n, 1) of class numbers 0 and 1
    limits : ((low, high), (low, high)), optional
        Of both axes; else the data's and a tenth more.
    resolution : int
        Points along each axis at which `predict` is asked.
    names : list of str, optional
        Of the two classes.
    xlabel, ylabel, title : str

    Returns
    -------
    bands, boundary : ContourSet
        `boundary` is None where no boundary runs through the limits.
    points : list of two Line2D

    Raises
    ------
    ValueError
        If shapes do not fit, or `predict` returns what is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from backprop_lib import plots
    >>> x, t = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    >>> _, ax = plots.figure()
    >>> drawn = plots.draw_decision_boundary(ax, lambda x: x[:, :1], x, t)
    """
    x = finite("x", matrix("x", x, 2))
    of_class = _class_numbers(t, len(x))
    (left, right), (bottom, top) = _limits(limits, x)
    across = np.linspace(left, right, resolution)
    up = np.linspace(bottom, top, resolution)
    field = _ask(predict, across, up)
    names = ["$t = 0$", "$t = 1$"] if names is None else list(names)
    if len(names) != 2:
        raise ValueError(f"names is {names}; expected two, one a class")
    # twenty shades would look smoother; ten can be counted
    levels = np.linspace(0, 1, 11)
    bands = ax.contourf(across, up, field, levels, cmap=CLASSES, extend="both")
    boundary = None
    if field.min() < 0.5 < field.max():
        boundary = ax.contour(across, up, field, [0.5], colors=INK, linewidths=2)
    points = [_points(ax, x[of_class == k], k, names[k]) for k in range(2)]
    ax.set(xlim=(left, right), ylim=(bottom, top))
    ax.grid(False)
    rows = _key(ax, points, names, boundary)
    dress(ax, title, xlabel, ylabel, pad=10 + 17 * rows)
    return bands, boundary, points


def _class_numbers(t, n):
    t = numbers("t", t)
    if t.shape not in ((n,), (n, 1)):
        raise ValueError(
            f"t has shape {t.shape}; expected ({n},) or ({n}, 1), one row for each of x"
        )
    numbered = t.reshape(n)
    if not np.isin(numbered, (0, 1)).all():
        raise ValueError(
            f"t begins with {numbered[:5]}; expected class numbers, 0 and 1"
        )
    return numbered.astype(int)


def _limits(limits, x):
    if limits is None:
        low, high = x.min(axis=0), x.max(axis=0)
        margin = 0.1 * np.where(high > low, high - low, 10.0)
        return np.column_stack([low - margin, high + margin])
    if len(limits) != 2:
        raise ValueError(f"limits is {limits}; expected ((low, high), (low, high))")
    return [pair("limits", side) for side in limits]


def _ask(predict, across, up):
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    answer = numbers("the answer of predict", predict(grid))
    if answer.shape not in ((len(grid),), (len(grid), 1)):
        raise ValueError(
            f"predict returned shape {answer.shape}; expected (n, 1) or (n,) for "
            f"n = {len(grid)}"
        )
    finite("the answer of predict", answer)
    return answer.reshape(up.size, across.size)


def _points(ax, x, k, name):
    [points] = ax.plot(
        *x.T,
        MARKERS[k],
        color=PALETTE[k],
        markeredgecolor="white",
        markeredgewidth=0.8,
        markersize=7,
        label=name,
        zorder=4,
    )
    return points


def _key(ax, points, names, boundary):
    handles = list(points)
    if boundary is not None:
        handles.append(Line2D([], [], color=INK, linewidth=2, label="0.5"))
    # a column takes its words and some 32 points for marker and gaps
    widest = 32 + 6.3 * max(len(name.strip("$")) for name in names)
    columns = int(np.clip(0.82 * size_in_points(ax)[0] // widest, 1, len(handles)))
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        borderaxespad=0.2,
        borderpad=0.1,
        handlelength=1.2,
    )
    return -(-len(handles) // columns)

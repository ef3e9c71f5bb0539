"""What a network decides over the plane of its two inputs, and the data there."""

import numpy as np
from matplotlib.lines import Line2D

from ._arrays import finite, matrix, numbers, pair
from ._labels import size_in_points
from ._style import CLASSES, INK, MARKERS, PALETTE, TINTS, dress, styled


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

    One output: its value in bands of 0.1, and the line where it is 0.5. Several:
    the class with the largest output, and the lines between.

    Parameters
    ----------
    ax : Axes
    predict : callable
        Takes (n, 2), returns (n, 1), (n,) or (n, classes).
    x : array (n, 2)
    t : array (n,) or (n, 1) of class numbers, or (n, classes) with a 1 in each row
    limits : ((low, high), (low, high)), optional
        Of both axes; else the data's and a tenth more.
    resolution : int
        Points along each axis at which `predict` is asked.
    names : list of str, optional
        One a class.
    xlabel, ylabel, title : str

    Returns
    -------
    bands, boundary : ContourSet
        `boundary` is None where no boundary runs through the limits.
    points : list of Line2D
        One a class.

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
    classes = max(2, len(field), of_class.max() + 1)
    names = [f"$t = {k}$" for k in range(classes)] if names is None else list(names)
    if len(names) < classes or classes > len(MARKERS):
        raise ValueError(
            f"at most {len(MARKERS)} classes can be drawn, and each needs a "
            f"name: {classes} classes, {len(names)} names"
        )
    draw = _bands if len(field) == 1 else _regions
    bands, boundary = draw(ax, across, up, field)
    points = [_points(ax, x[of_class == k], k, names[k]) for k in range(classes)]
    ax.set(xlim=(left, right), ylim=(bottom, top))
    ax.grid(False)
    rows = _key(ax, points, names, boundary, len(field))
    dress(ax, title, xlabel, ylabel, pad=10 + 17 * rows)
    return bands, boundary, points


def _class_numbers(t, n):
    t = numbers("t", t)
    if t.ndim == 2 and t.shape[1] > 1 and len(t) == n:
        return t.argmax(axis=1)
    if t.shape not in ((n,), (n, 1)):
        raise ValueError(
            f"t must have shape ({n},), ({n}, 1) or ({n}, classes), "
            f"one row for each of x, got {t.shape}"
        )
    numbered = t.reshape(n)
    if (numbered != np.round(numbered)).any() or numbered.min() < 0:
        raise ValueError(f"t must hold class numbers 0, 1, ..., got {numbered[:5]}")
    return numbered.astype(int)


def _limits(limits, x):
    if limits is None:
        low, high = x.min(axis=0), x.max(axis=0)
        margin = 0.1 * np.where(high > low, high - low, 10.0)
        return np.column_stack([low - margin, high + margin])
    if len(limits) != 2:
        raise ValueError(f"limits must be ((low, high), (low, high)), got {limits}")
    return [pair("limits", side) for side in limits]


def _ask(predict, across, up):
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    answer = numbers("the answer of predict", predict(grid))
    if answer.shape == (len(grid),):
        answer = answer[:, None]
    if answer.ndim != 2 or len(answer) != len(grid):
        raise ValueError(
            f"predict must return (n, 1) or (n, classes) for n = {len(grid)}, "
            f"got {answer.shape}"
        )
    finite("the answer of predict", answer)
    return answer.T.reshape(-1, up.size, across.size)


def _bands(ax, across, up, field):
    # twenty shades would look smoother; ten can be counted
    levels = np.linspace(0, 1, 11)
    bands = ax.contourf(across, up, field[0], levels, cmap=CLASSES, extend="both")
    inside = field[0].min() < 0.5 < field[0].max()
    line = {"colors": INK, "linewidths": 2}
    return bands, ax.contour(across, up, field[0], [0.5], **line) if inside else None


def _regions(ax, across, up, field):
    winner = field.argmax(axis=0)
    levels = np.arange(len(field) + 1) - 0.5
    tints = [TINTS[k % len(TINTS)] for k in range(len(field))]
    bands = ax.contourf(across, up, winner, levels, colors=tints)
    boundary = None
    for k in np.unique(winner) if np.ptp(winner) else ():
        # class k wins where its output less the best of the others is positive
        lead = field[k] - np.delete(field, k, axis=0).max(axis=0)
        boundary = ax.contour(across, up, lead, [0], colors=INK, linewidths=2)
    return bands, boundary


def _points(ax, x, k, name):
    [points] = ax.plot(
        *x.T,
        MARKERS[k],
        color=PALETTE[k % len(PALETTE)],
        markeredgecolor="white",
        markeredgewidth=0.8,
        markersize=7,
        label=name,
        zorder=4,
    )
    return points


def _key(ax, points, names, boundary, outputs):
    handles = list(points)
    if boundary is not None and outputs == 1:
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

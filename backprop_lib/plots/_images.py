"""Little images in a grid: digits, or the weights of a layer."""

import numpy as np
from matplotlib.collections import LineCollection

from ._arrays import finite, numbers, pair
from ._labels import size_in_points, write
from ._style import AMOUNT, FAINT, SIGNED, dress, styled


@styled
def draw_images(
    ax, images, labels=None, *, columns=None, signed=None, limits=None, title=""
):
    """Draw images in a grid, all on one scale of brightness.

    Parameters
    ----------
    ax : Axes
    images : array (n, height, width) or (n, pixels)
        Rows of pixels are taken as square images. For a layer's weights, give
        ``weights[0].T``.
    labels : list of str, optional
        One a image, written over it.
    columns : int, optional
        Images in a row; else as many as make them largest.
    signed : bool, optional
        A scale with 0 in its middle, green above and purple below; else from
        white to black. By default signed where a value is negative.
    limits : (low, high), optional
        Values at the ends of the scale.
    title : str

    Returns
    -------
    AxesImage
        The grid, with the images in it.

    Raises
    ------
    ValueError
        If the shape is another, values are not finite or labels do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from backprop_lib import plots
    >>> _, ax = plots.figure()
    >>> image = plots.draw_images(ax, np.eye(64)[:4], ["0", "1", "2", "3"])
    """
    images = _as_images(images)
    n, high, wide = images.shape
    if labels is not None and len(labels) != n:
        raise ValueError(f"there are {len(labels)} labels; expected {n}, one an image")
    over = round(0.5 * high) if labels is not None else 0
    pitch = wide + max(1, wide // 8), high + max(1, high // 8, over)
    columns = columns or _best_columns(n, pitch, size_in_points(ax))
    if columns < 1:
        raise ValueError(f"columns is {columns}; expected at least 1")
    corners = _corners(n, columns, pitch)
    signed = bool(images.min() < 0) if signed is None else signed
    low, top = pair("limits", limits) or _brightness(images, signed)
    grid = ax.imshow(
        _mosaic(images, corners),
        cmap=SIGNED if signed else AMOUNT,
        vmin=low,
        vmax=top,
        interpolation="nearest",
    )
    _frame(ax, corners, wide, high)
    if labels is not None:
        _caption(ax, corners, wide, over, labels)
        ax.set_ylim(ax.get_ylim()[0], -0.5 - over)
    ax.set_axis_off()
    dress(ax, title)
    return grid


def _as_images(images):
    images = finite("images", numbers("images", images))
    side = round(np.sqrt(images.shape[-1])) if images.ndim else 0
    if images.ndim == 2 and side * side == images.shape[1]:
        images = images.reshape(-1, side, side)
    if images.ndim != 3 or images.size == 0:
        raise ValueError(
            f"images has shape {images.shape}; expected (n, height, width), or "
            "(n, pixels) with a square number of pixels"
        )
    return images


def _best_columns(n, pitch, size):
    def scale(columns):
        rows = -(-n // columns)
        return min(size[0] / (columns * pitch[0]), size[1] / (rows * pitch[1]))

    return max(range(1, n + 1), key=scale)


def _corners(n, columns, pitch):
    row, column = np.divmod(np.arange(n), columns)
    return np.column_stack([column * pitch[0], row * pitch[1]])


def _mosaic(images, corners):
    _, high, wide = images.shape
    across, down = corners.max(axis=0) + np.array([wide, high])
    grid = np.full((down, across), np.nan)
    for image, (x, y) in zip(images, corners, strict=True):
        grid[y : y + high, x : x + wide] = image
    return np.ma.masked_invalid(grid)


def _brightness(images, signed):
    size = np.abs(images).max() or 1.0
    if signed:
        return -size, size
    low, high = images.min(), images.max()
    return (low, high) if low < high else (0.0, size)


def _frame(ax, corners, wide, high):
    square = np.array([[0, 0], [wide, 0], [wide, high], [0, high], [0, 0]]) - 0.5
    outlines = corners[:, None, :] + square
    ax.add_collection(
        LineCollection(outlines, colors=FAINT, linewidths=0.6, clip_on=False),
        autolim=False,
    )


def _caption(ax, corners, wide, over, labels):
    for (x, y), label in zip(corners, labels, strict=True):
        at = x + wide / 2 - 0.5, y - 0.5 - 0.15 * over
        write(ax, *at, str(label), 0.72 * over, most=11, va="baseline")

"""The confusion matrix, with its counts."""

import numpy as np
from matplotlib.colors import to_rgb

from ._arrays import matrix
from ._scaled_text import write
from ._style import FORWARD, GRADIENT, INK, dress, styled


@styled
def draw_confusion(ax, counts, names=None, *, title=""):
    """Draw a confusion matrix with its counts: right ones blue, wrong ones orange.

    Parameters
    ----------
    ax : Axes
    counts : array (classes, classes)
        ``counts[i, j]`` counts examples of class i that were taken for class j.
    names : list of str, optional
        One a class; else their numbers.
    title : str

    Returns
    -------
    AxesImage

    Raises
    ------
    ValueError
        If `counts` is not square or a count is negative or not whole.

    Examples
    --------
    >>> from backprop_lib import plots
    >>> _, ax = plots.figure()
    >>> image = plots.draw_confusion(ax, [[9, 1], [0, 10]])
    """
    counts = _as_counts(counts)
    classes = len(counts)
    names = range(classes) if names is None else names
    if len(names) != classes:
        raise ValueError(f"names must name {classes} classes, got {len(names)}")
    colors = _confusion_colors(counts)
    image = ax.imshow(colors, interpolation="nearest")
    for (i, j), count in np.ndenumerate(counts):
        ink = max((INK, "white"), key=lambda c: _contrast(c, colors[i, j]))
        word = write(ax, j, i, f"{count:g}", 0.44, most=13, color=ink)
        word.set_alpha(1 if count else 0.55)
    ax.set_xticks(range(classes), names)
    ax.set_yticks(range(classes), names)
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    dress(ax, title, "predicted", "true")
    return image


def _as_counts(value):
    counts = matrix("counts", value)
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"counts must be square, got {counts.shape}")
    if (counts != np.round(counts)).any() or counts.min() < 0:
        raise ValueError(
            "counts must be whole, 0, 1, 2, ..., "
            f"got values from {counts.min():g} to {counts.max():g}"
        )
    return counts


def _confusion_colors(counts):
    # by its share of the row; the root lets a single mistake be seen
    share = np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))[
        ..., None
    ]
    right = np.eye(len(counts), dtype=bool)[..., None]
    full = np.where(right, to_rgb(FORWARD), to_rgb(GRADIENT))
    return 1 - share * (1 - full)


def _contrast(a, b):
    # WCAG 2.2: (L_light + 0.05) / (L_dark + 0.05), L the relative luminance
    rgb = np.array([to_rgb(a), to_rgb(b)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ (0.2126, 0.7152, 0.0722))
    return (light + 0.05) / (dark + 0.05)

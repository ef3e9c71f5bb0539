"""The confusion matrix, with its counts."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from ._arrays import matrix
from ._style import INK, TINTS, dress, styled

# Light enough at its end for ink to be read on it.
_SHARES = LinearSegmentedColormap.from_list("shares", ["white", TINTS[0]])


@styled
def draw_confusion(ax, counts, names=None, *, title=""):
    """Draw a confusion matrix with its counts, as scikit-learn's display does.

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
    from sklearn.metrics import ConfusionMatrixDisplay

    counts = _as_counts(counts)
    if names is not None and len(names) != len(counts):
        raise ValueError(
            f"there are {len(names)} names; expected {len(counts)}, one a class"
        )
    ConfusionMatrixDisplay(counts, display_labels=names).plot(
        ax=ax,
        cmap=_SHARES,
        colorbar=False,
        text_kw={"color": INK},
        # The root lets a single mistake be seen.
        im_kw={"norm": PowerNorm(0.5), "interpolation": "nearest"},
    )
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    dress(ax, title, "predicted", "true")
    return ax.images[-1]


def _as_counts(value):
    counts = matrix("counts", value)
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"counts has shape {counts.shape}; expected a square")
    if (counts != np.round(counts)).any() or counts.min() < 0:
        raise ValueError(
            f"counts runs from {counts.min():g} to {counts.max():g}; expected whole "
            "numbers from 0 up"
        )
    return counts.astype(int)

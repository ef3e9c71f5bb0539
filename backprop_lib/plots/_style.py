"""The book's style, its colours, and the decorator that draws in them."""

import functools
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

_FAMILIES = (
    "axes axes3d boxplot contour date errorbar figure font grid hatch hist image "
    "legend lines markers mathtext patch path pcolor pcolormesh polar savefig "
    "scatter svg text xaxis xtick yaxis ytick"
).split()
_BOOK = matplotlib.rc_params_from_file(
    Path(__file__).parents[1] / "book.mplstyle", use_default_template=False
)
# Matplotlib's own defaults come first, so that no reader's settings leak in.
_STYLE = {
    name: value
    for name, value in matplotlib.rcParamsDefault.items()
    if name.split(".")[0] in _FAMILIES
} | dict(_BOOK)

#: Six colours, told apart by every kind of colour vision; 4.5:1 on white.
PALETTE = tuple(_BOOK["axes.prop_cycle"].by_key()["color"])
LINES = ("-", (0, (5, 1.6)), (0, (1.4, 1.4)), "-.", (0, (8, 2, 1, 2, 1, 2)), "--")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
INK, MUTED, FAINT = "#1F2430", "#5A6070", "#B4B9C4"
FORWARD, GRADIENT = PALETTE[0], PALETTE[1]
POSITIVE, NEGATIVE = PALETTE[2], PALETTE[3]
TINTS = ("#B9D5EA", "#F6CBAE", "#B5DCCF", "#E7C3D8", "#D9CF9E", "#C9CCD3")

SIGNED = LinearSegmentedColormap.from_list("signed", [NEGATIVE, "white", POSITIVE])
AMOUNT = LinearSegmentedColormap.from_list("amount", ["white", INK])
CLASSES = LinearSegmentedColormap.from_list("classes", [TINTS[0], "white", TINTS[1]])
DEPTH = LinearSegmentedColormap.from_list("depth", [INK, FORWARD, "#3E8AC4"])
HEIGHT = LinearSegmentedColormap.from_list("height", ["#FFFFFF", "#DCE6EF", "#9DB9D0"])


def book_style():
    """Return a context in which the book's style holds, and after it no more.

    Examples
    --------
    >>> import matplotlib
    >>> from backprop_lib import plots
    >>> with plots.book_style():
    ...     lines = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    >>> tuple(lines) == plots.PALETTE
    True
    """
    return matplotlib.rc_context(_STYLE)


def styled(draw):
    """Run ``draw(ax, ...)`` in the book's style, on axes ready for it."""

    @functools.wraps(draw)
    def draw_in_style(ax, *args, **kwargs):
        if not isinstance(ax, Axes):
            raise ValueError(
                f"{draw.__name__}: ax is of type {type(ax).__name__}; expected Axes, "
                "such as plots.figure() returns"
            )
        with book_style():
            _make_ready(ax, draw.__name__)
            return draw(ax, *args, **kwargs)

    return draw_in_style


def _make_ready(ax, drawer):
    # Swept axes keep their ticks, which are slow to make, for the same kind of
    # drawing; another kind starts from scratch.
    if getattr(ax, "_swept_from", None) not in (None, drawer):
        ax.clear()
    ax._swept_from = None
    ax._drawer = drawer


def mark_swept(ax):
    """Keep in mind what drew on the axes whose drawing has just been removed."""
    ax._swept_from = getattr(ax, "_drawer", None)


def dress(ax, title="", xlabel="", ylabel="", pad=None):
    """Write the title and the names of the axes."""
    ax.set_title(title, pad=pad)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)

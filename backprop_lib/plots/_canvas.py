"""A figure in the book's style that shows itself, and sweeping it clean."""

import base64
import io

import matplotlib.figure
import numpy as np

from ._style import book_style, mark_swept

_COLUMN = 6.88  # inches: the 688 px of the text column at 100 dpi


class Figure(matplotlib.figure.Figure):
    """A figure that is drawn in the book's style and that no state machine holds."""

    def draw(self, renderer):
        """Draw in the book's style: ticks are made as late as this."""
        with book_style():
            super().draw(renderer)

    def savefig(self, *args, **kwargs):
        """Save as `matplotlib.figure.Figure.savefig` does, in the book's style."""
        with book_style():
            super().savefig(*args, **kwargs)

    def _ipython_display_(self):
        from IPython.display import display

        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        image = base64.b64encode(buffer.getvalue()).decode()
        # A width alone: the page may still shrink it, and keep its shape.
        width = {"image/png": {"width": round(self.bbox.width)}}
        display(
            {"image/png": image, "text/plain": repr(self)}, metadata=width, raw=True
        )


def figure(width=_COLUMN, height=None, *, columns=1, rows=1):
    """Make a figure in the book's style, with its axes.

    It belongs to no pyplot: nothing has to be closed, and a notebook shows it
    where a cell ends with it.

    Parameters
    ----------
    width, height : float
        In inches at 100 dpi; as wide as the text, and 3.3 for each row.
    columns, rows : int
        How many panels.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : Axes, or array of Axes
        One; or an array (columns,), (rows,) or (rows, columns).

    Raises
    ------
    ValueError
        If a size is not positive or there is no panel.

    Examples
    --------
    >>> from backprop_lib import plots
    >>> plots.figure()[0]
    <Figure size 688x330 with 1 Axes>
    """
    height = 3.3 * rows if height is None else height
    if not (width > 0 and height > 0):
        raise ValueError(f"width and height are {width} and {height}; expected above 0")
    with book_style():
        made = Figure(figsize=(width, height))
    return made, panels(made, columns=columns, rows=rows)


def panels(figure, *, columns=1, rows=1, hold=True):
    """Return the figure's axes swept clean, for the next drawing on it.

    The first call makes them. Later ones keep axes, ticks and, with `hold`, the
    place they were given, so that a redrawn figure is quick and does not jump.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Best one of `figure`'s.
    columns, rows : int
        How many panels; another number than before makes them anew.
    hold : bool
        Keep the layout of the first drawing.

    Returns
    -------
    Axes, or array of Axes
        As from `figure`.

    Raises
    ------
    ValueError
        If there is no panel, or `figure` is none.
    """
    if not isinstance(figure, matplotlib.figure.FigureBase):
        raise ValueError(
            f"figure is of type {type(figure).__name__}; expected a Figure"
        )
    if columns < 1 or rows < 1:
        raise ValueError(
            f"rows x columns is {rows} x {columns}; expected at least 1 x 1"
        )
    with book_style():
        if has_panels(figure) and figure._panels.shape == (rows, columns):
            _sweep(figure, figure._panels, hold)
        else:
            _make_panels(figure, rows, columns)
        axes = figure._panels
    return axes.item() if axes.size == 1 else np.squeeze(axes)


def has_panels(figure):
    """Return whether `panels` made the axes of a figure, and so sweeps them itself.

    Once the figure is cleared, it has none.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Any.

    Returns
    -------
    bool

    Examples
    --------
    >>> from backprop_lib import plots
    >>> figure, _ = plots.figure(columns=2)
    >>> plots.has_panels(figure)
    True
    >>> figure.clear()
    >>> plots.has_panels(figure)
    False
    """
    axes = getattr(figure, "_panels", None)
    return axes is not None and set(axes.flat) <= set(figure.axes)


def _make_panels(figure, rows, columns):
    figure.clear()
    figure._panels = figure.subplots(rows, columns, squeeze=False)
    if figure.get_layout_engine() is not None:
        figure.set_layout_engine("constrained")


def _sweep(figure, axes, hold):
    drawn = any(ax.has_data() for ax in axes.flat)
    for ax in axes.flat:
        for artist in [*ax.lines, *ax.patches, *ax.collections, *ax.images, *ax.texts]:
            artist.remove()
        if ax.get_legend():
            ax.get_legend().remove()
        ax.set_prop_cycle(None)
        ax.relim()
        ax.autoscale(True)
        mark_swept(ax)
    for extra in set(figure.axes) - set(axes.flat):
        extra.remove()
    if hold and drawn and figure.get_layout_engine() is not None:
        figure.set_layout_engine("none")

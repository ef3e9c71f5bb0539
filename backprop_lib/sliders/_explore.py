"""One description of a figure, shown as the place it is shown in allows."""

import base64
import os

from .._watched import is_watched
from ._names import check_names
from ._shown import Shown
from ._words import in_words
from .book import STILL, SWITCH
from .controls import read_controls
from .drawing import Drawing
from .grid import Grid


def explore(
    draw,
    /,
    *,
    start=None,
    alt=None,
    caption="",
    play=None,
    labels=None,
    size=(6.88, 3.3),
    **values,
):
    """Show a figure with one to three controls that redraw it.

    With a kernel and a reader the controls are widgets. A run that nobody watches
    (nbconvert, papermill, nbclient) shows the figure as it starts, and in words.
    So does a notebook that is exported, and a kernel without ipywidgets.

    Parameters
    ----------
    draw : callable
        ``draw(figure, **values)`` draws on the figure it is given, always the
        same one. Axes from ``plots.panels(figure)`` are swept and kept, which is
        quick; without them the figure is cleared first.
    start : dict, optional
        Control name to the value it starts at; else its first.
    alt : callable, optional
        ``alt(**values)`` says what is to be seen, with the number that matters.
    caption : str
        The question that the controls answer; ``$...$`` and backquotes are set.
    play : str, optional
        A control of numbers that gets a button to step through it.
    labels : dict, optional
        Control name to the words beside it; else the name.
    size : (width, height)
        A tuple, of the figure in inches at 100 dpi; the text column is 6.88 wide.
    **values : list
        One to three controls in this order. Numbers make a slider, evenly spaced
        by place on the list, so that a list on a log scale makes a log slider;
        strings make buttons, or a list if they are more than four. A control
        cannot be called ``figure``, nor by a name above but ``draw``: call it
        ``the_size``, and give ``labels={"the_size": "size"}``.

    Returns
    -------
    object
        What the cell shows when it ends with it; its ``repr`` is in words.

    Raises
    ------
    ValueError
        If a control has no values, or repeated, mixed or not finite ones; a start
        is not among them; there are not one to three controls, or over 400
        frames; `draw` or `alt` does not take the controls' names, or a control has
        one that is taken.
    RuntimeError
        If `draw` or `alt` fails or does nothing at one combination: at the start
        always, at the others when the book is built.

    Examples
    --------
    >>> def draw(figure, weight):
    ...     figure.subplots().bar(["weight"], [weight])
    >>> explore(draw, weight=[-1, 0, 1], start={"weight": 1},
    ...         alt=lambda weight: f"A bar up to {weight}.")
    Figure with a slider: weight, 3 values from −1 to 1.
    At weight = 1: A bar up to 1.
    """
    own = {"start": start, "alt": alt, "caption": caption, "play": play}
    check_names(draw, values, **own, labels=labels, size=size)
    grid = Grid(read_controls(values, start, labels, play))
    book = os.environ.get(SWITCH)
    drawing = Drawing(grid, draw, alt, size, strict=book is not None)
    alternative = drawing.words(grid.start)
    words = in_words(grid, alternative, caption)
    data = {"image/png": base64.b64encode(drawing.still).decode()}
    if book is None and is_watched():
        data |= _widgets(drawing, caption, words)
    elif book == STILL:
        print(words)  # a page on paper shows the picture alone
    elif book is not None:
        from .page import page

        data |= page(drawing, caption, book)
    return Shown(words, data, alternative, drawing.width)


def _widgets(drawing, caption, words):
    """Return the widgets by mimetype; without ipywidgets say what is missing."""
    try:
        from .live import live
    except ModuleNotFoundError as error:
        if error.name != "ipywidgets":
            raise
        print(f"{words}\nIts controls need ipywidgets, which is not installed.")
        return {}
    return live(drawing, caption)._repr_mimebundle_()

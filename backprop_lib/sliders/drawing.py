"""One figure, drawn anew for each combination of values."""

import inspect
import io
import warnings
from contextlib import contextmanager
from functools import cached_property

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from backprop_lib import plots

FINE, QUICK = 200, 150  # dots per inch: of what is kept, and of what is redrawn


class Drawing:
    """The figure, what draws on it, and what says it in words."""

    def __init__(self, grid, draw, alt, size, *, strict=False):
        names = [control.name for control in grid.controls]
        _check_takes("draw", draw, ["figure"], names)
        if alt is not None:
            _check_takes("alt", alt, [], names)
        self.grid, self.draw, self.alt, self.strict = grid, draw, alt, strict
        self.width, self.height = (round(100 * side) for side in size)
        self.figure, _ = plots.figure(*size)
        self.figure.clear()
        self.canvas = FigureCanvasAgg(self.figure)

    def picture(self, place, dpi=FINE):
        """Return the figure at `place` as pixels (height, width, 3)."""
        with self._blame("draw", place), plots.book_style():
            if not plots.has_panels(self.figure):  # those are swept when asked for
                self.figure.clear()
            self.draw(self.figure, **self.grid.values(place))
            if not _is_drawn(self.figure):
                raise ValueError("it drew nothing on the figure it was given")
            self.figure.dpi = dpi
            self.canvas.draw()
        return np.array(self.canvas.buffer_rgba())[..., :3]

    def words(self, place):
        """Return the figure at `place` in words."""
        if self.alt is None:
            return f"Figure at {self.grid.say(place)}."
        with self._blame("alt", place):
            words = self.alt(**self.grid.values(place))
            if not isinstance(words, str) or not words.strip():
                raise ValueError(f"it returned {words!r}; expected words")
        return " ".join(words.split())

    @cached_property
    def still(self):
        """Return the figure at the start as a PNG file; it is drawn once."""
        return png(self.picture(self.grid.start), level=9)

    @contextmanager
    def _blame(self, name, place):
        try:
            with warnings.catch_warnings():
                if self.strict:
                    warnings.simplefilter("error")
                yield
        except Exception as error:
            raise RuntimeError(
                f"{name} failed at {self.grid.say(place)}: "
                f"{type(error).__name__}: {error}"
            ) from error


def png(pixels, level=1):
    """Return pixels as a PNG file; level 1 is quick, 9 small."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png", compress_level=level)
    return file.getvalue()


def _check_takes(name, function, first, controls):
    expected = f"{name}({', '.join([*first, *controls])})"
    if not callable(function):
        raise ValueError(f"{name} is {function!r}; expected a function {expected}")
    try:
        inspect.signature(function).bind(*first, **dict.fromkeys(controls))
    except TypeError as error:
        got = f"{name}{inspect.signature(function)}"
        raise ValueError(f"expected {expected}, got {got}: {error}") from None


def _is_drawn(figure):
    marks = [figure.texts, figure.images, figure.lines, figure.patches, figure.artists]
    return any(marks) or any(
        ax.has_data() or ax.texts or ax.patches or ax.tables for ax in figure.axes
    )

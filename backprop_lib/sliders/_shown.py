"""What a cell shows."""

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Shown:
    """Words, and beside them a picture, a page's HTML or a widget, by mimetype.

    `alternative` is the picture in words, and `width` its own in pixels of a page.
    """

    words: str
    data: dict
    alternative: str
    width: int

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, include=None, exclude=None):
        # A width alone: the page may still shrink it, and keep its shape.
        picture = {"alt": self.alternative, "width": self.width}
        return self.data | {"text/plain": self.words}, {"image/png": picture}

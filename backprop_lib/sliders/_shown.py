"""What a cell shows."""

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Shown:
    """Words, and beside them a picture, a page's HTML or a widget, by mimetype."""

    words: str
    data: dict

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.data | {"text/plain": self.words}

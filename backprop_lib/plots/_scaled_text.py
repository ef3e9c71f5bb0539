"""Text that is as large as the drawing it stands in, however that is laid out."""

from matplotlib.text import Text


class ScaledText(Text):
    """Text whose font size is `height` units of its axes, at `most` so many points."""

    def __init__(self, x, y, text, *, height, most, **style):
        super().__init__(x, y, text, **style)
        self._height, self._most = height, most

    def draw(self, renderer):
        """Draw at the size that the axes have now."""
        (_, bottom), (_, top) = self.axes.transData.transform([(0, 0), (0, 1)])
        points = 72 / self.figure.dpi * abs(top - bottom)
        self.set_fontsize(min(self._most, self._height * points))
        super().draw(renderer)


def write(ax, x, y, text, height, *, most=40, ha="center", va="center", **style):
    """Write `text` at (x, y), its font `height` units of the axes high."""
    word = ScaledText(x, y, text, height=height, most=most, ha=ha, va=va, **style)
    # It stands inside the axes, so that nothing has to make room for it.
    word.set_in_layout(False)
    return ax.add_artist(word)

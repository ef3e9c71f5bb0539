"""All combinations of the controls' values, numbered row by row."""

from itertools import product
from math import prod

MOST_FRAMES = 400


class Grid:
    """The combinations; a place is a tuple with one index a control.

    >>> from .controls import read_controls
    >>> grid = Grid(read_controls({"w": [0.5, 1.5], "f": ["tanh", "relu"]}))
    >>> len(grid), grid.values((1, 0)), grid.say((1, 0)), grid.strides
    (4, {'w': 1.5, 'f': 'tanh'}, 'w = 1.5, f = tanh', (2, 1))
    """

    def __init__(self, controls):
        self.controls = controls
        self.shape = tuple(len(control.values) for control in controls)
        if len(self) > MOST_FRAMES:
            counts = " × ".join(map(str, self.shape))
            raise ValueError(
                f"the controls make {counts} = {len(self)} frames; at most "
                f"{MOST_FRAMES} fit a page, so give fewer values"
            )

    def __len__(self):
        return prod(self.shape)

    def __iter__(self):
        return product(*map(range, self.shape))

    @property
    def start(self):
        """Return the place at which the controls stand at first."""
        return tuple(control.start for control in self.controls)

    @property
    def strides(self):
        """Return by how much a frame's number grows with each control's index."""
        return tuple(prod(self.shape[k + 1 :]) for k in range(len(self.shape)))

    def number(self, place):
        """Return the number of the frame at `place`."""
        return sum(i * stride for i, stride in zip(place, self.strides, strict=True))

    def values(self, place):
        """Return the controls' values at `place`, by name."""
        pairs = zip(self.controls, place, strict=True)
        return {control.name: control.values[i] for control, i in pairs}

    def say(self, place):
        """Return the values at `place` as text."""
        pairs = zip(self.controls, place, strict=True)
        return ", ".join(f"{each.label} = {each.texts[i]}" for each, i in pairs)

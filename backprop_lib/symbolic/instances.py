"""Small instances: every width a small number, every entry a short decimal.

What an indexed expression is worth there is calculated entry by entry as it is
written, and a `D` by an imaginary nudge of its entry [1]_. This knows nothing of how
derivatives and sums are proved.

References
----------
.. [1] W. Squire and G. Trapp, Using complex variables to estimate derivatives of real
       functions, SIAM Review 40 (1998), 110-112.
"""

import cmath
import hashlib
from itertools import product

from .calculating import NoValue, compiled
from .entries import Entry, name_of

_NUDGE = 1e-30
_RANGES = (None, (0, 1), (1, 2))  # None: from -2 to 2
_TOLERANCE = 1e-9
BOXES = len(_RANGES)


def differ(one, other):
    """Say whether two values differ by more than rounding."""
    return abs(one - other) > _TOLERANCE * (1 + max(abs(one), abs(other)))


class Instance:
    """Definitions at one choice of widths and numbers.

    Parameters
    ----------
    definitions : mapping from Entry or Symbol to expression
    given : dict
        Known sums, {(name, axis): number}.
    sizes : dict from width's name to int
    box : int
        From which range the numbers are drawn.
    """

    def __init__(self, definitions, given, sizes, box=0):
        self.sizes, self._box, self._given = sizes, box, given
        self._seed = f"{sorted(sizes.items())};{box}"
        self._named = {}
        for lower, body in definitions.items():
            self._named.setdefault(name_of(lower), []).append((lower, body))
        self._ways = {}
        self._values = {}
        self._slopes = {}
        self.used = {}

    def value(self, expression, env):
        """Return a real value, with the free indices as `env` says by name."""
        value = self._way(expression)(self, env, self._values)
        if not cmath.isfinite(value) or abs(value.imag) > _TOLERANCE * abs(value):
            raise NoValue(str(expression))
        return value.real

    def end(self, place):
        """Return the number that an end of a range is here."""
        letter, number = place
        return number + self.sizes[letter] if letter else number

    def run(self, index):
        """Return the places over which an index runs here."""
        first, last = map(self.end, index.range)
        return range(first, last + 1)

    def environments(self, indices):
        """Yield every choice of places for some free indices."""
        for places in product(*map(self.run, indices)):
            yield {i.name: place for i, place in zip(indices, places, strict=True)}

    def base(self, quantity, places):
        """Return the number that stands for an entry that is not defined."""
        name = quantity.name
        if (quantity, places) in self.used:
            return self.used[quantity, places]
        for axis, place in enumerate(places):
            value = self._given.get((name, axis))
            if value is None:
                continue
            first, last = map(self.end, quantity.ranges[axis])
            if place == last:
                others = (
                    self.base(quantity, (*places[:axis], k, *places[axis + 1 :]))
                    for k in range(first, last)
                )
                return round(float(value) - sum(others), 12)
        drawn = self._drawn(f"{name}{places}", _RANGES[self._box])
        self.used[quantity, places] = drawn
        return drawn

    def single(self, symbol):
        """Return the number that stands for a single symbol."""
        drawn = self._drawn(symbol.name, _RANGES[self._box])
        if symbol.is_positive:
            drawn = abs(drawn)
        self.used[symbol, ()] = drawn
        return drawn

    def coefficients(self, name):
        """Return two numbers for an argument of an undefined function."""
        return self._drawn(f"{name}a", (0, 2)), self._drawn(f"{name}b", (0, 2))

    def _drawn(self, name, box):
        # A hash, not a generator: a number depends on nothing but its name, the widths
        # and the box. Thousandths, so that two names seldom share one.
        text = f"{name};{self._seed}".encode()
        digest = hashlib.sha256(text).digest()
        share = 1 + int.from_bytes(digest[:4]) % 999
        if box is None:
            return share * (-2 if digest[5] % 2 else 2) / 1000
        low, high = box
        return round(low + (high - low) * share / 1000, 3)

    def defined(self, name, places):
        """Return (indices, body) that hold at some places, or None."""
        for lower, body in self._named.get(name, ()):
            indices = getattr(lower, "places", ())
            if all(p in self.run(i) for i, p in zip(indices, places, strict=True)):
                return indices, body
        return None

    def entry(self, lower, places, values):
        """Return the value of an entry, or of a single symbol."""
        known = (name_of(lower), places)
        if known not in values:
            found = self.defined(*known)
            if found is None:
                single = not isinstance(lower, Entry)
                values[known] = (
                    self.single(lower) if single else self.base(lower.quantity, places)
                )
            else:
                indices, body = found
                env = {i.name: p for i, p in zip(indices, places, strict=True)}
                values[known] = self._way(body)(self, env, values)
        return values[known]

    def derivative(self, upper, env, lower, places, values):
        """Return the slope of an expression by one entry, held independent."""
        own = tuple(sorted((n, p) for n, p in env.items() if isinstance(p, int)))
        known = (upper, own, lower, places)
        if known not in self._slopes:
            if values is not self._values:
                raise NoValue("a derivative within a derivative")
            at = self.entry(lower, places, values)
            nudged = {(name_of(lower), places): at + 1j * _NUDGE}
            value = self._way(upper)(self, env, nudged)
            self._slopes[known] = complex(value).imag / _NUDGE
        return self._slopes[known]

    def _way(self, expression):
        if expression not in self._ways:
            self._ways[expression] = compiled(expression, {})
        return self._ways[expression]

"""Numbers for every letter of a question at chosen points, the simplest first."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np
from sympy import Dummy, lambdify

from backprop_lib.symbolic import D

from .nodes import Point

POINTS = 10
TOLERANCE = 1e-9  # to which two values agree, relative to the larger
_MOST_DRAWS = 400
_SIMPLE = (
    (1,),
    (1, 2),
    (2, 1),
    (1, 2, 3),
    (-1, 1, 2),
)


@dataclass(frozen=True)
class Table:
    """What a question's letters and derivatives are at its points.

    Attributes
    ----------
    base : tuple of str
        The letters that were given values.
    values : dict
        Letter, or ``∂L/∂o``, to an array of one number a point.
    truth : array
        What was asked for.
    scale : float
        The largest size of the truth, beside which a difference is small.
    """

    base: tuple
    values: dict
    truth: np.ndarray
    scale: float

    def __len__(self):
        return len(self.truth)

    def point(self, number):
        """Return one point, for `value_of`."""
        return Point({name: float(v[number]) for name, v in self.values.items()})

    def agrees(self, first, second, tolerance=TOLERANCE):
        """Say of each point whether two arrays are equal there."""
        size = np.maximum(np.maximum(np.abs(first), np.abs(second)), self.scale)
        return np.abs(first - second) <= tolerance * size

    def values_of(self, expressions, symbols):
        """Return the values of expressions, which may hold `D`, as arrays.

        Where one has no finite real value, nan stands.
        """
        derivatives = sorted(
            {part for e in expressions for part in e.atoms(D)}, key=str
        )
        stand_ins = {part: Dummy() for part in derivatives}
        names = {symbol: name for name, symbol in symbols.items()}
        written = [e.xreplace(stand_ins).doit() for e in expressions]
        arrays = [self.values[name] for name in symbols] + [
            self.values.get(f"∂{names[d.upper]}/∂{names[d.lower]}", 0.0 * self.truth)
            for d in derivatives
        ]
        arguments = [*symbols.values(), *stand_ins.values()]
        return _evaluated(written, arguments, arrays, len(self))


def make_table(definitions, symbols, base, asked, domain):
    """Return the table of a question.

    Parameters
    ----------
    definitions : Definitions
    symbols : dict
        Canonical name to symbol, of all letters.
    base : list of Symbol
        Those that nothing defines, in the order in which they are shown.
    asked : expression
        What is to be found.
    domain : dict
        Base symbol to the (lowest, highest) value that it is given.
    """
    known = definitions.known.symbols
    letters = [definitions.expand(s) if s in known else s for s in symbols.values()]
    pairs = {
        f"∂{upper}/∂{lower}": D(symbols[upper], symbols[lower])
        for upper in symbols
        if symbols[upper] in definitions
        for lower in symbols
        if lower != upper and symbols[lower] in known
    }
    slopes = {name: definitions.expand(pair) for name, pair in pairs.items()}
    slopes = {name: slope for name, slope in slopes.items() if slope != 0}
    expressions = [definitions.expand(asked), *letters, *slopes.values()]
    drawn = _draw(base, domain, str(expressions[0]))
    found = _evaluated(expressions, base, drawn.T, len(drawn))
    whole = np.all(np.isfinite(found), axis=0).nonzero()[0][:POINTS]
    if len(whole) < POINTS:
        raise ValueError(
            f"only {len(whole)} of {POINTS} points have a value: give the question "
            "a domain"
        )
    truth, *rest = (row[whole] for row in found)
    values = dict(zip([*symbols, *slopes], rest, strict=True))
    names = {symbol: name for name, symbol in symbols.items()}
    scale = float(np.max(np.abs(truth))) or 1.0
    return Table(tuple(names[symbol] for symbol in base), values, truth, scale)


def _evaluated(expressions, arguments, arrays, count):
    function = lambdify(arguments, expressions, "numpy")
    with np.errstate(all="ignore"):
        found = function(*arrays)
    found = [np.broadcast_to(np.asarray(f, complex), count) for f in found]
    return np.array([np.where(f.imag == 0, f.real, np.nan) for f in found])


def _draw(base, domain, text):
    """Return points: small whole numbers first, then eighths."""
    random = Random(hashlib.sha256(text.encode()).digest())
    drawn = []
    for start in _SIMPLE:
        numbers = [start[k % len(start)] for k in range(len(base))]
        drawn.append([_inside(n, domain.get(s)) for n, s in zip(numbers, base)])
    for _ in range(_MOST_DRAWS):
        drawn.append([_eighth(random, *domain.get(s, (-2, 2))) for s in base])
    kept = list(dict.fromkeys(map(tuple, drawn)))
    return np.array(kept, float).reshape(len(kept), -1)


def _inside(number, limits):
    """Return a number, or what is as far within its limits as 1 is from 0 to 3."""
    if limits is None or limits[0] <= number <= limits[1]:
        return float(number)
    low, high = map(Fraction, limits)
    return float(low + (high - low) * Fraction(number % 4, 4))


def _eighth(random, low, high):
    steps = random.randint(1, int((high - low) * 8) * 8 - 1)
    return float(low + Fraction(steps, 64))

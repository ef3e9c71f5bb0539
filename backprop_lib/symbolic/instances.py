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
from math import prod

from sympy import Add, Derivative, Dummy, Function, KroneckerDelta, Mul
from sympy.core.function import AppliedUndef

from .entries import Entry, Whole, name_of
from .forms import D, _Product, _Total
from .ranges import Index, Width
from .sums import _SlopeAt, _Sum

_NUDGE = 1e-30
_RANGES = (None, (0, 1), (1, 2))  # None: from -2 to 2
_TOLERANCE = 1e-9
BOXES = len(_RANGES)
_KNOWN = {
    "exp": cmath.exp,
    "tanh": cmath.tanh,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "atan": cmath.atan,
    "sigmoid": lambda z: 1 / (1 + cmath.exp(-z)),
}


class NoValue(ArithmeticError):
    """An expression has no real value at these numbers."""


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
            self._ways[expression] = _compiled(expression, {})
        return self._ways[expression]


def _compiled(expression, names):
    """Return a function of (instance, env, values) that calculates an expression."""
    if expression in names:
        return names[expression]
    if expression.is_number and expression.is_real and not expression.has(Function):
        constant = float(expression)
        return lambda at, env, values: constant
    if isinstance(expression, Entry):
        placed = _placed(expression.places)
        return lambda at, env, values: at.entry(expression, placed(at, env), values)
    if isinstance(expression, Width):
        return lambda at, env, values: at.sizes[expression.name]
    if expression.is_Symbol:
        return lambda at, env, values: at.entry(expression, (), values)
    if isinstance(expression, _Sum):
        return _compiled_sum(expression, names)
    if isinstance(expression, D):
        return _compiled_slope(expression)
    if isinstance(expression, KroneckerDelta):
        placed = _placed(expression.args[:2])
        return lambda at, env, values: float(len(set(placed(at, env))) == 1)
    if isinstance(expression, _SlopeAt):
        return _compiled_prime(expression.function, (expression.argument,), 0, names)
    if isinstance(expression, Derivative):
        call = expression.expr
        which = call.args.index(expression.variables[0])
        return _compiled_prime(call.func, call.args, which, names)
    if expression.has(Whole) and isinstance(expression, Function):
        return _compiled_whole(expression)
    parts = [_compiled(part, names) for part in expression.args]
    if isinstance(expression, (Add, _Total)):
        return lambda at, env, values: sum(p(at, env, values) for p in parts)
    if isinstance(expression, (Mul, _Product)):
        return lambda at, env, values: prod(p(at, env, values) for p in parts)
    if expression.is_Pow:
        return _compiled_power(expression, parts)
    return _compiled_call(expression.func, (0,) * len(parts), parts)


def _placed(places):
    ways = []
    for place in places:
        symbols = list(getattr(place, "free_symbols", ()))
        symbol = symbols[0] if symbols else None
        ways.append((symbol, int(place - symbol) if symbols else int(place)))

    def placed(at, env):
        return tuple(
            number
            if s is None
            else number + (env[s.name] if isinstance(s, Index) else at.sizes[s.name])
            for s, number in ways
        )

    return placed


def _compiled_sum(expression, names):
    body, index = _compiled(expression.body, names), expression.index

    def value(at, env, values):
        return sum(body(at, {**env, index.name: k}, values) for k in at.run(index))

    return value


def _compiled_slope(expression):
    upper, lower = expression.upper, expression.lower
    placed = _placed(getattr(lower, "places", ()))
    seen = {index.name for e in upper.atoms(Entry) for index in e.indices}

    def value(at, env, values):
        own = {name: place for name, place in env.items() if name in seen}
        return at.derivative(upper, own, lower, placed(at, env), values)

    return value


def _compiled_power(expression, parts):
    base, exponent = parts
    whole = expression.exp.is_Integer
    number = int(expression.exp) if whole else None

    def value(at, env, values):
        below = base(at, env, values)
        power = number if whole else exponent(at, env, values)
        if (not whole and complex(below).real <= 0) or (
            below == 0 and (not whole or number < 0)
        ):
            raise NoValue(str(expression))
        return below**power

    return value


def _compiled_prime(function, arguments, which, names):
    parts = [_compiled(part, names) for part in arguments]
    if issubclass(function, AppliedUndef):
        orders = tuple(int(k == which) for k in range(len(parts)))
        return _compiled_call(function, orders, parts)
    stand_ins = [Dummy(real=True) for _ in parts]
    derived = function(*stand_ins).diff(stand_ins[which])
    return _compiled(derived, dict(zip(stand_ins, parts, strict=True)))


def _compiled_call(function, orders, parts):
    name = function.__name__
    if name == "Max":
        return lambda at, env, values: max(
            (p(at, env, values) for p in parts), key=lambda z: complex(z).real
        )
    if issubclass(function, AppliedUndef):

        def value(at, env, values):
            arguments = [p(at, env, values) for p in parts]
            pairs = [at.coefficients(f"{name}{k}") for k in range(len(parts))]
            return _stand_in(arguments, pairs, orders)

        return value
    if name == "log":
        return lambda at, env, values: _log(parts[0](at, env, values))
    if name not in _KNOWN or len(parts) > 1:
        raise TypeError(f"the function {name} is not supported over indices")
    calculate = _KNOWN[name]
    return lambda at, env, values: calculate(parts[0](at, env, values))


def _log(value):
    if complex(value).real <= 0:
        raise NoValue("log")
    return cmath.log(value)


def _stand_in(arguments, pairs, orders):
    """Return a smooth function's value, or that of one of its derivatives.

    sin(Σ a z) + Σ (b z² + a z), with different a and b for every argument, so that no
    two can be mistaken for each other.
    """
    inner = sum(a * z for (a, _), z in zip(pairs, arguments, strict=True))
    value = prod(a**order for (a, _), order in zip(pairs, orders, strict=True))
    value *= cmath.sin(inner + sum(orders) * cmath.pi / 2)
    for (a, b), z, order in zip(pairs, arguments, orders, strict=True):
        if sum(orders) == order:
            rest = {0: b * z**2 + a * z, 1: 2 * b * z + a, 2: 2 * b}
            value += rest.get(order, 0)
    return value


def _compiled_whole(expression):
    name = expression.func.__name__
    quantities = [part.quantity for part in expression.args]

    def value(at, env, values):
        arguments, pairs = [], []
        for number, quantity in enumerate(quantities):
            runs = (
                range(at.end(first), at.end(last) + 1)
                for first, last in quantity.ranges
            )
            for places in product(*runs):
                arguments.append(at.entry(Entry(quantity, places), places, values))
                pairs.append(at.coefficients(f"{name}{number}{places}"))
        return _stand_in(arguments, pairs, (0,) * len(pairs))

    return value

"""Random points at which two expressions are compared to fifty digits."""

import hashlib
from random import Random

from sympy import I, Integer, Lambda, N, Rational, S, sin, sqrt, srepr, symbols
from sympy.core.function import AppliedUndef

from .door import as_real

DIGITS = 50  # to which two values must agree
_WORKING_DIGITS = 80
_TOLERANCE = S(10) ** -DIGITS
_MOST_DRAWS = 200
_WIDE_DRAWS = 40  # from -2 to 2, before the boxes below come in turn
_BOXES = ((0, 1), (1, 2), (-2, 2), (0, 2))


class Point:
    """A value for every base symbol, and from these for every defined one."""

    def __init__(self, points, base):
        self.base = base
        self._system = points.system
        self._stand_ins = points.stand_ins
        self._functions = points.functions
        self._values = {as_real(symbol): value for symbol, value in base.items()}
        self._known = {}

    def value(self, expression):
        """Return a resolved expression's value here, or None if it has none."""
        if expression not in self._known:
            self._known[expression] = self._value(expression)
        return self._known[expression]

    def is_real(self, expression):
        """Say whether it has a value here, and so has all that it rests on."""
        if self.value(expression) is None:
            return False
        needed = self._system.needed(expression)
        return all(self._defined(self._values[symbol]) is not None for symbol in needed)

    def _value(self, expression):
        expression = self._stand_ins(expression)
        for symbol in self._system.needed(expression):
            if symbol not in self._values:
                body = self._stand_ins(self._system.body(symbol))
                self._values[symbol] = self._number(body)
        return self._defined(self._number(expression))

    def __str__(self):
        numbers = [
            f"{symbol} = {float(value) if value.is_Rational else value}"
            for symbol, value in self.base.items()
        ]
        functions = [
            f"{name}({', '.join(map(str, stand_in.variables))}) = {N(stand_in.expr, 2)}"
            for name, stand_in in self._functions.items()
        ]
        return ", ".join(numbers + functions)

    def _number(self, expression):
        used = expression.free_symbols
        values = {symbol: self._values[symbol] for symbol in used}
        return expression.subs(values).evalf(_WORKING_DIGITS)

    def _defined(self, number):
        if not number.is_number or number.is_finite is not True:
            return None
        real, imaginary = number.as_real_imag()
        if not (real.is_Number and imaginary.is_Number):
            return None
        complex_domain = any(value.is_real is False for value in self.base.values())
        return number if complex_domain or abs(imaginary) < _TOLERANCE else None


class Points:
    """An endless sequence of points, the same one for the same derivation.

    Parameters
    ----------
    definitions : Definitions
    symbols : iterable of Symbol
        Those that are given values, as the reader wrote them.
    first_line : expression
        Resolved. It and the definitions decide which points come.
    """

    def __init__(self, definitions, symbols, first_line):
        self.system = definitions.system
        self.symbols = tuple(symbols)
        bodies = [self.system.body(as_real(symbol)) for symbol in definitions]
        base = map(as_real, self.symbols)
        text = ";".join(map(srepr, [*bodies, *base, first_line]))
        seed = hashlib.sha256(text.encode()).digest()
        self._random = Random(int.from_bytes(seed))
        self._drawn = []
        self.functions = {}

    def __iter__(self):
        for index in range(_MOST_DRAWS):
            if index == len(self._drawn):
                box = None if index < _WIDE_DRAWS else _BOXES[index % len(_BOXES)]
                base = {symbol: self._draw(symbol, box) for symbol in self.symbols}
                self._drawn.append(Point(self, base))
            yield self._drawn[index]

    def stand_ins(self, expression):
        """Return the expression with a smooth function for each undefined one."""
        calls = expression.atoms(AppliedUndef)
        if not calls:
            return expression
        for call in sorted(calls, key=str):
            if call.func not in self.functions:
                self.functions[call.func] = self._draw_function(len(call.args))
        for function, stand_in in self.functions.items():
            expression = expression.subs(function, stand_in).doit()
        return expression

    def _draw_function(self, arity):
        arguments = symbols("z" if arity == 1 else f"z1:{arity + 1}", seq=True)
        # Different slopes in each argument, so that paths cannot be mistaken.
        inner = sum(self._tenths() * z for z in arguments)
        squares = sum(self._tenths() * z**2 for z in arguments)
        return Lambda(arguments, sin(inner) + squares + inner)

    def _tenths(self):
        return Rational(self._random.randint(1, 20), 10)

    def _fraction(self):
        return Rational(
            self._random.choice((-1, 1)) * self._random.randint(1, 2000), 1000
        )

    def _draw(self, symbol, box):
        """Return a number that has all the properties assumed of the symbol."""
        for attempt in range(_MOST_DRAWS):
            number = self._candidate(attempt, box)
            if _belongs(number, as_real(symbol)):
                return number
        raise ValueError(f"found no number that is all that {symbol} is assumed to be")

    def _candidate(self, attempt, box):
        # Most symbols are real; the other kinds come in turn if those do not do.
        if box and attempt < 10:
            low, high = box
            return low + (high - low) * Rational(self._random.randint(1, 999), 1000)
        if attempt < 20:
            return self._fraction()
        kinds = (
            lambda: Integer(self._random.randint(-30, 30)),
            lambda: self._fraction() * I,
            lambda: self._fraction() + self._fraction() * I,
            lambda: self._fraction() * sqrt(2),
            lambda: self._fraction() * S.Pi,
        )
        return kinds[attempt % len(kinds)]()


class Comparison:
    """Two resolved expressions, compared at one point after the other.

    Attributes
    ----------
    equal : int
        The number of points where both have a value, the same one.
    narrowed : bool
        Whether a point was passed over where only one of the two has a value, and
        does not owe it to parts that are not real and cancel.
    """

    def __init__(self, points, first, second):
        self._points = iter(points)
        self._sides = first, second
        self.equal = 0
        self.narrowed = False

    def run(self, wanted):
        """Compare on until `wanted` points agree, or no point is left.

        Returns
        -------
        tuple or None
            A point where the two differ, and their values there.
        """
        while self.equal < wanted:
            point = next(self._points, None)
            if point is None:
                return None
            values = tuple(map(point.value, self._sides))
            if None not in values:
                if differ(*values):
                    return point, values
                self.equal += 1
            elif any(map(point.is_real, self._sides)):
                self.narrowed = True
        return None

    def __str__(self):
        plural = "s" * (self.equal != 1)
        where = " where both are real" * self.narrowed
        return f"checked at {self.equal} point{plural}{where}"


def _belongs(number, symbol):
    assumed = symbol.assumptions0.items()
    return all(getattr(number, f"is_{name}") is value for name, value in assumed)


def differ(first, second):
    """Say whether two values differ within the digits that are compared."""
    scale = 1 + max(abs(first), abs(second))
    return bool(abs(first - second) > _TOLERANCE * scale)

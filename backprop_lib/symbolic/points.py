"""Random points at which two expressions are compared to fifty digits."""

import hashlib
from random import Random

from sympy import I, Integer, Lambda, N, Rational, S, sin, sqrt, srepr, symbols
from sympy.core.function import AppliedUndef

DIGITS = 50  # to which two values must agree
_WORKING_DIGITS = 80
_TOLERANCE = S(10) ** -DIGITS
_MOST_DRAWS = 200


class Point:
    """A value for every base symbol, and from these for every defined one."""

    def __init__(self, points, base):
        self.base = base
        self._definitions = points.definitions
        self._stand_ins = points.stand_ins
        self._functions = points.functions
        self._values = dict(base)
        self._known = {}

    def value(self, expression):
        """Return a resolved expression's value here, or None if it has none."""
        if expression not in self._known:
            self._known[expression] = self._value(expression)
        return self._known[expression]

    def _value(self, expression):
        expression = self._stand_ins(expression)
        for symbol in self._definitions.needed(expression):
            if symbol not in self._values:
                body = self._stand_ins(self._definitions.body(symbol))
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
    first_line : expression
        Resolved. It and the definitions decide which points come.
    """

    def __init__(self, definitions, first_line):
        self.definitions = definitions
        outside = first_line.free_symbols - set(definitions.symbols)
        self.base = (*definitions.base, *sorted(outside, key=str))
        bodies = [definitions.body(symbol) for symbol in definitions]
        text = ";".join(map(srepr, [*bodies, *self.base, first_line]))
        seed = hashlib.sha256(text.encode()).digest()
        self._random = Random(int.from_bytes(seed))
        self._drawn = []
        self.functions = {}

    def __iter__(self):
        for index in range(_MOST_DRAWS):
            if index == len(self._drawn):
                base = {symbol: self._draw(symbol) for symbol in self.base}
                self._drawn.append(Point(self, base))
            yield self._drawn[index]

    def compared(self, first, second):
        """Yield (point, value, value) wherever both expressions have a value."""
        for point in self:
            values = point.value(first), point.value(second)
            if None not in values:
                yield point, *values

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

    def _draw(self, symbol):
        """Return a number that has all the properties assumed of the symbol."""
        for attempt in range(_MOST_DRAWS):
            number = self._candidate(attempt)
            if _belongs(number, symbol):
                return number
        raise ValueError(f"found no number that is all that {symbol} is assumed to be")

    def _candidate(self, attempt):
        # Most symbols are real; the other kinds come in turn if those do not do.
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


def _belongs(number, symbol):
    assumed = symbol.assumptions0.items()
    return all(getattr(number, f"is_{name}") is value for name, value in assumed)


def differ(first, second):
    """Say whether two values differ within the digits that are compared."""
    scale = 1 + max(abs(first), abs(second))
    return bool(abs(first - second) > _TOLERANCE * scale)

"""Expressions with indices, read into forms."""

from fractions import Fraction

from sympy import Add, Derivative, Dummy, Function, KroneckerDelta, Max, Mul
from sympy.core.function import AppliedUndef

from .entries import Entry, Whole
from .forms import D, _Product, _Total
from .normal import (
    add,
    multiply,
    number,
    power_of,
    scaled,
    single,
    summed,
)
from .ranges import Index, Width, affine, fresh_letter
from .sums import _SlopeAt, _Sum

_SURELY_POSITIVE = ("exp", "sigmoid")


class Reader:
    """Reads expressions; `derivative` works out a D.

    Attributes
    ----------
    functions : dict from name to SymPy function
        Those that were read.
    """

    def __init__(self, derivative):
        self._derivative = derivative
        self.functions = {}

    def form(self, expression, names=None):
        """Return an expression as a form.

        `names` maps symbols to forms, and bound indices to places.
        """
        names = names or {}
        if expression in names:
            return names[expression]
        if expression.is_Rational:
            return number(Fraction(expression.p, expression.q))
        if isinstance(expression, Entry):
            places = tuple(place_of(place, names) for place in expression.places)
            return single(("entry", expression.quantity.name, places))
        if isinstance(expression, Width):
            return single(("symbol", expression.name))
        if isinstance(expression, (Index, Whole)):
            raise TypeError(
                f"{expression} stands alone where a number is expected: only entries, "
                "such as o[j], are numbers"
            )
        if expression.is_Symbol:
            return single(("entry", expression.name, ()))
        if isinstance(expression, (Add, _Total)):
            return add(*(self.form(part, names) for part in expression.args))
        if isinstance(expression, (Mul, _Product)):
            return multiply(*(self.form(part, names) for part in expression.args))
        if isinstance(expression, _Sum):
            letter = fresh_letter()
            inner = {**names, expression.index: (letter, 0)}
            return summed(
                self.form(expression.body, inner), letter, expression.index.range
            )
        if expression.is_Pow and expression.exp.is_Rational:
            exponent = Fraction(expression.exp.p, expression.exp.q)
            return power_of(self.form(expression.base, names), exponent)
        if isinstance(expression, D):
            lower = expression.lower
            places = getattr(lower, "places", ())
            return self._derivative(
                self.form(expression.upper, names),
                lower.quantity.name if places else lower.name,
                tuple(place_of(place, names) for place in places),
            )
        return self._function(expression, names)

    def _function(self, expression, names):
        if isinstance(expression, KroneckerDelta):
            places = (place_of(place, names) for place in expression.args[:2])
            return single(("delta", *places))
        if isinstance(expression, _SlopeAt):
            argument = self.form(expression.argument, names)
            return self.slope(self._called(expression.function, (argument,)), 0)
        if isinstance(expression, Derivative):
            return self._sympy_derivative(expression, names)
        if expression.is_number and not expression.args:
            return single(("symbol", str(expression)))
        if not isinstance(expression, (Function, Max)):
            kind = type(expression).__name__
            raise TypeError(f"{expression} ({kind}) is not supported over indices")
        if expression.has(Whole):
            return self._whole(expression)
        parts = tuple(self.form(part, names) for part in expression.args)
        return self.named(self._called(expression.func, parts))

    def _called(self, function, parts):
        name = function.__name__
        self.functions[name] = function
        return ("call", name, (0,) * len(parts), parts)

    def _whole(self, expression):
        if not all(isinstance(part, Whole) for part in expression.args):
            raise TypeError(
                f"{expression} mixes whole quantities with single numbers: give a "
                "function one kind or the other"
            )
        self.functions[expression.func.__name__] = expression.func
        quantities = tuple(part.quantity.name for part in expression.args)
        return single(("whole", expression.func.__name__, quantities, ()))

    def named(self, call):
        """Return a call as a form, exp and log by their laws."""
        _, name, orders, parts = call
        if any(orders):
            return single(call)
        if name == "exp":
            return exponential(parts[0])
        if name == "log":
            return _logarithm(call)
        return single(call)

    def _sympy_derivative(self, expression, names):
        call, variables = expression.expr, expression.variables
        if not isinstance(call, AppliedUndef) or len(variables) > 1:
            raise TypeError(f"{expression} is not supported over indices: write a D")
        parts = tuple(self.form(part, names) for part in call.args)
        at = call.args.index(variables[0])
        return self.slope(self._called(call.func, parts), at)

    def slope(self, call, at):
        """Return the derivative of a call by its argument number `at`."""
        _, name, orders, parts = call
        function = self.functions[name]
        if issubclass(function, AppliedUndef):
            orders = tuple(o + (k == at) for k, o in enumerate(orders))
            return single(("call", name, orders, parts))
        stand_ins = tuple(Dummy(real=True) for _ in parts)
        derived = function(*stand_ins).diff(stand_ins[at])
        return self.form(derived, dict(zip(stand_ins, parts, strict=True)))


def place_of(place, names):
    """Return the affine place of an index expression, bound indices as `names` say."""
    letter, more = affine(place)
    for symbol in place.free_symbols if hasattr(place, "free_symbols") else ():
        if symbol in names:
            other, shift = names[symbol]
            return other, shift + more
    return letter, more


def exponential(form):
    """Return exp of a form, as a product over its terms.

    exp(2a + b/2) = A⁴ B  with  A = exp(a/2),  B = exp(b/2)
    """
    parts = []
    for coefficient, term in form:
        root = ((Fraction(1, coefficient.denominator), term),)
        call = ("call", "exp", (0,), (root,))
        parts.append(single(call, coefficient.numerator))
    return multiply(*parts)


def _logarithm(call):
    (form,) = call[3]
    if len(form) != 1 or form[0][1][0]:
        return single(call)
    ((coefficient, (_, factors)),) = form
    if coefficient != 1 or not all(_positive(atom) for atom, _ in factors):
        return single(call)
    # log(A²/B) = 2 log A - log B for positive A, B;  log exp(a) = a
    return add(*(scaled(_log_of(atom), power) for atom, power in factors))


def _log_of(atom):
    if atom[:2] == ("call", "exp"):
        return atom[3][0]
    if atom[0] == "power":
        return scaled(_logarithm(("call", "log", (0,), (atom[1],))), atom[2])
    return single(("call", "log", (0,), (single(atom),)))


def _positive(atom):
    if atom[0] == "call":
        return atom[1] in _SURELY_POSITIVE and not any(atom[2])
    if atom[0] == "power":
        return all(
            coefficient > 0 and all(_positive(inner) for inner, _ in factors)
            for coefficient, (_, factors) in atom[1]
        )
    return atom[0] == "symbol"  # a width

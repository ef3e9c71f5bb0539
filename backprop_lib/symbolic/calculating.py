"""Expressions over indices as functions of an instance, its places and its values."""

import cmath
from itertools import product
from math import prod

from sympy import Add, Derivative, Dummy, Function, KroneckerDelta, Mul
from sympy.core.function import AppliedUndef

from .entries import Entry, Whole
from .forms import D, _Product, _Total
from .ranges import Index, Width
from .sums import _SlopeAt, _Sum

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


def compiled(expression, names):
    """Return a function of (instance, env, values) that calculates an expression.

    `names` maps symbols to such functions; `env` says what free indices are by name,
    and `values` holds the entries that are known or held.
    """
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
    parts = [compiled(part, names) for part in expression.args]
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
    body, index = compiled(expression.body, names), expression.index

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
    parts = [compiled(part, names) for part in arguments]
    if issubclass(function, AppliedUndef):
        orders = tuple(int(k == which) for k in range(len(parts)))
        return _compiled_call(function, orders, parts)
    stand_ins = [Dummy(real=True) for _ in parts]
    derived = function(*stand_ins).diff(stand_ins[which])
    return compiled(derived, dict(zip(stand_ins, parts, strict=True)))


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

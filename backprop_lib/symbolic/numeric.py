"""Expressions as NumPy functions."""

import builtins
import dis
import warnings
from functools import reduce
from inspect import Parameter, Signature
from keyword import iskeyword

from sympy import (
    Add,
    Derivative,
    DiracDelta,
    Dummy,
    Eq,
    Integral,
    Piecewise,
    Subs,
    lambdify,
    nan,
)
from sympy.core.function import AppliedUndef

from .functions import sigmoid
from .printing import to_text

_NOT_FINITE = (
    "the result has no finite real value at some of these arguments; "
    "nan or inf stands there"
)


def numpy_function(expression, arguments):
    """Return a function of numbers or arrays, by position or by name.

    Raises
    ------
    ValueError
        If the expression depends on a symbol that is not among the arguments, or
        on an undefined function.
    """
    _check_arguments(expression, arguments)
    expression = _without_impulses(_without_cancellation(expression))
    return _vectorised(expression, arguments)


def _without_cancellation(expression):
    """Return the expression with 1 - σ(net) written as σ(-net).

    The two are equal, but for large `net` the difference of floats is all rounding.
    """
    terms = {
        term: sigmoid(-function.args[0])
        for term in expression.atoms(Add)
        for function in term.atoms(sigmoid)
        if term == 1 - function
    }
    return expression.xreplace(terms)


def _without_impulses(expression):
    """Return the expression with numbers for the derivatives of a step.

    A second derivative of `Max(x, 0)` or `Abs(x)` is 0 but at the kink, where it has
    no value.
    """
    impulses = {
        impulse: Piecewise((nan, Eq(impulse.args[0], 0)), (0, True))
        for impulse in expression.atoms(DiracDelta)
    }
    return expression.xreplace(impulses)


def _check_arguments(expression, arguments):
    missing = expression.free_symbols - set(arguments)
    if missing:
        names = ", ".join(sorted(map(str, missing)))
        raise ValueError(
            f"the result depends on {names} too: name it among the arguments"
        )
    _refuse({str(call.func) for call in expression.atoms(AppliedUndef)})
    _refuse(set(map(to_text, expression.atoms(Derivative, Integral, Subs))))


def _refuse(functions):
    if functions:
        names = ", ".join(sorted(functions))
        raise ValueError(f"NumPy has no function {names}: define it first")


def _unknown_names(function):
    """Return the names that a function calls and that NumPy does not know.

    For some of them, such as erf, SymPy falls back on `math`, which takes no arrays.
    """
    codes = [function.__code__]
    for code in codes:
        codes.extend(part for part in code.co_consts if hasattr(part, "co_code"))
    steps = (step for code in codes for step in dis.get_instructions(code))
    names = {step.argval for step in steps if step.opname == "LOAD_GLOBAL"}
    known = vars(builtins) | function.__globals__
    return {
        name
        for name in names
        if name not in known or getattr(known[name], "__module__", "") == "math"
    }


def _vectorised(expression, arguments):
    import numpy as np

    # With names of their own, since a symbol may be called exp.
    own = {symbol: Dummy(**symbol.assumptions0) for symbol in arguments}
    # SymPy 1.12 writes Max(0, x) as amax((0, x)), for which a number is no array.
    ours = {
        "amax": lambda values, axis: reduce(np.maximum, values),
        "amin": lambda values, axis: reduce(np.minimum, values),
    }
    compute = lambdify(
        own.values(), expression.xreplace(own), modules=[ours, "numpy"], cse=True
    )
    _refuse(_unknown_names(compute))
    names = [symbol.name for symbol in arguments]

    def function(*values, **named):
        values = _bound(names, values, named)
        values = [_numbers(*pair) for pair in zip(names, values)]
        shape = np.broadcast_shapes(*(value.shape for value in values))
        # NumPy 1 makes a float32 of no dimension a float64 beside a Python number.
        # Branches that are not taken are computed too: only what comes out counts.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            result = np.asarray(compute(*map(np.atleast_1d, values)))
        if result.dtype.kind not in "fc":
            result = result.astype(float)
        if not np.isfinite(result).all() and all(np.isfinite(v).all() for v in values):
            warnings.warn(_NOT_FINITE, RuntimeWarning, stacklevel=2)
        return np.broadcast_to(result, shape or (1,)).reshape(shape).copy()[()]

    function.__name__ = function.__qualname__ = "result"
    function.__doc__ = f"Return {to_text(expression)} for arrays that broadcast."
    if all(name.isidentifier() and not iskeyword(name) for name in names):
        kind = Parameter.POSITIONAL_OR_KEYWORD
        parameters = [Parameter(name, kind) for name in names]
        function.__signature__ = Signature(parameters)
    return function


def _numbers(name, value):
    """Return a value as an array of real or complex floats."""
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind in "fc":
        return array
    try:
        # None would become nan, and a text the number that it spells.
        if array.dtype.kind == "O":
            array = np.reshape([float(item) for item in array.flat], array.shape)
        return array.astype(float, casting="same_kind")
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be numbers, not {value!r}") from None


def _bound(names, values, named):
    """Return the values in the order of the names, or say what is amiss."""
    if len(values) > len(names):
        raise TypeError(
            f"takes {len(names)} arguments ({', '.join(names)}), "
            f"but {len(values)} were given"
        )
    given = dict(zip(names, values, strict=False))
    twice = given.keys() & named.keys()
    unknown = named.keys() - set(names)
    missing = set(names) - given.keys() - named.keys()
    for what, which in (("twice", twice), ("unknown", unknown), ("missing", missing)):
        if which:
            raise TypeError(
                f"arguments {what}: {', '.join(sorted(which))}; "
                f"it takes {', '.join(names)}"
            )
    given |= named
    return [given[name] for name in names]

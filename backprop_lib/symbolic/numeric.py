"""Expressions as NumPy functions."""

from inspect import Parameter, Signature

from sympy import Add, lambdify
from sympy.core.function import AppliedUndef

from .functions import sigmoid
from .printing import to_text


def numpy_function(expression, arguments):
    """Return a function of numbers or arrays, by position or by name.

    Raises
    ------
    ValueError
        If the expression depends on a symbol that is not among the arguments, or
        on an undefined function.
    """
    _check_arguments(expression, arguments)
    return _vectorised(_without_cancellation(expression), arguments)


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


def _check_arguments(expression, arguments):
    missing = expression.free_symbols - set(arguments)
    if missing:
        names = ", ".join(sorted(map(str, missing)))
        raise ValueError(
            f"the result depends on {names} too: name it among the arguments"
        )
    functions = sorted({str(call.func) for call in expression.atoms(AppliedUndef)})
    if functions:
        raise ValueError(
            f"NumPy has no function {', '.join(functions)}: define it first"
        )


def _vectorised(expression, arguments):
    import numpy as np

    compute = lambdify(arguments, expression, modules="numpy", cse=True)
    names = [symbol.name for symbol in arguments]

    def function(*values, **named):
        values = _bound(names, values, named)
        values = [np.asarray(value) for value in values]
        values = [
            value if value.dtype.kind in "fc" else value.astype(float)
            for value in values
        ]
        shape = np.broadcast_shapes(*(value.shape for value in values))
        result = np.asarray(compute(*values))
        if result.dtype.kind not in "fc":
            result = result.astype(float)
        return np.broadcast_to(result, shape).copy()[()]

    function.__name__ = function.__qualname__ = "result"
    function.__doc__ = f"Return {to_text(expression)} for arrays that broadcast."
    if all(name.isidentifier() for name in names):
        kind = Parameter.POSITIONAL_OR_KEYWORD
        parameters = [Parameter(name, kind) for name in names]
        function.__signature__ = Signature(parameters)
    return function


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

"""Trees of what was typed, as SymPy expressions of the definitions' symbols."""

from functools import reduce

from sympy import Abs, Max, Min, Rational, S, cos, exp, log, pi, sin, sqrt, tanh

from backprop_lib.symbolic import D, product, sigmoid

_FUNCTIONS = {
    "sigma": sigmoid,
    "exp": exp,
    "log": log,
    "sqrt": sqrt,
    "tanh": tanh,
    "sin": sin,
    "cos": cos,
    "abs": Abs,
    "max": Max,
    "min": Min,
}


def to_sympy(node, symbols):
    """Return a tree as an expression; factors stay in the order they were typed in.

    Parameters
    ----------
    node : Node
        Without entries and sums.
    symbols : dict
        Canonical name to the definitions' symbol.
    """
    if node.kind == "number":
        return Rational(node.value)
    if node.kind == "pi":
        return pi
    if node.kind == "letter":
        return symbols[node.value]
    if node.kind == "D":
        upper, lower = (symbols[name] for name in node.value)
        return S.One if upper == lower else D(upper, lower)
    parts = [to_sympy(part, symbols) for part in node.parts]
    if node.kind == "+":
        return reduce(lambda a, b: a + b, parts)
    if node.kind == "-":
        return parts[0] - parts[1]
    if node.kind == "neg":
        return -parts[0]
    if node.kind == "*":
        return product(*parts)
    if node.kind == "/":
        return product(parts[0], 1 / parts[1])
    if node.kind == "^":
        return parts[0] ** parts[1]
    return _FUNCTIONS[node.kind](*parts)


def canonical(symbol):
    """Return the name that a symbol is typed by: ``o_{k-1}`` is ``o_k-1``."""
    return symbol.name.replace("{", "").replace("}", "")

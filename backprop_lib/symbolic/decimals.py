"""Floats in expressions: the decimals that they read as."""

from sympy import Float, Rational


def exact(expression):
    """Return the expression with each float as the decimal fraction it prints as."""
    floats = expression.atoms(Float)
    return expression.xreplace({number: Rational(str(number)) for number in floats})

"""Floats in expressions: the decimals that they read as, and what may be meant."""

from sympy import Float, Rational, S, pi, sqrt

_MOST_DIGITS = 5  # of a decimal that somebody wrote, rather than a quotient's
_MOST_BELOW = 100  # denominator of a fraction that is guessed
_ROUNDING = 1e-13  # relative; a float prints with 15 digits


def exact(expression):
    """Return the expression with each float as the decimal fraction it prints as."""
    floats = expression.atoms(Float)
    return expression.xreplace({number: _decimal(number) for number in floats})


def rounded_hint(*expressions):
    """Return what to say of the first float that looks rounded, or an empty text."""
    floats = [f for e in expressions for f in sorted(e.atoms(Float), key=str)]
    for number in floats:
        if _looks_rounded(number):
            guess = _guessed(number)
            meant = f"; was {guess} meant?" if guess else "."
            return (
                f"The float {number} is taken as that very decimal{meant} "
                "Exact numbers are written so: Rational(1, 3), sqrt(2)."
            )
    return ""


def _decimal(number):
    return Rational(str(number))


def _looks_rounded(number):
    if not number.is_finite:
        return False
    decimal = _decimal(number)
    digits = str(number).lower().split("e")[0].strip("-0.").replace(".", "")
    return len(digits) > _MOST_DIGITS and decimal != Rational(number)


def _guessed(number):
    """Return how to write a short exact number near a float, if there is one."""
    decimal = _decimal(number)
    for power, unit in ((1, S.One), (2, S.One), (1, pi), (2, pi)):
        ratio = Rational(float(abs(decimal) ** power / unit.evalf()))
        fraction = ratio.limit_denominator(_MOST_BELOW)
        if fraction and abs(ratio / fraction - 1) < _ROUNDING:
            size = fraction * unit if power == 1 else sqrt(fraction * unit)
            value = size if decimal > 0 else -size
            return f"Rational({value.p}, {value.q})" if value.is_Rational else value
    return None

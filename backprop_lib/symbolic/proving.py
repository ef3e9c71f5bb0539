"""Exact proofs that two expressions are equal, at a cost that is bounded."""

from math import comb

from sympy import (
    Add,
    Derivative,
    Dummy,
    Mul,
    Subs,
    cancel,
    cosh,
    coth,
    exp,
    expand,
    expand_log,
    factor,
    fraction,
    log,
    simplify,
    sinh,
    tanh,
    together,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.expr import Expr

from .functions import sigmoid

_BINDS_SYMBOLS = (Derivative, Subs, ExprWithLimits)
_EXPONENTIALS = (sigmoid, tanh, sinh, cosh, coth)
_MOST_TERMS = 20_000  # of a sum that is multiplied out
_MOST_FACTORED = 50  # terms of a sum that is factored
_MOST_OPERATIONS = 40  # of a difference that is given to `simplify`


def is_zero(difference, system):
    """Say whether a resolved expression is proved to be zero, in base variables.

    False means "not proved". Three attempts are made: arithmetic alone, with a name
    for whatever is not arithmetic; the same with sigmoid and tanh as exponentials;
    SymPy's `simplify`, if the expression is short.
    """
    for as_exponentials in (False, True):
        names = _Names(system, as_exponentials)
        if _vanishes(names.form(difference)):
            return True
    expanded = system.substitute(difference)
    return expanded.count_ops() <= _MOST_OPERATIONS and simplify(expanded) == 0


class _Names:
    """Writes expressions as fractions of base variables and named functions.

    Equal function values get equal names, since their arguments are normalised
    first. So an identity that holds with names for values holds for the values.
    """

    def __init__(self, system, as_exponentials):
        self._system = system
        self._as_exponentials = as_exponentials
        self._names = {}
        self._forms = {}

    def form(self, expression):
        """Return the arithmetic form of an expression."""
        if expression not in self._forms:
            self._forms[expression] = self._form(expression)
        return self._forms[expression]

    def _form(self, expression):
        if expression in self._system:
            return self.form(self._system.body(expression))
        if not expression.args:
            return expression
        if expression.is_Add or expression.is_Mul:
            return expression.func(*map(self.form, expression.args))
        if expression.is_Pow and expression.exp.is_Integer:
            return self.form(expression.base) ** expression.exp
        if isinstance(expression, exp):
            return self._exponential(expression.args[0])
        if self._as_exponentials and isinstance(expression, _EXPONENTIALS):
            return self.form(expression.rewrite(exp))
        if self._as_exponentials and isinstance(expression, log):
            return self._logarithm(_normal(self.form(expression.args[0])))
        if expression.has(*_BINDS_SYMBOLS):
            return self._name(self._system.substitute(expression))
        return self._name(self._rebuilt(expression))

    def _exponential(self, exponent):
        # exp(2a + b/2) = A⁴ B  with  A = exp(a/2),  B = exp(b/2)
        factors = []
        for term in Add.make_args(_normal(self.form(exponent))):
            number, rest = term.as_coeff_Mul()
            factors.append(self._name(exp(rest / 2)) ** (2 * number))
        return Mul(*factors)

    def _logarithm(self, argument):
        # log(A²/(1 + B)) = 2 log A - log(1 + B) for positive A, B;  log exp(a) = a
        if _count_terms(argument) > _MOST_FACTORED:
            return self._name(log(argument))
        value = expand_log(log(factor(argument)))
        powers = {
            log(name): power.args[0]
            for power, name in self._names.items()
            if isinstance(power, exp)
        }
        logs = {part: powers.get(part) or self._name(part) for part in value.atoms(log)}
        return value.xreplace(logs)

    def _rebuilt(self, part):
        """Return a function, or a part of one, with its arguments normalised."""
        if not part.args:
            return self.form(part) if isinstance(part, Expr) else part
        parts = [
            _normal(self.form(inner))
            if isinstance(inner, Expr)
            else self._rebuilt(inner)
            for inner in part.args
        ]
        return part.func(*parts)

    def _name(self, value):
        if not value.args or value.is_Add or value.is_Mul:
            return value
        if value not in self._names:
            self._names[value] = Dummy(positive=value.is_positive, real=value.is_real)
        return self._names[value]


def _normal(form):
    """Return equal fractions in one form, or `form` itself if it is too long."""
    if _count_terms(form) > _MOST_TERMS:
        return form
    numerator, denominator = fraction(together(form))
    if denominator.is_Number:
        return expand(numerator / denominator)
    return cancel(form)


def _vanishes(form):
    if _count_terms(form) > _MOST_TERMS:
        return False
    numerator = fraction(together(form))[0]
    return _count_terms(numerator) <= _MOST_TERMS and expand(numerator) == 0


def _count_terms(form):
    """Return a bound on the number of terms once all is multiplied out."""
    if form.is_Add:
        return sum(map(_count_terms, form.args))
    if form.is_Mul:
        count = 1
        for factor in form.args:
            count *= _count_terms(factor)
        return count
    if form.is_Pow and form.exp.is_Integer:
        # (a + b + ...)ⁿ has as many terms as there are multisets of n of them
        terms, power = _count_terms(form.base), abs(int(form.exp))
        return comb(terms + power - 1, power)
    return 1

"""Derivations whose every step is checked."""

from dataclasses import dataclass
from itertools import islice

from sympy.core.function import AppliedUndef

from .definitions import Definitions, exact
from .errors import DerivationError
from .forms import to_expression
from .layout import latex_table, text_table
from .numeric import numpy_function
from .points import Points, differ
from .proving import is_zero

_POINTS = 20  # at which a step is compared that cannot be proved
_FIRST_POINTS = 2  # at which it is compared before a proof is tried
_ASSUMPTIONS_DIFFER = (
    "; there is one of that name, but with other assumptions: use one symbol throughout"
)


@dataclass(frozen=True)
class Step:
    """One line: its expression, the reason for it, and how it was checked."""

    expression: object
    reason: str
    check: str


class Derivation:
    r"""A first line and the steps that are equal to it.

    Each step is compared to the first line with everything expanded to base
    variables. It is *proved* where algebra shows the difference to be zero, else
    *checked at 20 points*: random points in the symbols' domain, the same ones in
    every run, where both sides agree to 50 digits. Points where a side has no real
    value are passed over.

    Parameters
    ----------
    definitions : Definitions
    first_line : expression
        Most often a `D(L, w)`.

    Attributes
    ----------
    first_line : expression
    steps : tuple of Step
    result : expression
        The last line as it was written.

    Raises
    ------
    TypeError
        If the arguments are not of these kinds.
    ValueError
        If a derivative is by a symbol that the definitions do not know.

    Examples
    --------
    >>> from sympy import symbols
    >>> from backprop_lib.symbolic import D, Definitions, Derivation, product
    >>> w, x, o, L = symbols("w x o L", real=True)
    >>> d = Derivation(Definitions({o: w*x, L: o**2}), D(L, w))
    >>> d.step(product(D(L, o), D(o, w)), "chain rule")
    ∂L/∂w = ∂L/∂o · ∂o/∂w   chain rule   [proved]
    >>> d.step(product(2*o, w), "slope of a line")
    Traceback (most recent call last):
        ...
    backprop_lib.symbolic.errors.DerivationError: step 2 is false: slope of a line
        first line:  ∂L/∂w
        step 2:      2*o · w
    They differ at w = 0.275, x = -0.113:
        first line:  0.00702295
        step 2:      -0.0170912
    >>> d.step(product(2*o, x), "the slope of a line").to_numpy()(w=1, x=[2, 3])
    array([ 8., 18.])
    """

    def __init__(self, definitions, first_line):
        if not isinstance(definitions, Definitions):
            kind = type(definitions).__name__
            raise TypeError(f"a derivation starts from Definitions, not from {kind}")
        self.definitions = definitions
        self.first_line = to_expression(first_line, "the first line")
        self._resolved = definitions.resolve(exact(self.first_line))
        self._points = Points(definitions, self._resolved)
        self.steps = ()

    @property
    def result(self):
        """The last line as it was written."""
        return self.steps[-1].expression if self.steps else self.first_line

    def step(self, expression, reason):
        """Check that an expression equals the first line, and add it.

        Returns
        -------
        Derivation
            This one, so that steps can be chained.

        Raises
        ------
        DerivationError
            If it differs from the first line, or if there is no point where both
            have a value. The derivation stays as it was.
        TypeError, ValueError
            If it is no expression, uses what neither the definitions nor the first
            line know, or if the reason is empty.
        """
        number = len(self.steps) + 1
        expression = to_expression(expression, f"step {number}")
        reason = _checked_reason(reason, number)
        self._check_known(expression, number)
        check = self._check(expression, reason, number)
        self.steps = (*self.steps, Step(expression, reason, check))
        return self

    def to_numpy(self, *arguments):
        """Return the result as a NumPy function of arrays that broadcast.

        Parameters
        ----------
        *arguments : Symbol
            What the function takes, in this order. Defined symbols are allowed, and
            are then not expanded. Without any it takes all base variables of the
            definitions, in the order of `definitions.base`.

        Returns
        -------
        function
            It takes numbers or arrays, by position or by the symbols' names, and
            returns floats of their common shape.

        Raises
        ------
        ValueError
            If the result depends on a symbol that is not among the arguments, or
            on an undefined function.
        """
        arguments = arguments or self._points.base
        resolved = self.definitions.resolve(exact(self.result))
        expression = self.definitions.substitute(resolved, keep=arguments)
        return numpy_function(expression, arguments)

    def _check(self, expression, reason, number):
        """Return how the expression was found to be equal, or raise."""
        resolved = self.definitions.resolve(exact(expression))
        comparisons = self._points.compared(self._resolved, resolved)
        sides = number, reason, self.first_line, expression
        # A false step is found by numbers at once; a proof would be tried in vain.
        count = _count_equal(islice(comparisons, _FIRST_POINTS), sides)
        if not count:
            raise DerivationError(*sides)
        if is_zero(self._resolved - resolved, self.definitions):
            return "proved"
        rest = islice(comparisons, _POINTS - count)
        count += _count_equal(rest, sides)
        return f"checked at {count} point{'s' * (count > 1)}"

    def _check_known(self, expression, number):
        known = {*self.definitions.symbols, *self.first_line.free_symbols}
        functions = {call.func for call in self.first_line.atoms(AppliedUndef)}
        functions |= self.definitions.functions
        names = {symbol.name for symbol in known}
        for symbol in sorted(expression.free_symbols - known, key=str):
            hint = _ASSUMPTIONS_DIFFER if symbol.name in names else ""
            raise ValueError(
                f"step {number} uses {symbol}, which the definitions do not know{hint}"
            )
        for call in sorted(expression.atoms(AppliedUndef), key=str):
            if call.func not in functions:
                raise ValueError(
                    f"step {number} uses the function {call.func}, which "
                    "the definitions do not know"
                )

    def __repr__(self):
        return text_table(self.first_line, self.steps)

    def _repr_latex_(self):
        return latex_table(self.first_line, self.steps)


def _checked_reason(reason, number):
    if not isinstance(reason, str):
        kind = type(reason).__name__
        raise TypeError(f"the reason for step {number} must be a string, not {kind}")
    reason = " ".join(reason.split())
    if not reason:
        raise ValueError(f"step {number} needs a reason, and it is empty")
    return reason


def _count_equal(comparisons, sides):
    """Return the number of points compared, or raise where the sides differ."""
    count = 0
    for point, first, second in comparisons:
        if differ(first, second):
            raise DerivationError(*sides, point, (first, second))
        count += 1
    return count

"""Derivations whose every step is checked."""

from dataclasses import dataclass

from .definitions import Definitions
from .layout import latex_table, text_table
from .matrices import Matrix


@dataclass(frozen=True)
class Step:
    """One line: its expression, the reason for it, and how it was checked."""

    expression: object
    reason: str
    check: str
    left: object = None  # of a matrix line: all that the first line is an entry of


class Derivation:
    r"""A first line and the steps that are equal to it.

    Each step is compared to the first line with everything expanded to base
    variables. It is *proved* where algebra shows the difference to be zero, else
    *checked at 20 points*: random points in the symbols' domain, the same ones in
    every run, where both sides agree to 50 digits. Points where a side has no real
    value are passed over. If at some of them the other side has one, the step holds
    *where both are real*, and the check says so. A step that is the first line
    itself is always accepted.

    Over indices, a step is *proved for every* width and undefined function that is
    named, or *checked for widths up to 3*. A false step says at which widths and
    numbers it is false; and where one known mistake explains it, which.

    The first line keeps to the rules of a step. But beside known symbols it may use
    letters of its own, as independent variables: η in w - η ∂L/∂w. Not within a
    `D`, where a misspelt symbol would give zero; only where nothing is defined are
    all letters of the first line its own.

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
        If the first line uses a symbol that the definitions do not know, or one
        with other assumptions than theirs.

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
    The mistake: w in the place of x.
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
        self._claim = definitions.claim(first_line)
        self.first_line = self._claim.first_line
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
        expression = self._claim.read(expression, f"step {number}")
        reason = _checked_reason(reason, number)
        check = self._claim.check(expression, reason, number)
        self.steps = (*self.steps, Step(expression, reason, check))
        return self

    def matrix(self, matrix, reason):
        """Add a line in matrices, whose element is proved to equal the first line.

        The first line is then an entry, or a derivative by one, such as
        ``D(L, w[a, b])``, and the matrix line says the same of all entries at once.

        Parameters
        ----------
        matrix : Matrix
            Made of quantities without their indices: ``x.T @ delta``, an element by
            element product ``delta * slope(f)(net)``, ``ones(N).T @ delta``.
        reason : str

        Returns
        -------
        Derivation
            This one.

        Raises
        ------
        DerivationError
            If its element differs from the first line.
        TypeError, ValueError
            If it is no matrix line, if its shape is another, or as `step` does.
        """
        number = len(self.steps) + 1
        if not isinstance(matrix, Matrix):
            raise TypeError(
                f"step {number} must be made of quantities without indices, not of "
                f"{type(matrix).__name__} ({matrix})"
            )
        reason = _checked_reason(reason, number)
        left, check = self._claim.check_matrix(matrix, reason, number)
        self.steps = (*self.steps, Step(matrix, reason, check, left))
        return self

    def to_numpy(self, *arguments):
        """Return the result as a NumPy function of arrays that broadcast.

        Parameters
        ----------
        *arguments : Symbol
            What the function takes, in this order. Defined symbols are allowed, and
            are then not expanded. Without any it takes all base variables of the
            definitions, in the order of `definitions.base`, and then the first
            line's own.

        Returns
        -------
        function
            It takes numbers or arrays, by position or by the symbols' names, and
            returns floats of their common shape. Where the result has no real value,
            as the logarithm of a negative number, it is nan; a `RuntimeWarning` says
            so. At a kink, the slope is SymPy's: half of the two for `Max(x, 0)`; a
            second derivative is nan there and 0 beside it.

        Raises
        ------
        TypeError
            If an argument is no symbol.
        ValueError
            If the result depends on a symbol that is not among the arguments, or
            on a function that NumPy has not; if an argument comes twice or is not
            known.
        """
        return self._claim.to_numpy(self.result, arguments)

    def __repr__(self):
        return text_table(self.first_line, self.steps)

    def _repr_latex_(self):
        return latex_table(self.first_line, self.steps)


def _checked_reason(reason, number):
    if not isinstance(reason, str):
        kind = type(reason).__name__
        raise TypeError(f"the reason for step {number} must be a string, not {kind}")
    reason = " ".join(reason.split())
    if not reason.strip("$ "):
        raise ValueError(f"step {number} needs a reason, and it is empty")
    return reason

r"""Lines in matrices: products, transposes and the like, each with its shape.

A matrix line says one thing of all its elements at once. `element` writes that thing
down with indices, and it is the element that is proved. A quantity with one axis is a
row, as everywhere in the book; with two it is a table. Shapes are ranges, not numbers,
and two ranges fit only if they are declared alike.
"""

from sympy import Integer, sympify

from .matrix_operations import (
    ATOM,
    Added,
    Each,
    Elementwise,
    Multiplied,
    Ones,
    Scaled,
    Transposed,
    length,
)
from .printing import BookLatexPrinter, BookTextPrinter
from .ranges import span


class Matrix:
    """A table, a row or a column of expressions.

    Attributes
    ----------
    rows, columns : pairs of ends
        The range of each; (1, 1) for the only row of a row.
    operation : operation or None
        What made it of other matrices, if anything did.
    """

    level = ATOM
    operation = None
    rows = columns = (Integer(1), Integer(1))

    @property
    def T(self):
        """The transpose."""
        return _Made(Transposed(self))

    def each(self, function):
        """Return a function of every element."""
        return _Made(Each(self, function))

    def __matmul__(self, other):
        return _Made(Multiplied(self, _matrix(other)))

    def __mul__(self, other):
        if isinstance(other, Matrix):
            return _Made(Elementwise(self, other))
        return _Made(Scaled(self, sympify(other)))

    def __rmul__(self, other):
        return _Made(Scaled(self, sympify(other)))

    def __truediv__(self, other):
        return _Made(Scaled(self, 1 / sympify(other)))

    def __add__(self, other):
        return _Made(Added(self, _matrix(other), 1))

    def __sub__(self, other):
        return _Made(Added(self, _matrix(other), -1))

    def __neg__(self):
        return _Made(Scaled(self, Integer(-1)))

    def element(self, row, column):
        """Return the expression at a row and a column."""
        raise NotImplementedError

    def parts(self):
        """Return the matrices that this one is made of."""
        return ()

    def to_array(self, arrays, calculate):
        """Return the matrix as an array of numbers, given those of its quantities."""
        raise NotImplementedError

    def shape(self):
        """Return rows × columns in words, as `n × m`."""
        return f"{length(self.rows)} × {length(self.columns)}"

    def _latex(self, printer, exp=None):
        if not isinstance(printer, BookLatexPrinter):
            printer = BookLatexPrinter()
        return self._print_with(printer, latex=True)

    def _sympystr(self, printer):
        if not isinstance(printer, BookTextPrinter):
            printer = BookTextPrinter()
        return self._print_with(printer, latex=False)

    def __repr__(self):
        return BookTextPrinter().doprint(self)


class _Made(Matrix):
    """A matrix that an operation makes, which says all there is to say of it."""

    def __init__(self, operation):
        self.operation = operation
        self.level = operation.level
        self.rows, self.columns = operation.rows, operation.columns

    def element(self, row, column):
        return self.operation.element(row, column)

    def parts(self):
        return self.operation.parts

    def to_array(self, arrays, calculate):
        return self.operation.to_array(arrays, calculate)

    def _print_with(self, printer, latex):
        return self.operation.printed(printer, latex)


def ones(axis):
    """Return a column of ones, one for each place of an axis.

    Its transpose adds up the rows of a matrix; times a row, it repeats that row.

    Examples
    --------
    >>> from backprop_lib.symbolic import quantity, widths
    >>> N, m = widths("N m")
    >>> delta = quantity("delta", N, m)
    >>> ones(N).T @ delta
    ones(N).T @ delta
    >>> delta @ ones(N)
    Traceback (most recent call last):
        ...
    ValueError: delta is N × m and ones(N) is N × 1: the m and the N do not meet
    """
    return _Made(Ones(span(axis)))


def _matrix(value):
    if not isinstance(value, Matrix):
        kind = type(value).__name__
        raise TypeError(
            f"a matrix line is made of quantities without indices, not of {value} "
            f"({kind})"
        )
    return value

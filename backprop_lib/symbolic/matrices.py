r"""Lines in matrices: products, transposes and the like, each with its shape.

A matrix line says one thing of all its elements at once. `element` writes that thing
down with indices, and it is the element that is proved. A quantity with one axis is a
row, as everywhere in the book; with two it is a table. Shapes are ranges, not numbers,
and two ranges fit only if they are declared alike.
"""

from sympy import Integer, sympify

from .printing import BookLatexPrinter, BookTextPrinter
from .ranges import Index, affine, shown, span
from .sums import sum_over

_ADD, _TIMES, _ATOM = range(3)  # how closely the parts of a line hold together
_LETTERS = "k l p q s v"  # for what a product sums over


class Matrix:
    """A table, a row or a column of expressions.

    Attributes
    ----------
    rows, columns : pairs of ends
        The range of each; (1, 1) for the only row of a row.
    """

    level = _ATOM
    rows = columns = (Integer(1), Integer(1))

    @property
    def T(self):
        """The transpose."""
        return _Transposed(self)

    def each(self, function):
        """Return a function of every element."""
        return _Each(self, function)

    def __matmul__(self, other):
        return _Multiplied(self, _matrix(other))

    def __mul__(self, other):
        if isinstance(other, Matrix):
            return _Elementwise(self, other)
        return _Scaled(self, sympify(other))

    def __rmul__(self, other):
        return _Scaled(self, sympify(other))

    def __truediv__(self, other):
        return _Scaled(self, 1 / sympify(other))

    def __add__(self, other):
        return _Added(self, _matrix(other), 1)

    def __sub__(self, other):
        return _Added(self, _matrix(other), -1)

    def __neg__(self):
        return _Scaled(self, Integer(-1))

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
        return f"{_length(self.rows)} × {_length(self.columns)}"

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

    def inside(self, printer, part, level):
        """Print a part, in brackets if it holds together less closely."""
        text = printer.doprint(part)
        return printer.bracket(text) if part.level < level else text


class _Transposed(Matrix):
    def __init__(self, inner):
        self._inner = inner
        self.rows, self.columns = inner.columns, inner.rows

    def element(self, row, column):
        return self._inner.element(column, row)

    def parts(self):
        return (self._inner,)

    def to_array(self, arrays, calculate):
        return self._inner.to_array(arrays, calculate).T

    def _print_with(self, printer, latex):
        inner = self.inside(printer, self._inner, _ATOM)
        if not latex:
            return f"{inner}.T"
        inner = f"{{{inner}}}" if "^" in inner else inner
        return rf"{inner}^{{\mathsf{{T}}}}"


class _Pair(Matrix):
    def __init__(self, first, second):
        self._first, self._second = first, second

    def parts(self):
        return self._first, self._second

    def _check_alike(self, what):
        first, second = self.parts()
        if (first.rows, first.columns) != (second.rows, second.columns):
            raise ValueError(
                f"{first} is {first.shape()} and {second} is {second.shape()}: {what} "
                "needs two of one shape"
            )
        self.rows, self.columns = first.rows, first.columns


class _Multiplied(_Pair):
    level = _TIMES

    def __init__(self, first, second):
        super().__init__(first, second)
        if first.columns != second.rows:
            raise ValueError(
                f"{first} is {first.shape()} and {second} is {second.shape()}: "
                f"the {_length(first.columns)} and the {_length(second.rows)} do not "
                "meet"
            )
        self.rows, self.columns = first.rows, second.columns

    def element(self, row, column):
        first, last = self._first.columns
        if first == last:
            return self._first.element(row, first) * self._second.element(first, column)
        index = Index(self._letter(row, column), first, last)
        return sum_over(
            index,
            self._first.element(row, index) * self._second.element(index, column),
        )

    def _letter(self, row, column):
        """Return a letter of this range alone, that no place above uses."""
        taken = {str(s) for place in (row, column) for s in place.free_symbols}
        width = "".join(filter(str.isalnum, _length(self._first.columns)))
        names = (f"{letter}_{width}" for letter in _letters())
        return next(name for name in names if name not in taken)

    def to_array(self, arrays, calculate):
        first, second = (part.to_array(arrays, calculate) for part in self.parts())
        return first @ second

    def _print_with(self, printer, latex):
        first = self.inside(printer, self._first, _TIMES)
        second = self.inside(printer, self._second, _TIMES)
        return f"{first} {second}" if latex else f"{first} @ {second}"


class _Elementwise(_Pair):
    level = _TIMES

    def __init__(self, first, second):
        super().__init__(first, second)
        self._check_alike("an element by element product")

    def element(self, row, column):
        return self._first.element(row, column) * self._second.element(row, column)

    def to_array(self, arrays, calculate):
        first, second = (part.to_array(arrays, calculate) for part in self.parts())
        return first * second

    def _print_with(self, printer, latex):
        # A matrix product beside ∘ or * reads either way without its brackets.
        first, second = (
            printer.bracket(printer.doprint(part))
            if isinstance(part, _Multiplied) or part.level < _TIMES
            else printer.doprint(part)
            for part in self.parts()
        )
        return rf"{first} \circ {second}" if latex else f"{first} * {second}"


class _Added(_Pair):
    level = _ADD

    def __init__(self, first, second, sign):
        super().__init__(first, second)
        self._sign = sign
        self._check_alike("a sum")

    def element(self, row, column):
        second = self._second.element(row, column)
        return self._first.element(row, column) + self._sign * second

    def to_array(self, arrays, calculate):
        first, second = (part.to_array(arrays, calculate) for part in self.parts())
        return first + self._sign * second

    def _print_with(self, printer, latex):
        first = self.inside(printer, self._first, _ADD)
        second = self.inside(printer, self._second, _ADD + (self._sign < 0))
        return f"{first} {'+' if self._sign > 0 else '-'} {second}"


class _Scaled(Matrix):
    @property
    def level(self):
        """A sign in front holds together no closer than a sum."""
        return _ADD if self._number.is_negative else _TIMES

    def __init__(self, inner, number):
        if isinstance(inner, _Scaled):
            inner, number = inner._inner, number * inner._number
        self._inner, self._number = inner, number
        self.rows, self.columns = inner.rows, inner.columns

    def element(self, row, column):
        return self._number * self._inner.element(row, column)

    def parts(self):
        return (self._inner,)

    @property
    def number(self):
        """What every element is multiplied by."""
        return self._number

    def to_array(self, arrays, calculate):
        return calculate(self._number) * self._inner.to_array(arrays, calculate)

    def _print_with(self, printer, latex):
        inner = self.inside(printer, self._inner, _TIMES)
        if self._number == -1:
            return f"-{inner}"
        number = printer.parenthesize(self._number, 50)
        return f"{number} {inner}" if latex else f"{number} * {inner}"


class _Each(Matrix):
    def __init__(self, inner, function):
        self._inner, self._function = inner, function
        self.rows, self.columns = inner.rows, inner.columns

    def element(self, row, column):
        return self._function(self._inner.element(row, column))

    def parts(self):
        return (self._inner,)

    def to_array(self, arrays, calculate):
        return calculate(self._function, self._inner.to_array(arrays, calculate))

    def _print_with(self, printer, latex):
        from sympy import Symbol

        text = printer.doprint(self._function(Symbol("zzz")))
        stand_in = printer.doprint(Symbol("zzz"))
        return text.replace(stand_in, printer.doprint(self._inner))


class _Ones(Matrix):
    def __init__(self, axis):
        self.rows = span(axis)

    def element(self, row, column):
        return Integer(1)

    def to_array(self, arrays, calculate):
        import numpy as np

        first, last = (calculate(end) for end in self.rows)
        return np.ones((int(last - first) + 1, 1))

    def _print_with(self, printer, latex):
        return r"\mathbf{1}" if latex else f"ones({_length(self.rows)})"


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
    return _Ones(axis)


def _matrix(value):
    if not isinstance(value, Matrix):
        kind = type(value).__name__
        raise TypeError(
            f"a matrix line is made of quantities without indices, not of {value} "
            f"({kind})"
        )
    return value


def _length(ends):
    first, last = ends
    return str(last) if first == 1 else shown((affine(first), affine(last)))


def _letters():
    yield from _LETTERS.split()
    number = 1
    while True:
        yield f"k{number}"
        number += 1

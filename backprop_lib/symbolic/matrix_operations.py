"""What makes matrices of matrices: each operation's shape, elements, numbers, print.

An operation has `rows` and `columns`, the matrices that are its `parts`, and a `level`,
how closely what it makes holds together in print.
"""

from sympy import Integer, Symbol

from .ranges import Index, affine, shown
from .sums import sum_over

ADD, TIMES, ATOM = range(3)
_ONE = (Integer(1), Integer(1))  # the range of an only row or column
_LETTERS = "k l p q s v"  # for what a product sums over


class Transposed:
    """Rows for columns."""

    level = ATOM

    def __init__(self, inner):
        self.parts = (inner,)
        self.rows, self.columns = inner.columns, inner.rows

    def element(self, row, column):
        return self.parts[0].element(column, row)

    def to_array(self, arrays, calculate):
        return self.parts[0].to_array(arrays, calculate).T

    def printed(self, printer, latex):
        inner = _inside(printer, self.parts[0], ATOM)
        if not latex:
            return f"{inner}.T"
        inner = f"{{{inner}}}" if "^" in inner else inner
        return rf"{inner}^{{\mathsf{{T}}}}"


class Multiplied:
    """Rows times columns."""

    level = TIMES

    def __init__(self, first, second):
        if first.columns != second.rows:
            raise ValueError(
                f"{first} is {first.shape()} and {second} is {second.shape()}: "
                f"the {length(first.columns)} and the {length(second.rows)} do not "
                "meet"
            )
        self.parts = first, second
        self.rows, self.columns = first.rows, second.columns

    def element(self, row, column):
        left, right = self.parts
        first, last = left.columns
        if first == last:
            return left.element(row, first) * right.element(first, column)
        index = Index(self._letter(row, column), first, last)
        return sum_over(index, left.element(row, index) * right.element(index, column))

    def _letter(self, row, column):
        """Return a letter of this range alone, that no place above uses."""
        taken = {str(s) for place in (row, column) for s in place.free_symbols}
        width = "".join(filter(str.isalnum, length(self.parts[0].columns)))
        names = (f"{letter}_{width}" for letter in _letters())
        return next(name for name in names if name not in taken)

    def to_array(self, arrays, calculate):
        first, second = (part.to_array(arrays, calculate) for part in self.parts)
        return first @ second

    def printed(self, printer, latex):
        first, second = (_inside(printer, part, TIMES) for part in self.parts)
        return f"{first} {second}" if latex else f"{first} @ {second}"


class Elementwise:
    """An element times the one in its place."""

    level = TIMES

    def __init__(self, first, second):
        self.parts = first, second
        self.rows, self.columns = _shape_of_both(
            first, second, "an element by element product"
        )

    def element(self, row, column):
        first, second = (part.element(row, column) for part in self.parts)
        return first * second

    def to_array(self, arrays, calculate):
        first, second = (part.to_array(arrays, calculate) for part in self.parts)
        return first * second

    def printed(self, printer, latex):
        # A matrix product beside ∘ or * reads either way without its brackets.
        first, second = (
            printer.bracket(printer.doprint(part))
            if isinstance(part.operation, Multiplied) or part.level < TIMES
            else printer.doprint(part)
            for part in self.parts
        )
        return rf"{first} \circ {second}" if latex else f"{first} * {second}"


class Added:
    """A sum, or with sign -1 a difference."""

    level = ADD

    def __init__(self, first, second, sign):
        self.parts, self._sign = (first, second), sign
        self.rows, self.columns = _shape_of_both(first, second, "a sum")

    def element(self, row, column):
        first, second = (part.element(row, column) for part in self.parts)
        return first + self._sign * second

    def to_array(self, arrays, calculate):
        first, second = (part.to_array(arrays, calculate) for part in self.parts)
        return first + self._sign * second

    def printed(self, printer, latex):
        first, second = self.parts
        first = _inside(printer, first, ADD)
        second = _inside(printer, second, ADD + (self._sign < 0))
        return f"{first} {'+' if self._sign > 0 else '-'} {second}"


class Scaled:
    """A number times every element."""

    def __init__(self, inner, number):
        if isinstance(inner.operation, Scaled):
            number *= inner.operation.number
            (inner,) = inner.parts()
        self.parts, self.number = (inner,), number
        self.rows, self.columns = inner.rows, inner.columns

    @property
    def level(self):
        """A sign in front holds together no closer than a sum."""
        return ADD if self.number.is_negative else TIMES

    def element(self, row, column):
        return self.number * self.parts[0].element(row, column)

    def to_array(self, arrays, calculate):
        return calculate(self.number) * self.parts[0].to_array(arrays, calculate)

    def printed(self, printer, latex):
        inner = _inside(printer, self.parts[0], TIMES)
        if self.number == -1:
            return f"-{inner}"
        number = printer.parenthesize(self.number, 50)
        return f"{number} {inner}" if latex else f"{number} * {inner}"


class Each:
    """A function of every element."""

    level = ATOM

    def __init__(self, inner, function):
        self.parts, self._function = (inner,), function
        self.rows, self.columns = inner.rows, inner.columns

    def element(self, row, column):
        return self._function(self.parts[0].element(row, column))

    def to_array(self, arrays, calculate):
        return calculate(self._function, self.parts[0].to_array(arrays, calculate))

    def printed(self, printer, latex):
        text = printer.doprint(self._function(Symbol("zzz")))
        stand_in = printer.doprint(Symbol("zzz"))
        return text.replace(stand_in, printer.doprint(self.parts[0]))


class Ones:
    """A column of ones."""

    level = ATOM
    columns = _ONE
    parts = ()

    def __init__(self, rows):
        self.rows = rows

    def element(self, row, column):
        return Integer(1)

    def to_array(self, arrays, calculate):
        import numpy as np

        first, last = (calculate(end) for end in self.rows)
        return np.ones((int(last - first) + 1, 1))

    def printed(self, printer, latex):
        return r"\mathbf{1}" if latex else f"ones({length(self.rows)})"


def length(ends):
    """Return the length of a range in words, as `n`."""
    first, last = ends
    return str(last) if first == 1 else shown((affine(first), affine(last)))


def _shape_of_both(first, second, what):
    """Return the shape of two matrices, or say that they have not the same."""
    if (first.rows, first.columns) != (second.rows, second.columns):
        raise ValueError(
            f"{first} is {first.shape()} and {second} is {second.shape()}: {what} "
            "needs two of one shape"
        )
    return first.rows, first.columns


def _inside(printer, part, level):
    """Print a part, in brackets if it holds together less closely."""
    text = printer.doprint(part)
    return printer.bracket(text) if part.level < level else text


def _letters():
    yield from _LETTERS.split()
    number = 1
    while True:
        yield f"k{number}"
        number += 1

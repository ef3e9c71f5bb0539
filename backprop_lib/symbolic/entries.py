r"""Quantities with axes, and their entries: w over n and m, and w[i, j]."""

from functools import cached_property
from itertools import permutations

from sympy import Symbol, sympify
from sympy.printing.conventions import split_super_sub

from .matrices import Matrix
from .printing import BookLatexPrinter, BookTextPrinter
from .ranges import Index, affine, letter_of, range_of, shown, span, within


class Entry(Symbol):
    """One entry of a quantity: a symbol with a place for each axis."""

    __slots__ = ("places", "quantity")

    def __new__(cls, quantity, places):
        name = f"{quantity.name}[{', '.join(map(str, places))}]"
        entry = Symbol.__xnew__(cls, name, real=True)
        entry.quantity, entry.places = quantity, places
        return entry

    def __getnewargs_ex__(self):
        return (self.quantity, self.places), {}

    def _hashable_content(self):
        return (*super()._hashable_content(), *self.quantity.identity, *self.places)

    @property
    def indices(self):
        """The indices among the places, in their order."""
        found = (s for place in self.places for s in place.free_symbols)
        return tuple(dict.fromkeys(s for s in found if isinstance(s, Index)))

    def _latex(self, printer, exp=None):
        if not isinstance(printer, BookLatexPrinter):
            printer = BookLatexPrinter()
        places = [printer._print(place) for place in self.places]
        plain = all(place.is_Symbol for place in self.places)
        below = (" " if plain else r",\,").join(places)
        head, above, _ = split_super_sub(self.quantity.name)
        text = f"{printer._print(Symbol(head))}_{{{below}}}"
        text += f"^{{{' '.join(above)}}}" * bool(above)
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer):
        if not isinstance(printer, BookTextPrinter):
            printer = BookTextPrinter()
        places = ", ".join(map(printer._print, self.places))
        return f"{self.quantity.name}[{places}]"


class Whole(Symbol):
    """All entries of a quantity, as the argument of an undefined function."""

    __slots__ = ("quantity",)

    def __new__(cls, quantity):
        whole = Symbol.__xnew__(cls, quantity.whole)
        whole.quantity = quantity
        return whole

    def __getnewargs_ex__(self):
        return (self.quantity,), {}

    def _hashable_content(self):
        return (*super()._hashable_content(), *self.quantity.identity)


class Quantity(Matrix):
    """A name with axes, each with its declared range; its entries are symbols.

    Without brackets it stands for all its entries: in `Matrix` lines, and as the
    argument of an undefined function that looks at all of them.
    """

    def __init__(self, name, axes, whole):
        self.name, self.axes, self.whole = name, axes, whole
        self.columns = axes[-1]
        if len(axes) > 1:
            self.rows = axes[0]

    @property
    def identity(self):
        """The name and the axes as texts, which SymPy can put in order."""
        return self.name, str(self.axes)

    @cached_property
    def ranges(self):
        """The range of each axis, its ends as affine pairs."""
        return tuple((affine(first), affine(last)) for first, last in self.axes)

    def fits(self, places):
        """Say whether there is an entry at these places."""
        return len(places) == len(self.axes) and all(map(_fits, places, self.ranges))

    def __getitem__(self, places):
        places = places if isinstance(places, tuple) else (places,)
        places = tuple(map(sympify, places))
        if len(places) != len(self.axes):
            raise ValueError(
                f"{self.name} has {len(self.axes)} axes, and {len(places)} places "
                f"were given: {', '.join(map(str, places))}"
            )
        pairs = zip(places, self.ranges, strict=True)
        for number, (place, axis) in enumerate(pairs, start=1):
            if not _fits(place, axis):
                raise ValueError(self._misfit(number, place, axis, places))
        return Entry(self, places)

    def _misfit(self, number, place, axis, places):
        runs = range_of(affine(place), _ranges(place))
        where = shown(runs) if _ranges(place) else "one place"
        fitting = [
            ", ".join(map(str, order))
            for order in permutations(places)
            if self.fits(order)
        ]
        hint = f"{self.name}[{fitting[0]}] fits" if fitting else "declare one that fits"
        return (
            f"axis {number} of {self.name} is {shown(axis)}, but {place} is {where}: "
            f"{hint}"
        )

    def element(self, row, column):
        if len(self.axes) > 2:
            raise ValueError(f"{self.name} has {len(self.axes)} axes: it is no matrix")
        return self[column] if len(self.axes) == 1 else self[row, column]

    def to_array(self, arrays, calculate):
        import numpy as np

        return np.atleast_2d(arrays[self])

    def _print_with(self, printer, latex):
        return printer.doprint(Symbol(self.whole)) if latex else self.name

    def _sympy_(self):
        return Whole(self)

    def __eq__(self, other):
        return isinstance(other, Quantity) and self.identity == other.identity

    def __hash__(self):
        return hash(self.identity)


def _ranges(place):
    return {letter_of(s): s.range for s in place.free_symbols if isinstance(s, Index)}


def _fits(place, axis):
    return within(range_of(affine(place), _ranges(place)), axis)


def quantity(name, *axes, whole=None):
    """Return a quantity with axes.

    Parameters
    ----------
    name : str
        Such as ``w``, or with a layer above it, ``w^(1)``. What would stand below is
        the indices' place.
    *axes : width, or pair of ends
        A width n stands for 1 to n. At least one.
    whole : str, optional
        How all entries together are called in a matrix line; `name`, if not given.

    Raises
    ------
    ValueError
        If the name has something below, or if there is no axis.

    Examples
    --------
    >>> from backprop_lib.symbolic import indices, widths
    >>> n, m, T = widths("n m T")
    >>> (i,), (j,) = indices("i", n), indices("j", m)
    >>> w, o = quantity("w", n, m, whole="W"), quantity("o", (0, T))
    >>> w[i, j]
    w[i, j]
    >>> w[j, i]
    Traceback (most recent call last):
        ...
    ValueError: axis 1 of w is 1..n, but j is 1..m: w[i, j] fits
    """
    if not axes:
        raise ValueError(f"{name} needs an axis at least: a single number is a symbol")
    head, _, below = split_super_sub(name)
    if below:
        raise ValueError(
            f"{name} has {' '.join(below)} below, where the indices go: put a layer "
            f"above, {head}^({' '.join(below)})"
        )
    return Quantity(name, tuple(map(span, axes)), whole or name)


def name_of(symbol):
    """Return the name of a quantity or single symbol, without its places."""
    return symbol.quantity.name if isinstance(symbol, (Entry, Whole)) else symbol.name

"""Widths, the indices that run over them, and what is known of their order.

A place along an axis is *affine*: a pair (letter, number) that stands for their sum,
such as ("#k", -1) for k - 1, ("T", 0) for the width T, and ("", 2) for 2. Of a width
it is known that it is at least 1; of everything else only what is declared.
"""

from functools import lru_cache
from itertools import count

from sympy import Integer, Symbol, sympify

_INDEX = "#"  # before an index's letter, to tell it from a width's
_FRESH = count()


class Width(Symbol):
    """A number of neurons, examples or steps: any whole number from 1 on."""

    __slots__ = ()

    def __new__(cls, name):
        return Symbol.__xnew__(cls, name, integer=True, positive=True)

    def __getnewargs_ex__(self):
        return (self.name,), {}


class Index(Symbol):
    """A letter that runs over a declared range, both ends included."""

    __slots__ = ("first", "last")

    def __new__(cls, name, first, last):
        index = Symbol.__xnew__(cls, name, integer=True)
        index.first, index.last = first, last
        return index

    def __getnewargs_ex__(self):
        return (self.name, self.first, self.last), {}

    def _hashable_content(self):
        return (*super()._hashable_content(), self.first, self.last)

    @property
    def range(self):
        """The two ends, each as an affine pair."""
        return affine(self.first), affine(self.last)


def widths(names):
    """Return symbols for widths, one for each name in the text.

    Examples
    --------
    >>> n, m, N = widths("n m N")
    """
    return tuple(map(Width, _names(names, "widths")))


def indices(names, first, last=None):
    """Return indices that run from 1 to a width, or from one place to another.

    Parameters
    ----------
    names : str
        One or more letters, separated by spaces.
    first, last : int, width, or a width plus or minus an int
        With one of them, the range is 1 to that; with two, both ends are included.

    Raises
    ------
    TypeError
        If an end of the range is anything else.
    ValueError
        If the range can be seen to be empty.

    Examples
    --------
    >>> n, T = widths("n T")
    >>> i, a = indices("i a", n)
    >>> (k,) = indices("k", 1, T - 1)
    >>> i.range, k.range
    ((('', 1), ('n', 0)), (('', 1), ('T', -1)))
    """
    first, last = span(first if last is None else (first, last))
    return tuple(Index(name, first, last) for name in _names(names, "indices"))


def span(axis):
    """Return the two ends of an axis that is given as its last place, or as both."""
    first, last = axis if isinstance(axis, tuple) else (1, axis)
    first, last = sympify(first), sympify(last)
    for end in (first, last):
        letter, _ = affine(end)
        if letter and not end.atoms(Width):
            raise TypeError(
                f"a range ends at a width or a whole number, not at {end}: "
                'declare it with widths("n")'
            )
    (letter, start), (other, end) = affine(first), affine(last)
    if letter == other and end < start:
        raise ValueError(f"the range {first} to {last} is empty")
    return first, last


def affine(place):
    """Return a place as (letter, number), or say that it is none."""
    letter, number = "", place
    symbols = getattr(place, "free_symbols", None)
    if symbols and len(symbols) == 1:
        (symbol,) = symbols
        number = place - symbol if isinstance(symbol, (Width, Index)) else None
        letter = letter_of(symbol)
    if not isinstance(number, (int, Integer)):
        raise TypeError(
            f"{place} is no place along an axis: write an index or a width that was "
            "declared, if need be plus or minus a whole number"
        )
    return letter, int(number)


@lru_cache(maxsize=256)
def letter_of(symbol):
    """Return the letter by which places name an index or a width.

    An index's tells its range too, so that one name with two ranges is two letters.
    """
    if not isinstance(symbol, Index):
        return symbol.name
    return f"{_INDEX}{symbol.name}:{symbol.first}..{symbol.last}"


def fresh_letter():
    """Return an index's letter that is used nowhere."""
    return f"{_INDEX}{next(_FRESH)}"


def at_most(low, high):
    """Say whether one affine end is known not to lie beyond another."""
    if low[0] == high[0]:
        return low[1] <= high[1]
    # 2 <= n + 1, since every width is at least 1; nothing is known of an index here
    is_width = not high[0].startswith(_INDEX)
    return is_width and not low[0] and low[1] <= high[1] + 1


def within(inner, outer):
    """Say whether a range is known to lie inside another."""
    return at_most(outer[0], inner[0]) and at_most(inner[1], outer[1])


def moved(ends, number):
    """Return a range with a number added to both ends."""
    return tuple((letter, value + number) for letter, value in ends)


def range_of(place, ranges):
    """Return the range over which an affine place runs, given its letter's."""
    letter, number = place
    return moved(ranges[letter], number) if letter in ranges else (place, place)


def shown(ends):
    """Return a range in words."""
    return f"{_end(ends[0])}..{_end(ends[1])}"


def _end(place):
    letter, number = place
    if not letter:
        return str(number)
    return f"{letter}{number:+d}" if number else letter


def _names(names, what):
    if not isinstance(names, str) or not names.split():
        raise TypeError(f'{what} takes names in one text, such as "n m", not {names!r}')
    return names.split()

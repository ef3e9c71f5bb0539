"""What the definitions speak of, and what of it one may be taken for another."""

from itertools import permutations

from sympy import Symbol

from .entries import Entry, Whole
from .ranges import Index, Width


def things_of(claim):
    """Return every quantity and single symbol of the definitions, in order."""
    symbols = (getattr(s, "quantity", s) for s in claim.definitions.symbols)
    return tuple(dict.fromkeys(symbols))


def axes_of(thing):
    return getattr(thing, "axes", ())


def entries_of(thing, letters):
    """Return the entries of a quantity whose places are among some indices."""
    if isinstance(thing, Symbol):
        return [thing]
    orders = permutations(letters, len(thing.axes))
    return [thing[places] for places in orders if thing.fits(places)]


def others_for(symbol, things):
    """Return what may have been meant by a symbol: others with the same places."""
    if isinstance(symbol, (Width, Index, Whole)):
        return
    if not isinstance(symbol, Entry):
        yield from (t for t in things if isinstance(t, Symbol) and t != symbol)
        return
    first, *rest = symbol.places
    earlier, later = (first - 1, *rest), (first + 1, *rest)
    for thing in things:
        if not isinstance(thing, Symbol) and thing != symbol.quantity:
            for places in (*permutations(symbol.places), earlier, later):
                if thing.fits(places):
                    yield thing[places]

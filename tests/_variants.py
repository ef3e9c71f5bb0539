"""Every expression that one edit makes of another, written over indices."""

from itertools import permutations

from _by_numbers import name_of
from sympy import Function, KroneckerDelta, S

from backprop_lib.symbolic import D, product, slope, sum_over, total
from backprop_lib.symbolic.entries import Entry, Whole
from backprop_lib.symbolic.ranges import Index, Width


def variants(expression, free, definitions):
    """Yield expressions that differ from one in a single place.

    Another index, one more or less of it, the places exchanged; one quantity for
    another; a factor or term left out, a sign or a coefficient changed, a limit moved,
    a slope for its function. A sum's letter changed, or two sums exchanged, too.

    Parameters
    ----------
    free : tuple of Index
        Those that may stand in it without a sum.
    definitions : Definitions
        Whose quantities may be taken for one another.
    """
    signals = {name_of(x) for x, body in definitions.items() if isinstance(body, D)}
    things = Things(definitions.symbols, signals)
    for factor in (-1, 2, S.Half):
        yield product(factor, expression)
    yield from _inside(expression, tuple(free), things)


class Things(tuple):
    """Quantities and single symbols; `smooth` leaves out named derivatives."""

    def __new__(cls, things, signals):
        found = super().__new__(cls, things)
        found.smooth = tuple(t for t in things if name_of(t) not in signals)
        return found


def _inside(part, letters, things):
    yield from _edits(part, letters, things)
    if isinstance(part, D) or part.is_Atom:
        return
    if hasattr(part, "index"):
        for body in _inside(part.body, (*letters, part.index), things):
            yield sum_over(part.index, body)
    elif hasattr(part, "argument"):
        for argument in _inside(part.argument, letters, things):
            yield slope(part.function)(argument)
    elif not part.has(KroneckerDelta) or not isinstance(part, KroneckerDelta):
        for at, inner in enumerate(part.args):
            for changed in _inside(inner, letters, things):
                yield built(part, (*part.args[:at], changed, *part.args[at + 1 :]))


def built(like, parts):
    kinds = {"_Product": product, "_Total": total}
    return kinds.get(type(like).__name__, like.func)(*parts)


def _edits(part, letters, things):
    kind = type(part).__name__
    if isinstance(part, D):
        for upper in _others(part.upper, letters, things.smooth):
            yield D(upper, part.lower)
        for lower in _others(part.lower, letters, things):
            yield D(part.upper, lower)
    elif part.is_Symbol:
        yield from _others(part, letters, things)
    elif part.is_number:
        yield from (part + 1, -part)
    elif isinstance(part, KroneckerDelta):
        one, other = part.args[:2]
        for letter in letters:
            if letter not in (one, other) and letter.range == other.range:
                yield KroneckerDelta(one, letter)
                yield KroneckerDelta(letter, other)
        yield S.One
    elif hasattr(part, "index"):
        yield from _sums(part, letters)
    elif hasattr(part, "argument"):
        yield part.function(part.argument)
    elif isinstance(part, Function) and not part.has(Whole):
        yield slope(part.func)(*part.args)
    elif kind in ("Add", "_Total", "Mul", "_Product"):
        for at, inner in enumerate(part.args):
            others = part.args[:at], part.args[at + 1 :]
            yield built(part, (*others[0], *others[1]))
            if kind in ("Add", "_Total"):
                yield built(part, (*others[0], -inner, *others[1]))
                yield built(part, (*others[0], product(2, inner), *others[1]))


def _others(symbol, letters, things):
    """Yield what a symbol may be taken for: other places, and other quantities."""
    if isinstance(symbol, (Width, Index, Whole)):
        return
    if not isinstance(symbol, Entry):
        yield from (t for t in things if name_of(t) != symbol.name and single(t))
        return
    moves = [*permutations(symbol.places)]
    for at, place in enumerate(symbol.places):
        for other in (*letters, place - 1, place + 1):
            moves.append((*symbol.places[:at], other, *symbol.places[at + 1 :]))
    for places in dict.fromkeys(moves):
        if places != symbol.places:
            yield from placed(symbol.quantity, places)
    for thing in things:
        if not single(thing) and thing != symbol.quantity:
            yield from placed(thing, symbol.places)


def single(thing):
    return not hasattr(thing, "axes")


def placed(quantity, places):
    """Return an entry in a list, or an empty one if the places do not fit."""
    try:
        return [quantity[places]]
    except ValueError:
        return []


def _sums(part, letters):
    index, body = part.index, part.body
    for first in (-1, 0, 1):
        for last in (-1, 0, 1):
            ends = index.first + first, index.last + last
            other = Index(index.name, *ends)
            if (first, last) != (0, 0):
                yield from moved(body, index, other)
    yield from moved(body, index, Index("v", index.first, index.last))
    if hasattr(body, "index"):
        yield sum_over((body.index, index), body.body)


def moved(body, index, other):
    """Return the sum over another index in a list, or an empty one if it misfits."""
    exchanges = {index: other}
    for entry in body.atoms(Entry):
        if index in entry.indices:
            places = tuple(place.xreplace({index: other}) for place in entry.places)
            found = placed(entry.quantity, places)
            if not found:
                return []
            exchanges[entry] = found[0]
    return [sum_over(other, body.xreplace(exchanges))]

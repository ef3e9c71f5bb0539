"""Kronecker deltas and ranges: what makes a sum shorter, or gives it its usual range.

A delta is contracted only where the place that its letter gets is known to lie in the
letter's range. The range of a free letter is the declared one, never assumed.
"""

from fractions import Fraction

from .keys import TooLong
from .letters import inner_forms, places_of, rename_term
from .normal import collected, merge, multiply, number, power_of, single
from .ranges import at_most, moved, range_of, within

_MOST_ROUNDS = 200
_FARTHEST = 6  # places by which a range is lengthened or shortened


class Contraction:
    """Simplifies forms, given the ranges of free letters.

    Parameters
    ----------
    ranges : dict from letter to pair of affine ends
    facts : IndexedSystem
        ``facts.given`` is a dict from (name, axis, range) to the sum over a whole axis
        that is known: the entries of one-hot targets add up to 1. ``facts.is_later``
        says which derivatives vanish, by an entry of a later step.
    """

    def __init__(self, ranges, facts):
        self.ranges = ranges
        self._facts = facts
        self._done = {}

    def simplified(self, form):
        """Return the form with every delta contracted that can be."""
        if form not in self._done:
            self._done[form] = self._simplified(form)
        return self._done[form]

    def _simplified(self, form):
        done, left = [], list(form)
        rounds = 0
        while left:
            rounds += 1
            if rounds > _MOST_ROUNDS * (1 + len(form)):
                raise TooLong
            coefficient, term = left.pop()
            shorter = self._shorter(term)
            if shorter is None:
                shorter = self._inside(term)
            if shorter is None:
                done.append((coefficient, term))
            else:
                left.extend((coefficient * c, inner) for c, inner in shorter)
        return collected(done)

    def _inside(self, term):
        """Return a term whose atoms hold simplified forms, or None if they do."""
        bounds, factors = term
        if not any(inner_forms(atom) for atom, _ in factors):
            return None
        own = {letter: ends for letter, *ends in bounds}
        inner = Contraction({**self.ranges, **own}, self._facts) if own else self
        simpler = [(inner._atom(atom), power) for atom, power in factors]
        if simpler == list(factors):
            return None
        plain = merge((a, p) for a, p in simpler if a[0] != "power")
        powers = (power_of(a[1], a[2] * p) for a, p in simpler if a[0] == "power")
        return [
            (c, ((*bounds, *more), merged))
            for c, (more, merged) in multiply(plain, *powers)
        ]

    def _atom(self, atom):
        if atom[0] == "call":
            return (*atom[:3], tuple(map(self.simplified, atom[3])))
        if atom[0] in ("power", "slope"):
            return (atom[0], self.simplified(atom[1]), *atom[2:])
        return atom

    def _shorter(self, term):
        """Return simpler (coefficient, term) pairs for a term, or None."""
        bounds, factors = term
        known = {**self.ranges, **{letter: ends for letter, *ends in bounds}}
        for atom, _ in factors:
            if atom[0] == "delta":
                found = self._contracted(term, atom, known)
                if found is not None:
                    return found
            if atom[0] == "slope" and self._facts.is_later(atom):
                return []
        for bound in bounds:
            found = self._bound(term, bound)
            if found is not None:
                return found
        return _renamed_by_deltas(term)

    def _contracted(self, term, delta, known):
        bounds, factors = term
        _, one, other = delta
        rest = tuple(pair for pair in factors if pair[0] != delta)
        if one[0] == other[0]:
            return [] if one[1] != other[1] else _again(bounds, rest)
        apart = (range_of(one, known), range_of(other, known))
        if _disjoint(*apart):
            return []
        own = {bound[0]: bound for bound in bounds}
        for (letter, shift), place in ((one, other), (other, one)):
            if letter not in own:
                continue
            # letter + shift = place, so the letter is place - shift
            there = (place[0], place[1] - shift)
            left = tuple(bound for bound in bounds if bound[0] != letter)
            ends, runs = own[letter][1:], range_of(there, known)
            if within(runs, ends):
                return _put(left, rest, letter, there)
            meet = _meet(ends, runs)
            if place[0] in own and meet:
                # The other letter is bound too: both run over what they share.
                shorter = moved(meet, -there[1])
                left = tuple((b[0], *shorter) if b[0] == place[0] else b for b in left)
                return _put(left, rest, letter, there)
        return None

    def _bound(self, term, bound):
        """Return simpler pairs for a sum over one letter, or None."""
        bounds, factors = term
        letter, first, last = bound
        left = tuple(b for b in bounds if b[0] != letter)
        if first == last:
            return _put(left, factors, letter, first)
        used = [a for a, _ in factors if any(p[0] == letter for p in places_of(a))]
        if not used:
            return _counted(left, factors, first, last)
        found = self._given_sum(left, factors, bound, used)
        return found if found is not None else _usual(left, factors, bound, used)

    def _given_sum(self, left, factors, bound, used):
        letter, *ends = bound
        if len(used) > 1 or used[0][0] != "entry" or (used[0], 1) not in factors:
            return None
        _, name, places = used[0]
        for axis, place in enumerate(places):
            value = self._facts.given.get((name, axis, tuple(ends)))
            others = any(p[0] == letter for at, p in enumerate(places) if at != axis)
            if place == (letter, 0) and value is not None and not others:
                rest = tuple(pair for pair in factors if pair[0] != used[0])
                return [(value * c, t) for c, t in _again(left, rest)]
        return None


def _renamed_by_deltas(term):
    """Return a term with one letter for two that a delta says are the same."""
    bounds, factors = term
    own = {bound[0] for bound in bounds}
    for atom, _ in factors:
        if atom[0] != "delta":
            continue
        one, other = sorted(atom[1:])
        if other[0] in own or not other[0]:
            continue
        # δ_jk o_k = δ_jk o_j
        mapping = {other[0]: (one[0], one[1] - other[1])}
        rest = tuple(pair for pair in factors if pair[0] != atom)
        _, renamed = rename_term(((), rest), mapping)
        if renamed != rest:
            return _again(bounds, (*renamed, (atom, 1)))
    return None


def _again(bounds, factors):
    return [(c, ((*bounds, *more), merged)) for c, (more, merged) in merge(factors)]


def _put(bounds, factors, letter, place):
    """Return a term with a place for a letter, its sum left out."""
    _, factors = rename_term(((), factors), {letter: place})
    return _again(bounds, factors)


def _counted(bounds, factors, first, last):
    """Return a term as many times as there are places in an empty sum."""
    (low, start), (high, end) = first, last
    if not _is_exact(first, last):
        return None
    width = single(("symbol", high)) if high else ()
    less = single(("symbol", low)) if low else ()
    times = (*width, *((-c, t) for c, t in less), *number(end - start + 1))
    return [
        (a * c, ((*bounds, *more), merged))
        for a, (_, extra) in times
        for c, (more, merged) in merge((*factors, *extra))
    ]


def _is_exact(first, last):
    """Say whether last - first + 1 is the number of places, and never below 0."""
    return at_most(moved((first,), -1)[0], last)


def _usual(bounds, factors, bound, used):
    """Return a sum over 1..T-1, or 0..T, as one over 1..T and single terms.

    None, if it is as usual already: over 1..T, with k the earliest place in it.
    """
    letter, first, last = bound
    if first[0] or not last[0]:
        return None
    lowest = min(p[1] for a in used for p in places_of(a) if p[0] == letter)
    if lowest:
        # k from 1 to T with o[k - 1] is k from 0 to T - 1 with o[k]
        ends = moved((first, last), lowest)
        _, factors = rename_term(((), factors), {letter: (letter, -lowest)})
        return [(Fraction(1), (((letter, *ends), *bounds), factors))]
    width = last[0]
    far = max(abs(first[1] - 1), abs(last[1]))
    if not far or far > _FARTHEST or not _is_exact(first, last):
        return None
    pairs = [(Fraction(1), (((letter, ("", 1), (width, 0)), *bounds), factors))]
    more = [("", at) for at in range(first[1], 1)]
    more += [(width, at) for at in range(1, last[1] + 1)]
    less = [("", at) for at in range(1, first[1])]
    less += [(width, at) for at in range(last[1] + 1, 1)]
    for sign, places in ((1, more), (-1, less)):
        for place in places:
            pairs += [(sign * c, t) for c, t in _put(bounds, factors, letter, place)]
    return pairs


def _disjoint(one, other):
    """Say whether two ranges are known to share no place."""
    return any(
        at_most(a[1], moved((b[0],), -1)[0]) for a, b in ((one, other), (other, one))
    )


def _meet(one, other):
    """Return what two ranges share, if it is known, else None."""
    firsts = [a for a in (one[0], other[0]) if at_most(one[0], a)]
    firsts = [a for a in firsts if at_most(other[0], a)]
    lasts = [a for a in (one[1], other[1]) if at_most(a, one[1])]
    lasts = [a for a in lasts if at_most(a, other[1])]
    return (firsts[0], lasts[0]) if firsts and lasts else None

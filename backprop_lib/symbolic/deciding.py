"""Exact proofs that two indexed expressions are equal for every width.

The difference is written as a form, and is zero if all its terms cancel. It is tried
with defined entries as they are, then with the names of derivatives replaced, then with
all that holds a function, then with everything; each time with sigmoid and tanh as they
are and as exponentials, and with denominators cleared. Each way is exact, so the first
that gives zero is a proof.
"""

from itertools import islice, product

from .contraction import Contraction
from .keys import TooLong, atom_key
from .letters import places_of, rename_term
from .normal import (
    add,
    collected,
    merge,
    multiply,
    number,
    power_of,
    scaled,
    single,
    summed,
)
from .ranges import fresh_letter
from .reading import exponential

_MOST_PAIRINGS = 24
_MOST_TERMS = 400


def is_zero(form, system):
    """Say whether a form is proved to be zero. False means "not proved"."""
    try:
        return any(_vanishes(f, system) for f in _written(form, system))
    except TooLong:
        return False


def _written(form, system):
    """Yield a form with more and more of its definitions put in."""
    form = system.settled(form)
    yield form
    everything = [name for name in system.names() if name not in system.cut]
    for wanted in (system.is_named_derivative, system.has_function, lambda name: True):
        names = frozenset(filter(wanted, everything))
        further = system.settled(system.expanded(form, names))
        if further != form:
            yield further
        form = further


def _vanishes(form, system):
    for written in (form, None):
        if written is None:
            written = system.simplified(as_exponentials(form))
            if written == form:
                return False
        if not written or _cleared(written, system.ranges, system):
            return True
    return False


def as_exponentials(form):
    """Return a form with sigmoid and tanh by exponentials."""
    parts = []
    for coefficient, (bounds, factors) in form:
        inner = [_as_exponentials(*pair) for pair in factors]
        rest = multiply(((coefficient, ((), ())),), *inner)
        for letter, *ends in bounds:
            rest = summed(rest, letter, ends)
        parts.append(rest)
    return add(*parts)


def _as_exponentials(atom, power):
    if atom[0] == "power":
        return power_of(as_exponentials(atom[1]), atom[2] * power)
    if atom[0] != "call" or any(atom[2]):
        return single(atom, power)
    parts = tuple(map(as_exponentials, atom[3]))
    if atom[1] == "sigmoid":
        # σ(z) = 1 / (1 + exp(-z))
        below = add(number(1), exponential(scaled(parts[0], -1)))
        return power_of(below, -power)
    if atom[1] == "tanh":
        # tanh(z) = 1 - 2 / (1 + exp(2z))
        below = add(number(1), exponential(scaled(parts[0], 2)))
        return power_of(add(number(1), scaled(power_of(below, -1), -2)), power)
    return single((*atom[:3], parts), power)


def _cleared(form, ranges, system):
    """Say whether a form vanishes once its denominators are multiplied away."""
    if len(form) > _MOST_TERMS:
        return False
    outer = [pair for pair in form if _bound_below(pair[1])]
    if outer:
        return _under_sums(form, outer, ranges, system)
    below = _denominators(form)
    if not below:
        return not form
    pairs = []
    for coefficient, (bounds, factors) in form:
        cleared = _times(factors, below)
        pairs.extend(
            (coefficient * c, ((*bounds, *more), merged))
            for c, (more, merged) in cleared
        )
    form = Contraction(ranges, system).simplified(collected(pairs))
    return not form or _cleared(form, ranges, system)


def _times(factors, below):
    """Return factors times a power of each denominator, which then are multiplied out.

    Under a sum whose letters the denominators do not hold, that is allowed.
    """
    powers = {atom_key(atom): (atom, power) for atom, power in factors}
    rest, opened = [], []
    for name, (atom, power) in below.items():
        _, own = powers.pop(name, (atom, 0))
        opened.append(power_of(atom[1], atom[2] * (own + power)))
    rest.extend(powers.values())
    return multiply(merge(rest), *opened)


def _denominators(form):
    """Return {key: (atom, power)} of what a form has below fractions."""
    below = {}
    for _, (_, factors) in form:
        for atom, power in factors:
            if atom[0] == "power" and atom[2] == 1 and power < 0:
                name = atom_key(atom)
                _, most = below.get(name, (atom, 0))
                below[name] = (atom, max(most, -power))
    return below


def _bound_below(term):
    """Return the bounds of a term whose letters stand in its denominators."""
    bounds, factors = term
    used = {
        place[0]
        for atom, power in factors
        if atom[0] == "power" and power < 0 and atom[2] == 1
        for place in places_of(atom)
    }
    return [bound for bound in bounds if bound[0] in used]


def _under_sums(form, outer, ranges, system):
    """Say whether terms vanish under a common sum: Σ_r F_r is 0 if each F_r is.

    Every term gives up one bound letter of the same range to the common sum. Which
    one is tried out. Terms that have none must vanish by themselves.
    """
    _, *ends = _bound_below(outer[0][1])[0]
    letter = fresh_letter()
    choices = []
    for coefficient, term in form:
        bounds, _ = term
        own = _bound_below(term)
        fits = [b for b in own if list(b[1:]) == ends]
        fits = fits or [b for b in bounds if list(b[1:]) == ends]
        choices.append([(coefficient, _opened(term, b, letter)) for b in fits])
    apart = [pair for pair, ways in zip(form, choices, strict=True) if not ways]
    together = [ways for ways in choices if ways]
    if apart and not _cleared(tuple(apart), ranges, system):
        return False
    ranges = {**ranges, letter: tuple(ends)}
    for chosen in islice(product(*together), _MOST_PAIRINGS):
        inner = Contraction(ranges, system).simplified(collected(chosen))
        if not inner or _cleared(inner, ranges, system):
            return True
    return False


def _opened(term, bound, letter):
    """Return a term without one of its sums, the letter of which becomes free."""
    bounds, factors = term
    left = tuple(b for b in bounds if b[0] != bound[0])
    return rename_term((left, factors), {bound[0]: (letter, 0)})

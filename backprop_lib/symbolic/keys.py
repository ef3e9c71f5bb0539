"""Keys of forms: texts that are equal if forms are, but for the names of bound letters.

What forms, terms and atoms are, `normal` says.
"""

from functools import lru_cache
from itertools import groupby, permutations, product

_MOST_ORDERS = 720  # in which bound letters are tried that look alike


class TooLong(Exception):
    """The form has more bound letters, or terms, than are sorted out."""


def key(form, levels=()):
    """Return a text that equal forms share; `levels` names letters bound outside."""
    return "+".join(sorted(f"{c}*{term_key(term, levels)}" for c, term in form))


@lru_cache(maxsize=20_000)
def term_key(term, levels=()):
    """Return a text that terms share which differ in the names of bound letters."""
    bounds, factors = term
    if not bounds:
        return _factors_key(factors, levels)
    depth = len(levels)
    own = {letter for letter, _, _ in bounds}
    levels = tuple(pair for pair in levels if pair[0] not in own)
    if len(bounds) == 1:
        ((letter, *ends),) = bounds
        named = (*levels, (letter, f"@{depth}"))
        return f"Σ{ends}:{_factors_key(factors, named)}"
    blank = [(letter, f"?{ends}") for letter, *ends in bounds]

    def looks(bound):
        letter, *ends = bound
        others = [pair for pair in blank if pair[0] != letter]
        seen = (*levels, *others, (letter, "!"))
        return str(ends), _factors_key(factors, seen)

    looked = {bound: looks(bound) for bound in bounds}
    alike = [
        list(group)
        for _, group in groupby(sorted(bounds, key=looked.get), key=looked.get)
    ]
    orders = 1
    for group in alike:
        for size in range(2, len(group) + 1):
            orders *= size
    if orders > _MOST_ORDERS:
        raise TooLong
    best = None
    for order in product(*map(permutations, alike)):
        chosen = [bound for group in order for bound in group]
        named = tuple((b[0], f"@{depth + at}") for at, b in enumerate(chosen))
        text = _factors_key(factors, (*levels, *named))
        best = text if best is None else min(best, text)
    ends = ",".join(str(ends) for ends, _ in sorted(looked.values()))
    return f"Σ{ends}:{best}"


def _factors_key(factors, levels):
    texts = sorted(f"{atom_key(atom, levels)}^{power}" for atom, power in factors)
    return "·".join(texts)


@lru_cache(maxsize=50_000)
def atom_key(atom, levels=()):
    """Return a text that equal atoms share."""
    names = dict(levels)

    def place(pair):
        return f"{names.get(pair[0], pair[0])}{pair[1]:+d}"

    kind = atom[0]
    if kind == "symbol":
        return atom[1]
    if kind == "entry":
        return f"{atom[1]}[{','.join(map(place, atom[2]))}]"
    if kind == "call":
        inside = ";".join(key(form, levels) for form in atom[3])
        return f"{atom[1]}{atom[2]}({inside})"
    if kind == "whole":
        orders = sorted(f"{at}:{','.join(map(place, p))}" for at, p in atom[3])
        return f"{atom[1]}{atom[2]}{orders}"
    if kind == "power":
        return f"({key(atom[1], levels)})^{atom[2]}"
    if kind == "delta":
        return f"δ{sorted(map(place, atom[1:]))}"
    return f"d({key(atom[1], levels)})/d{atom[2]}[{','.join(map(place, atom[3]))}]"

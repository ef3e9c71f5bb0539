r"""Sums of products under summation signs, in a normal form.

A *form* is a tuple of (coefficient, term). A *term* is a pair (bounds, factors): the
letters that are summed over, each with its range, and powers of atoms. An *atom* is
one of::

    ("symbol", name)                       a width or another single number
    ("entry", name, places)
    ("call", function, orders, forms)      a function, or a derivative of it
    ("whole", function, names, orders)     one of all entries of some quantities
    ("power", form, fraction)              of a form that cannot be multiplied out
    ("delta", place, place)                1 where the two are the same, else 0
    ("slope", form, name, places)          d form / d entry, left as it is

Two forms that hold the same terms, but for the names of bound letters, get one *key*.
"""

from fractions import Fraction
from functools import lru_cache
from itertools import groupby, permutations, product

from .ranges import fresh_letter

_MOST_ORDERS = 720  # in which bound letters are tried that look alike


class TooLong(Exception):
    """The form has more bound letters, or terms, than are sorted out."""


def number(value):
    """Return a number as a form."""
    return ((Fraction(value), ((), ())),) if value else ()


def single(atom, power=1):
    """Return a power of an atom as a form."""
    return ((Fraction(1), ((), ((atom, power),))),)


ONE = number(1)


# Letters


def _moved(place, mapping):
    letter, value = place
    if letter not in mapping:
        return place
    other, more = mapping[letter]
    return other, value + more


def rename(form, mapping):
    """Return a form with places in the place of free letters, nothing captured."""
    return tuple((c, rename_term(term, mapping)) for c, term in form)


def rename_term(term, mapping):
    """Return a term with places in the place of its free letters."""
    bounds, factors = term
    own = {letter for letter, _, _ in bounds}
    mapping = {a: b for a, b in mapping.items() if a not in own}
    taken = {letter for letter, _ in mapping.values()}
    again = {letter: (fresh_letter(), 0) for letter in own & taken}
    mapping = {**mapping, **again}
    if not mapping:
        return term
    bounds = tuple(
        (mapping.get(a, (a, 0))[0] if a in again else a, first, last)
        for a, first, last in bounds
    )
    return bounds, tuple((rename_atom(a, mapping), p) for a, p in factors)


def rename_atom(atom, mapping):
    """Return an atom with places in the place of its free letters."""
    kind = atom[0]
    if kind == "symbol":
        return atom
    if kind == "entry":
        return (kind, atom[1], _places(atom[2], mapping))
    if kind == "call":
        return (*atom[:3], tuple(rename(form, mapping) for form in atom[3]))
    if kind == "whole":
        orders = tuple((at, _places(places, mapping)) for at, places in atom[3])
        return (*atom[:3], orders)
    if kind == "power":
        return (kind, rename(atom[1], mapping), atom[2])
    if kind == "delta":
        return (kind, *_places(atom[1:], mapping))
    return (kind, rename(atom[1], mapping), atom[2], _places(atom[3], mapping))


def _places(places, mapping):
    return tuple(_moved(place, mapping) for place in places)


def freshened(term):
    """Return a term with new names for its bound letters."""
    bounds, factors = term
    if not bounds:
        return term
    names = {letter: fresh_letter() for letter, _, _ in bounds}
    mapping = {letter: (name, 0) for letter, name in names.items()}
    bounds = tuple((names[letter], *ends) for letter, *ends in bounds)
    return bounds, tuple((rename_atom(atom, mapping), p) for atom, p in factors)


def atoms(form, deep=True):
    """Yield every atom of a form; with `deep`, those inside atoms too."""
    for _, (_, factors) in form:
        for atom, _ in factors:
            yield atom
            if deep:
                yield from inner_atoms(atom)


def inner_atoms(atom):
    """Yield the atoms inside an atom."""
    for form in inner_forms(atom):
        yield from atoms(form)


def inner_forms(atom):
    """Return the forms that stand inside an atom."""
    if atom[0] == "call":
        return atom[3]
    return (atom[1],) if atom[0] in ("power", "slope") else ()


def places_of(atom):
    """Yield every place in an atom, those inside it included."""
    kind = atom[0]
    if kind == "entry":
        yield from atom[2]
    elif kind == "delta":
        yield from atom[1:]
    elif kind == "slope":
        yield from atom[3]
    elif kind == "whole":
        for _, places in atom[3]:
            yield from places
    for form in inner_forms(atom):
        for _, (_, factors) in form:
            for inner, _ in factors:
                yield from places_of(inner)


# Keys


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


# Arithmetic


def collected(pairs):
    """Return (coefficient, term) pairs as a form, equal terms as one."""
    found = {}
    for coefficient, term in pairs:
        name = term_key(term)
        value, first = found.get(name, (0, term))
        found[name] = (value + coefficient, first)
    return tuple(found[name] for name in sorted(found) if found[name][0])


def add(*forms):
    """Return the sum of forms."""
    return collected(pair for form in forms for pair in form)


def scaled(form, value):
    """Return a form times a number."""
    return tuple((c * Fraction(value), term) for c, term in form) if value else ()


def multiply(*forms):
    """Return the product of forms, multiplied out."""
    result = ONE
    for form in forms:
        pairs = []
        for a, (bounds, factors) in result:
            for b, term in form:
                more, others = freshened(term)
                for c, (inner, merged) in merge((*factors, *others)):
                    pairs.append((a * b * c, ((*bounds, *more, *inner), merged)))
        result = collected(pairs)
    return result


def merge(factors):
    """Return a form for a product of powers of atoms, equal ones as one power."""
    powers = {}
    for atom, power in factors:
        name = atom_key(atom)
        first, so_far = powers.get(name, (atom, 0))
        powers[name] = (first, so_far + power)
    plain, opened = [], []
    for name in sorted(powers):
        atom, power = powers[name]
        if atom[0] == "delta" and power > 1:
            power = 1
        if atom[0] == "power" and _opens(atom, power):
            opened.append(power_of(atom[1], atom[2] * power))
        elif power:
            plain.append((atom, power))
    form = ((Fraction(1), ((), tuple(plain))),)
    return multiply(form, *opened) if opened else form


def _opens(atom, power):
    root = atom[2].denominator
    return power >= 0 if root == 1 else not 0 <= power < root


def power_of(form, exponent):
    """Return a form to a power; what cannot be multiplied out becomes an atom."""
    exponent = Fraction(exponent)
    if not form:
        return () if exponent > 0 else single(("power", form, Fraction(1)), -1)
    whole, rest = divmod(exponent, 1)
    result = _whole_power(form, int(whole))
    if rest:
        root = ("power", form, Fraction(1, rest.denominator))
        result = multiply(result, single(root, rest.numerator))
    return result


def _whole_power(form, exponent):
    if exponent >= 0:
        return multiply(*[form] * exponent)
    (lead, (bounds, factors)), *others = form
    if not others and not bounds:
        inverse = tuple((atom, exponent * power) for atom, power in factors)
        return scaled(merge(inverse), lead**exponent)
    base = ("power", scaled(form, 1 / lead), Fraction(1))
    return scaled(single(base, exponent), lead**exponent)


def summed(form, letter, ends):
    """Return the sum of a form over a letter with a range."""
    return tuple(
        (c, (((letter, *ends), *bounds), factors)) for c, (bounds, factors) in form
    )

"""The letters in forms, free and bound: where they stand, and other ones for them.

What forms, terms and atoms are, `normal` says.
"""

from .ranges import fresh_letter


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

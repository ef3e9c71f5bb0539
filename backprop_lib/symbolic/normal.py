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

from .keys import atom_key, term_key
from .letters import freshened


def number(value):
    """Return a number as a form."""
    return ((Fraction(value), ((), ())),) if value else ()


def single(atom, power=1):
    """Return a power of an atom as a form."""
    return ((Fraction(1), ((), ((atom, power),))),)


ONE = number(1)


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

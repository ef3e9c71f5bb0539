"""The algebra of indexed definitions: bodies, what enters what, and recurrences."""

from functools import cached_property

from .adjoints import Adjoints
from .contraction import Contraction
from .entries import Entry, name_of
from .forms import D
from .letters import atoms, rename
from .normal import add, multiply, power_of, single, summed
from .ranges import (
    Index,
    Width,
    at_most,
    fresh_letter,
    letter_of,
    moved,
    range_of,
    within,
)
from .reading import Reader
from .recurrences import cut_of, lags_of
from .scanning import all_indices

_NEAR = 6  # steps over which a derivative is written out


class IndexedSystem:
    """Definitions over indices.

    Parameters
    ----------
    definitions : dict from Entry or Symbol to expression
        Numbers exact. The places of an entry are different indices.
    axes : dict from name to ranges
        Of every quantity; none for a single symbol.
    given : dict
        Known sums over an axis, as `Contraction` takes them.
    """

    def __init__(self, definitions, axes, given):
        self.ranges, self.axes, self.given = {}, axes, given
        self._definitions = {name_of(lower): lower for lower in definitions}
        self._expressions = {name_of(a): body for a, body in definitions.items()}
        for lower in definitions:
            self.ranges |= {letter_of(i): i.range for i in _indices(lower)}
        self._bodies = {}
        self._uses = {name: _names_in(b) for name, b in self._expressions.items()}
        self._reader = Reader(lambda *parts: self._adjoints.by(*parts))
        self._adjoints = Adjoints(self, self._reader.slope)
        self._lags = lags_of(self._definitions, self._expressions, self._uses)
        self.cut = frozenset(cut_of(self._lags))

    def __contains__(self, name):
        return name in self._definitions

    def read(self, expression):
        """Return an expression as a form."""
        self.ranges |= {letter_of(i): i.range for i in all_indices(expression)}
        return self._reader.form(expression)

    def unrolled(self, form):
        """Return a form with a recurrence's derivatives led one step further."""
        if not self.cut:
            return form
        named = frozenset(n for n in self._definitions if self._is_derivative(n))
        return self._led_on(self.expanded(form, named), lambda atom: True)

    def settled(self, form):
        """Return a simplified form, derivatives over a known number of steps led on."""
        form = self.simplified(form)
        while any(map(self._is_near, atoms(form, deep=False))):
            form = self.simplified(self._led_on(form, self._is_near))
        return form

    def _led_on(self, form, wanted):
        result = []
        for coefficient, (bounds, factors) in form:
            parts = [
                power_of(self._adjoints.by(*atom[1:], unroll=True), power)
                if atom[0] == "slope" and wanted(atom)
                else single(atom, power)
                for atom, power in factors
            ]
            product = multiply(((coefficient, ((), ())),), *parts)
            for letter, *ends in bounds:
                product = summed(product, letter, ends)
            result.append(product)
        return add(*result)

    def _is_near(self, atom):
        """Say whether an atom is a derivative by an entry a known step or so before."""
        if atom[0] != "slope":
            return False
        _, upper, name, (step, *_) = atom
        for inner in atoms(upper):
            if inner[0] == "whole":
                return False
            if inner[0] == "entry" and self.reaches(name, single(inner)):
                places = inner[2]
                if not places or places[0][0] != step[0]:
                    return False
                if places[0][1] - step[1] > _NEAR or not self._looks_back(
                    inner[1], name
                ):
                    return False
        return True

    def _is_derivative(self, name):
        return any(atom[0] == "slope" for atom in atoms(self.body(name)))

    def simplified(self, form):
        """Return a form with every delta contracted that can be."""
        return self._contraction.simplified(form)

    @cached_property
    def _contraction(self):
        return Contraction(self.ranges, self)

    def body(self, name):
        """Return the form that a quantity stands for, in its own indices."""
        if name not in self._bodies:
            form = self.read(self._expressions[name])
            self._bodies[name] = self.simplified(form)
        return self._bodies[name]

    def instance(self, name):
        """Return new letters for a quantity's indices, their ranges, and its body."""
        indices = _indices(self._definitions[name])
        letters = [fresh_letter() for _ in indices]
        names = {letter_of(i): (a, 0) for i, a in zip(indices, letters, strict=True)}
        return letters, [i.range for i in indices], rename(self.body(name), names)

    def own_letters(self, name):
        """Return new letters for the axes of a quantity, and their ranges."""
        ranges = self.axes.get(name, ())
        return [fresh_letter() for _ in ranges], list(ranges)

    def users(self, name):
        """Return the defined quantities whose bodies a quantity enters directly."""
        return [user for user, uses in self._uses.items() if name in uses]

    def reaches(self, name, form):
        """Say whether a quantity enters a form, directly or through definitions."""
        seen, left = set(), list(_names_of(form))
        while left:
            used = left.pop()
            if used not in seen:
                seen.add(used)
                left.extend(self._uses.get(used, ()))
        return name in seen

    def is_later(self, slope):
        """Say whether a derivative is one of earlier steps by a later one, so 0.

        That is known if every quantity between them looks back, or at its own step.
        """
        _, upper, name, (step, *_) = slope
        for atom in atoms(upper):
            if atom[0] == "whole":
                return False
            if atom[0] != "entry" or not self.reaches(name, single(atom)):
                continue
            if not atom[2] or not at_most(moved(atom[2][:1], 1)[0], step):
                return False
            if not self._looks_back(atom[1], name):
                return False
        return True

    def _looks_back(self, user, name):
        seen, left = set(), [user]
        while left:
            current = left.pop()
            if current in seen or current not in self._lags:
                continue
            seen.add(current)
            for used, lag in self._lags[current].items():
                if used == name or self.reaches(name, single(("entry", used, ()))):
                    if lag is None or lag < 0:
                        return False
                    left.append(used)
        return True

    def is_named_derivative(self, name):
        """Say whether a body is written as a D, such as that of δ."""
        return isinstance(self._expressions[name], D)

    def has_function(self, name):
        """Say whether a body is more than sums of products."""
        return any(
            atom[0] in ("call", "power", "whole") for atom in atoms(self.body(name))
        )

    def expanded(self, form, names, known=None):
        """Return a form with bodies in the place of the named quantities."""
        known = known or self.ranges
        result = []
        for coefficient, (bounds, factors) in form:
            inner = {**known, **{letter: ends for letter, *ends in bounds}}
            parts = [self._expanded(*pair, names, inner) for pair in factors]
            product = multiply(((coefficient, ((), ())),), *parts)
            for letter, *ends in bounds:
                product = summed(product, letter, ends)
            result.append(product)
        return add(*result)

    def _expanded(self, atom, power, names, known):
        kind = atom[0]
        if kind == "entry" and atom[1] in names:
            indices = _indices(self._definitions[atom[1]])
            # Places beyond the axis arise where a range is made the usual one. What
            # stands there cancels, whatever it is; so the body may stand there too.
            fits = all(
                index.range == axis or within(range_of(place, known), index.range)
                for place, index, axis in zip(
                    atom[2], indices, self.axes.get(atom[1], ()), strict=True
                )
            )
            if fits:
                letters = map(letter_of, indices)
                body = rename(
                    self.body(atom[1]), dict(zip(letters, atom[2], strict=True))
                )
                return power_of(self.expanded(body, names, known), power)
        if kind == "call":
            parts = tuple(self.expanded(form, names, known) for form in atom[3])
            return power_of(self._reader.named((*atom[:3], parts)), power)
        if kind == "power":
            return power_of(self.expanded(atom[1], names, known), atom[2] * power)
        return single(atom, power)

    @property
    def functions(self):
        """The functions that were read, by name."""
        return self._reader.functions

    def names(self):
        """Return the defined names, in order."""
        return tuple(self._definitions)


def _indices(lower):
    return lower.places if isinstance(lower, Entry) else ()


def _names_in(expression):
    """Return the names in an expression; a D brings those of both its sides."""
    return {
        name_of(symbol)
        for symbol in expression.free_symbols
        if not isinstance(symbol, (Index, Width))
    }


def _names_of(form):
    for atom in atoms(form):
        if atom[0] == "entry":
            yield atom[1]
        elif atom[0] == "whole":
            yield from atom[2]

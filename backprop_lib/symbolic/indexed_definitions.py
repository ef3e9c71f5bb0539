"""Definitions whose symbols carry indices, with declared ranges."""

from fractions import Fraction
from functools import cached_property

from .decimals import exact
from .definitions import Definitions, pairs_of
from .entries import name_of
from .indexed_claims import IndexedClaim
from .indexed_reading import checked_given, checked_indexed, names_in
from .indexed_system import IndexedSystem
from .known import functions_of
from .printing import display, to_latex, to_text
from .scanning import widths_in


class IndexedDefinitions(Definitions):
    """Definitions over indices, with declared ranges: `Definitions` makes them.

    Attributes
    ----------
    names : frozenset of (name, quantity or symbol)
    functions : frozenset of (undefined function, arity)
    widths : tuple of Width
        In order of first use.
    given : dict
        {(name, axis, range): number}, sums that are known.
    system : IndexedSystem
    """

    def __init__(self, definitions, given=None):
        self._definitions = checked_indexed(pairs_of(definitions))
        self.given = checked_given(given)
        everything = [*self, *self.values()]
        self.names = frozenset().union(*map(names_in, everything))
        self.functions = frozenset().union(*map(functions_of, everything))
        self.widths = tuple(dict.fromkeys(w for e in everything for w in widths_in(e)))
        axes = {name: getattr(thing, "ranges", ()) for name, thing in self.names}
        given = {place: Fraction(str(value)) for place, value in self.given.items()}
        bodies = {lower: exact(body) for lower, body in self.items()}
        self.system = IndexedSystem(bodies, axes, given)

    @property
    def symbols(self):
        """Every quantity and single symbol, those defined first."""
        things = (getattr(s, "quantity", s) for s in self)
        return tuple(dict.fromkeys([*things, *self.base]))

    @cached_property
    def base(self):
        """What is used but not defined, by name."""
        defined = {name_of(lower) for lower in self}
        names = sorted(self.names, key=lambda pair: pair[0])
        return tuple(thing for name, thing in names if name not in defined)

    def claim(self, first_line):
        """Return what a first line claims, for `Derivation`."""
        return IndexedClaim(self, first_line)

    def resting(self, expression):
        """Return the widths and undefined functions that an expression rests on."""
        seen, left = {}, [name for name, _ in names_in(expression)]
        bodies = {name_of(lower): pair for lower, *pair in zip(self, self.items())}
        while left:
            name = left.pop()
            if name in bodies and name not in seen:
                seen[name] = bodies[name][0]
                left.extend(used for used, _ in names_in(seen[name][1]))
        pairs = [pair for pair in self.items() if name_of(pair[0]) in seen]
        parts = [part for pair in pairs for part in pair]
        parts.append(expression)
        widths = dict.fromkeys(w for part in parts for w in widths_in(part))
        functions = dict.fromkeys(
            function.__name__
            for part in parts
            for function, _ in sorted(functions_of(part), key=str)
        )
        return list(widths), list(functions)

    def body(self, symbol):
        """Return what a defined entry stands for, as it was written."""
        return self[symbol]

    def _worked_out(self, expression, what, replaced):
        raise TypeError(
            "definitions over indices are not expanded: write a Derivation, whose "
            "steps are proved"
        )

    def __repr__(self):
        names = [to_text(symbol) for symbol in self]
        bodies = [to_text(body) for body in self.values()]
        width, room = max(map(len, names)), max(map(len, bodies))
        lines = zip(self, names, bodies, strict=True)
        return "\n".join(
            f"{name:{width}} = {body:{room}}   {_for(_ranges_text(lower))}".rstrip()
            for lower, name, body in lines
        )

    def _repr_latex_(self):
        return display(
            f"{to_latex(lower)} &= {to_latex(body)} && {_ranges_latex(lower)}"
            for lower, body in self.items()
        )


def _for(ranges):
    return f"for {ranges}" if ranges else ""


def _ranges_text(lower):
    """Return for which indices a definition holds, as plain text."""
    return ", ".join(f"{i} = {i.first}..{i.last}" for i in getattr(lower, "places", ()))


def _ranges_latex(lower):
    """Return for which indices a definition holds, as LaTeX."""
    ends = (
        f"{to_latex(i)} = {to_latex(i.first)}, \\dots, {to_latex(i.last)}"
        for i in getattr(lower, "places", ())
    )
    return r";\ ".join(ends)

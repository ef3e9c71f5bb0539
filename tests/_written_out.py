"""Expressions over indices written out at given widths, for the first prover.

Every sum becomes terms and every entry a symbol of its own. Nothing of the prover for
indices is used, only how expressions are built.
"""

from itertools import product as places_of

from sympy import Add, Function, KroneckerDelta, Mul, Symbol

from backprop_lib.symbolic import D, Definitions
from backprop_lib.symbolic.entries import Entry, Whole
from backprop_lib.symbolic.ranges import Index


def numbers(ends, sizes):
    """Return the places from one end to the other."""
    first, last = (int(end.subs(sizes)) for end in ends)
    return range(first, last + 1)


def entry(quantity, places):
    return Symbol(f"{quantity.name} at {places}", real=True)


def written_out(expression, sizes, env):
    """Return an expression in single symbols; `env` says what free indices are."""
    values = {**sizes, **env}
    if isinstance(expression, Entry):
        return entry(
            expression.quantity, tuple(p.subs(values) for p in expression.places)
        )
    if expression in values:
        return values[expression]
    if not expression.args:
        return expression
    if hasattr(expression, "index"):
        ends = expression.index.first, expression.index.last
        return Add(
            *(
                written_out(expression.body, sizes, {**env, expression.index: place})
                for place in numbers(ends, sizes)
            )
        )
    if isinstance(expression, KroneckerDelta):
        return int(len({part.subs(values) for part in expression.args[:2]}) == 1)
    if hasattr(expression, "argument"):
        argument = written_out(expression.argument, sizes, env)
        stand_in = Symbol("z", real=True)
        return expression.function(stand_in).diff(stand_in).subs(stand_in, argument)
    if isinstance(expression, Function) and expression.has(Whole):
        (whole,) = expression.args
        axes = (numbers(axis, sizes) for axis in whole.quantity.axes)
        return expression.func(*(entry(whole.quantity, p) for p in places_of(*axes)))
    parts = [written_out(part, sizes, env) for part in expression.args]
    if isinstance(expression, D):
        return D(*parts)
    kind = {"_Product": Mul, "_Total": Add}.get(type(expression).__name__)
    return (kind or expression.func)(*parts)


def definitions_at(definitions, sizes):
    """Return the definitions with every entry a definition of its own."""
    result = {}
    for lower, body in definitions.items():
        for env in environments(getattr(lower, "places", ()), sizes):
            result[written_out(lower, sizes, env)] = written_out(body, sizes, env)
    return Definitions(result)


def environments(indices, sizes):
    """Yield every choice of places for some indices."""
    runs = [numbers((index.first, index.last), sizes) for index in indices]
    for places in places_of(*runs):
        yield dict(zip(indices, places, strict=True))


def free_indices(expression):
    """Return the indices that stand in an expression without a sum, in any order."""
    found = {i for e in expression.atoms(Entry) for i in e.indices}
    found |= expression.atoms(Index)
    bound = {part.index for part in parts_of(expression) if hasattr(part, "index")}
    return sorted(found - bound, key=str)


def parts_of(expression):
    yield expression
    for part in (
        getattr(expression, "args", ()) if not isinstance(expression, type) else ()
    ):
        yield from parts_of(part)

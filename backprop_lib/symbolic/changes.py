"""A step with one place in it changed: a sign, factor, limit, quantity or index."""

from itertools import permutations

from sympy import Add, Dummy, Mul

from .entries import Entry, Whole
from .forms import D, _Product, _Total, product, total
from .printing import to_text
from .ranges import Index, Width, affine, shown
from .sums import _SlopeAt, _Sum, slope, sum_over
from .things import axes_of, others_for, things_of


def single_changes(claim, expression):
    """Yield (words, expression) with one place inside changed.

    All places at which a quantity stands are changed together first, then each alone.
    """
    things = things_of(claim)
    # What stands in a D is left as it is.
    closed = {part: Dummy() for part in expression.atoms(D)}
    back = {stand_in: part for part, stand_in in closed.items()}
    opened = expression.xreplace(closed)
    for symbol in sorted(expression.free_symbols, key=str):
        for other in others_for(symbol, things):
            words = f"{to_text(symbol)} in the place of {to_text(other)}"
            yield words, opened.xreplace({symbol: other}).xreplace(back)

    def changes(node, scope):
        return _changes(node, things, claim, scope)

    yield from inside(expression, changes)


def other_derivatives(claim, expression):
    """Yield the step with another quantity above or below in one of its derivatives."""
    things = things_of(claim)
    for part in sorted(expression.atoms(D), key=str):
        others = [D(part.upper, other) for other in others_for(part.lower, things)]
        if part.upper.is_Symbol:
            others += [D(other, part.lower) for other in others_for(part.upper, things)]
        for other in others:
            words = f"{to_text(part)} in the place of {to_text(other)}"
            yield words, expression.xreplace({part: other})


def inside(expression, changes, scope=()):
    """Yield (words, expression) with one part changed, as `changes` says of each."""
    yield from changes(expression, scope)
    if isinstance(expression, D) or expression.is_Atom:
        return
    if isinstance(expression, _SlopeAt):
        for words, argument in inside(expression.argument, changes, scope):
            yield words, _SlopeAt(argument, expression.args[1])
        return
    if isinstance(expression, _Sum):
        inner = (*scope, expression.index)
        for words, body in inside(expression.body, changes, inner):
            yield words, _Sum(body, expression.index)
        return
    for number, part in enumerate(expression.args):
        rest = expression.args[:number], expression.args[number + 1 :]
        for words, changed in inside(part, changes, scope):
            yield words, _rebuilt(expression, (*rest[0], changed, *rest[1]))


def _rebuilt(expression, parts):
    kinds = {_Product: product, _Total: total}
    return kinds.get(type(expression), expression.func)(*parts)


def _changes(node, things, claim, scope):
    """Yield (words, expression) for the changes of one part of an expression."""
    if isinstance(node, (Add, _Total)):
        yield from _of_sum(node)
    elif isinstance(node, (Mul, _Product)):
        yield from _of_product(node)
    elif isinstance(node, _Sum):
        yield from _of_limits(node, claim)
    elif isinstance(node, Entry):
        yield from _of_places(node, (*claim.free, *scope))
    if node.is_Symbol and not isinstance(node, (Width, Index, Whole)):
        for other in others_for(node, things):
            yield f"{to_text(node)} in the place of {to_text(other)}", other
    elif node.is_Function and len(node.args) == 1:
        derived = slope(node.func)(node.args[0])
        yield f"{to_text(node)} in the place of {to_text(derived)}", derived
    if node.is_Pow and node.exp.is_Integer:
        yield (
            f"the power {node.exp} in the place of {node.exp - 1}",
            node.base ** (node.exp - 1),
        )


def _of_sum(node):
    for number, term in enumerate(node.args):
        others = (*node.args[:number], *node.args[number + 1 :])
        name = to_text(term).removeprefix("-")
        yield f"the sign of {name}", total(*others, -term)
        yield f"the term {name} too much", total(*others)


def _of_product(node):
    for number, factor in enumerate(node.args):
        others = (*node.args[:number], *node.args[number + 1 :])
        name, rest = to_text(factor), product(*others)
        again = factor in others or rest.has(factor)
        yield f"the factor {name} {'twice' if again else 'too much'}", rest
        if factor.is_Pow and factor.exp.is_Integer and factor.exp > 1:
            once = product(*others, factor.base ** (factor.exp - 1))
            yield f"the factor {to_text(factor.base)} twice", once


def _of_limits(node, claim):
    """Yield sums over other ranges that quantities have, or next to this one."""
    index = node.index
    near = []
    for first in (index.first - 1, index.first, index.first + 1):
        for last in (index.last - 1, index.last, index.last + 1):
            near.append((first, last))
    axes = [axis for thing in things_of(claim) for axis in axes_of(thing)]
    for first, last in dict.fromkeys([*axes, *near]):
        if (first, last) != (index.first, index.last):
            other = Index(index.name, first, last)
            body = _with_index(node.body, index, other)
            if body is not None:
                words = (
                    f"the sum over {index} runs over {_words(index)}, not over "
                    f"{_words(other)}"
                )
                yield words, sum_over(other, body)


def _with_index(expression, index, other):
    """Return an expression with another index in the place of one, if it fits."""
    exchanges = {}
    for entry in expression.atoms(Entry):
        if index in entry.indices:
            places = [place.xreplace({index: other}) for place in entry.places]
            if not entry.quantity.fits(places):
                return None
            exchanges[entry] = entry.quantity[tuple(places)]
    return expression.xreplace({**exchanges, index: other})


def _of_places(node, letters):
    """Yield the entry with its places exchanged, moved, or with another index."""
    name = node.quantity.name
    orders = [order for order in permutations(node.places) if order != node.places]
    for order in orders:
        yield from _entry(node, order, f"{name} transposed")
    for number, place in enumerate(node.places):
        rest = node.places[:number], node.places[number + 1 :]
        for other in (place - 1, place + 1, *(x for x in letters if x != place)):
            yield from _entry(node, (*rest[0], other, *rest[1]), None)


def _entry(node, places, words):
    try:
        changed = node.quantity[places]
    except (ValueError, TypeError):
        return
    yield words or f"{to_text(node)} in the place of {to_text(changed)}", changed


def _words(index):
    return shown((affine(index.first), affine(index.last)))

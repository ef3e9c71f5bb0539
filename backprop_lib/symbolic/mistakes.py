"""The one mistake that explains a false step.

A step's expression is changed in one way after the other: its sign, a factor, one
quantity for another, and so on. If a change makes the step agree with the first line at
several random points, what was changed is the mistake. So a name is never a guess from
the numbers alone; and where no single change helps, none is given.
"""

from itertools import chain, islice, permutations

from sympy import Add, Dummy, Mul, S, Symbol

from .entries import Entry, Whole
from .forms import D, _Product, _Total, product, total
from .printing import to_text
from .ranges import Index, Width, affine, shown
from .scanning import free_indices, widths_in
from .sums import _SlopeAt, _Sum, slope, sum_over

_MOST_CHANGES = 500


def named_mistake(claim, expression):
    """Return the one mistake that makes a step false, in words, or an empty text.

    Parameters
    ----------
    claim : Claim or IndexedClaim
        Its `agrees` says whether an expression has the first line's values.
    expression : expression
        The step.
    """
    changes = chain(
        _ratios(expression),
        _single_changes(claim, expression),
        _missing_factors(claim, expression),
        _missing_terms(claim, expression),
        _other_derivatives(claim, expression),
        _missing_paths(claim, expression),
    )
    if claim.agrees(expression):
        return ""  # they differ by less than the numbers here can tell
    tried = {expression}
    for words, changed in islice(changes, _MOST_CHANGES):
        if changed not in tried:
            tried.add(changed)
            if claim.agrees(changed):
                return words
    return ""


def _ratios(expression):
    yield "the sign", -expression
    yield "a factor ½ too much, or a 2 missing", product(2, expression)
    yield "a factor 2 too much, or a ½ missing", product(S.Half, expression)
    for width in widths_in(expression):
        name = width.name
        more, less = product(width, expression), product(1 / width, expression)
        yield f"a mean over {name} in the place of a sum, 1/{name} too much", more
        yield f"a sum over {name} in the place of a mean, 1/{name} missing", less


# One change somewhere inside


def _single_changes(claim, expression):
    """Yield (words, expression) with one place inside changed.

    All places at which a quantity stands are changed together first, then each alone.
    """
    things = _things(claim)
    # What stands in a D is left as it is.
    closed = {part: Dummy() for part in expression.atoms(D)}
    back = {stand_in: part for part, stand_in in closed.items()}
    opened = expression.xreplace(closed)
    for symbol in sorted(expression.free_symbols, key=str):
        for other in _others(symbol, things):
            words = f"{to_text(symbol)} in the place of {to_text(other)}"
            yield words, opened.xreplace({symbol: other}).xreplace(back)

    def changes(node, scope):
        return _changes(node, things, claim, scope)

    yield from _inside(expression, changes)


def _other_derivatives(claim, expression):
    """Yield the step with another quantity above or below in one of its derivatives."""
    things = _things(claim)
    for part in sorted(expression.atoms(D), key=str):
        others = [D(part.upper, other) for other in _others(part.lower, things)]
        if part.upper.is_Symbol:
            others += [D(other, part.lower) for other in _others(part.upper, things)]
        for other in others:
            words = f"{to_text(part)} in the place of {to_text(other)}"
            yield words, expression.xreplace({part: other})


def _inside(expression, changes, scope=()):
    """Yield (words, expression) with one part changed, as `changes` says of each."""
    yield from changes(expression, scope)
    if isinstance(expression, D) or expression.is_Atom:
        return
    if isinstance(expression, _SlopeAt):
        for words, argument in _inside(expression.argument, changes, scope):
            yield words, _SlopeAt(argument, expression.args[1])
        return
    if isinstance(expression, _Sum):
        inner = (*scope, expression.index)
        for words, body in _inside(expression.body, changes, inner):
            yield words, _Sum(body, expression.index)
        return
    for number, part in enumerate(expression.args):
        rest = expression.args[:number], expression.args[number + 1 :]
        for words, changed in _inside(part, changes, scope):
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
        for other in _others(node, things):
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
        name = to_text(-term if _starts_negative(term) else term)
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
    axes = [axis for thing in _things(claim) for axis in _axes(thing)]
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
            try:
                exchanges[entry] = entry.quantity[tuple(places)]
            except ValueError:
                return None
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


# What is left out


def _missing_factors(claim, expression):
    """Yield the step times one more factor, outside, in a sum, or in one term."""

    def changes(node, scope):
        if isinstance(node, (Add, _Total)):
            for number, term in enumerate(node.args):
                if term.is_number:
                    continue
                others = (*node.args[:number], *node.args[number + 1 :])
                for words, factor in _factors(claim, scope):
                    missing = f"the factor {words} missing in the term {to_text(term)}"
                    yield missing, total(*others, product(factor, term))
        if isinstance(node, _Sum):
            for words, factor in _factors(claim, (*scope, node.index)):
                body = product(factor, node.body)
                yield f"the factor {words} missing", _Sum(body, node.index)

    for words, factor in _factors(claim, ()):
        yield f"the factor {words} missing", product(factor, expression)
    yield from _inside(expression, changes)


def _factors(claim, scope):
    """Yield (words, factor) that may be missing, with the indices in scope."""
    letters = (*claim.free, *scope)
    entries = [e for thing in _things(claim) for e in _placed(thing, letters)]
    for entry in entries:
        yield to_text(entry), entry
    for entry in entries:
        yield to_text(1 - entry), 1 - entry
    for lower, body in claim.definitions.items():
        for used in sorted(body.free_symbols, key=str):
            if isinstance(used, (Width, Index, Whole)) or body.has(D):
                continue
            for factor in _slopes(lower, used, letters):
                yield to_text(factor), factor


def _slopes(lower, used, letters):
    """Yield ∂lower/∂used, with the indices in scope in the place of its own."""
    if not isinstance(lower, Entry):
        if not free_indices(used):
            yield D(lower, used)
        return
    for placed in _placed(lower.quantity, letters):
        own = dict(zip(lower.places, placed.places, strict=True))
        if isinstance(used, Entry):
            if not set(used.indices) <= set(lower.places):
                continue
            try:
                places = tuple(place.xreplace(own) for place in used.places)
                yield D(placed, used.quantity[places])
            except (ValueError, TypeError):
                continue
        else:
            yield D(placed, used)


def _missing_terms(claim, expression):
    """Yield the step with one more term, at the end or beside one of its parts."""
    things = _things(claim)

    def changes(node, scope):
        if node.is_Symbol:
            for other in _others(node, things):
                words = f"the term {to_text(other)} missing beside {to_text(node)}"
                yield words, node - other
                yield words, node + other

    for words, part in _factors(claim, ()):
        for sign in (-1, 1):
            yield f"the term {words} missing", total(expression, sign * part)
    yield from _inside(expression, changes)


def _missing_paths(claim, expression):
    """Yield the step with one more path added: through one quantity, or over a sum."""
    first_line = claim.first_line
    if not isinstance(first_line, D):
        return
    for lower in claim.definitions:
        if isinstance(lower, Entry) or lower in (first_line.upper, first_line.lower):
            continue
        path = product(D(lower, first_line.lower), D(first_line.upper, lower))
        yield f"the path through {to_text(lower)} left out", total(expression, path)


# What there is


def _things(claim):
    """Return every quantity and single symbol of the definitions, in order."""
    symbols = (getattr(s, "quantity", s) for s in claim.definitions.symbols)
    return tuple(dict.fromkeys(symbols))


def _axes(thing):
    return getattr(thing, "axes", ())


def _placed(thing, letters):
    """Return the entries of a quantity whose places are among some indices."""
    if isinstance(thing, Symbol):
        return [thing]
    found = []
    for places in permutations(letters, len(thing.axes)):
        try:
            found.append(thing[places])
        except ValueError:
            continue
    return found


def _others(symbol, things):
    """Return what may have been meant by a symbol: others with the same places."""
    if isinstance(symbol, (Width, Index, Whole)):
        return
    if not isinstance(symbol, Entry):
        yield from (t for t in things if isinstance(t, Symbol) and t != symbol)
        return
    first, *rest = symbol.places
    earlier, later = (first - 1, *rest), (first + 1, *rest)
    for thing in things:
        if not isinstance(thing, Symbol) and thing != symbol.quantity:
            for places in (*permutations(symbol.places), earlier, later):
                try:
                    yield thing[places]
                except ValueError:
                    continue


def _starts_negative(term):
    return to_text(term).startswith("-")


def _words(index):
    return shown((affine(index.first), affine(index.last)))

"""A step with one thing more in it, that may have been left out."""

from sympy import Add

from .changes import inside
from .entries import Entry, Whole
from .forms import D, _Total, product, total
from .printing import to_text
from .ranges import Index, Width
from .scanning import free_indices
from .sums import _Sum
from .things import entries_of, others_for, things_of


def missing_factors(claim, expression):
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
    yield from inside(expression, changes)


def _factors(claim, scope):
    """Yield (words, factor) that may be missing, with the indices in scope."""
    letters = (*claim.free, *scope)
    entries = [e for thing in things_of(claim) for e in entries_of(thing, letters)]
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
    for placed in entries_of(lower.quantity, letters):
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


def missing_terms(claim, expression):
    """Yield the step with one more term, at the end or beside one of its parts."""
    things = things_of(claim)

    def changes(node, scope):
        if node.is_Symbol:
            for other in others_for(node, things):
                words = f"the term {to_text(other)} missing beside {to_text(node)}"
                yield words, node - other
                yield words, node + other

    for words, part in _factors(claim, ()):
        for sign in (-1, 1):
            yield f"the term {words} missing", total(expression, sign * part)
    yield from inside(expression, changes)


def missing_paths(claim, expression):
    """Yield the step with one more path added: through one quantity, or over a sum."""
    first_line = claim.first_line
    if not isinstance(first_line, D):
        return
    for lower in claim.definitions:
        if isinstance(lower, Entry) or lower in (first_line.upper, first_line.lower):
            continue
        path = product(D(lower, first_line.lower), D(first_line.upper, lower))
        yield f"the path through {to_text(lower)} left out", total(expression, path)

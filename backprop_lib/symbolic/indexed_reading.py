"""What is checked of expressions and definitions with indices."""

from sympy import Idx, Indexed, IndexedBase, Rational, Sum, Symbol, sympify

from .entries import Whole, name_of
from .forms import D, to_expression
from .printing import to_text
from .ranges import Index, Width, shown
from .scanning import all_indices, free_indices
from .sums import _Sum

_FOREIGN = (Idx, Indexed, IndexedBase, Sum)


def read_indexed(value, what, allowed=None):
    """Return a value as an expression over indices; `what` names it in errors.

    Parameters
    ----------
    allowed : iterable of Index, optional
        The indices that may stand in it without a sum; if it is not given, any.

    Raises
    ------
    TypeError
        If it is no expression, or holds SymPy's own indexed symbols or sums.
    ValueError
        If one name stands for two ranges, if a sum binds a letter that is free, or if
        an index is neither summed over nor allowed.
    """
    expression = to_expression(value, what)
    foreign = sorted(map(str, expression.atoms(*_FOREIGN)))
    if foreign:
        raise TypeError(
            f"{what} holds SymPy's own {foreign[0]}, which declares no range: use "
            "quantity, indices and sum_over"
        )
    free = free_indices(expression)
    _check_letters([*all_indices(expression), *(allowed or ())], what)
    bound_and_free = captured(expression, {*free, *(allowed or ())})
    if bound_and_free:
        raise ValueError(
            f"{what} sums over {bound_and_free}, which is free in the same line: use "
            "another letter for the sum"
        )
    missing = [i for i in free if allowed is not None and i not in allowed]
    if missing:
        (index, *_) = missing
        raise ValueError(
            f"{index} is free in {what}, which has no place for it: write "
            f"sum_over({index}, ...) if the sum over {shown(index.range)} is meant"
        )
    for derivative in expression.atoms(D):
        if derivative.upper.has(D):
            raise ValueError(
                f"{what} holds a derivative of a derivative, {derivative}, which is "
                "not supported over indices"
            )
    return expression


def captured(expression, free):
    """Return the first index that a sum binds and that is among the free ones."""
    names = {index.name for index in free}
    bound = sorted(s.index.name for s in expression.atoms(_Sum))
    return next((name for name in bound if name in names), None)


def _check_letters(indices, what):
    named = {}
    for index in sorted(set(indices), key=lambda i: (i.name, str(i.range))):
        other = named.setdefault(index.name, index)
        if other != index:
            raise ValueError(
                f"in {what}, {index} is {shown(other.range)} and also "
                f"{shown(index.range)}: use two letters"
            )


def checked_indexed(pairs):
    """Return {entry or symbol: expression}, or say what is wrong with the input."""
    checked = {}
    for lower, body in pairs:
        _check_lower(lower)
        if any(name_of(lower) == name_of(other) for other in checked):
            raise ValueError(f"{name_of(lower)} is defined twice")
        places = getattr(lower, "places", ())
        what = f"the definition of {to_text(lower)}"
        checked[lower] = read_indexed(body, what, places)
    _check_names([*checked, *checked.values()])
    return checked


def _check_lower(lower):
    if isinstance(lower, (Width, Index, Whole)) or not isinstance(lower, Symbol):
        raise TypeError(
            f"only entries, such as net[j], and single symbols can be defined, not "
            f"{lower} ({type(lower).__name__})"
        )
    places = getattr(lower, "places", ())
    if len(set(places)) < len(places) or not all(
        isinstance(place, Index) for place in places
    ):
        raise ValueError(
            f"{to_text(lower)} is defined entry by entry: write a different index, "
            "with nothing added, for each of its axes"
        )


def _check_names(expressions):
    """Raise a ValueError if one name stands for two different things."""
    named = {}
    for expression in expressions:
        for symbol in sorted(expression.free_symbols, key=str):
            if isinstance(symbol, Index):
                continue
            thing = getattr(symbol, "quantity", symbol)
            other = named.setdefault(name_of(symbol), thing)
            if other != thing:
                raise ValueError(
                    f"two different things are called {name_of(symbol)}: "
                    "declare it once and use it throughout"
                )


def checked_given(given):
    """Return {(name, axis, range): number} for sums that are known."""
    known = {}
    for total, value in (given or {}).items():
        body = total.body if isinstance(total, _Sum) else None
        value = sympify(value)
        axes = [
            axis
            for axis, place in enumerate(getattr(body, "places", ()))
            if place == total.index and total.index.range == body.quantity.ranges[axis]
        ]
        if len(axes) != 1 or not isinstance(value, Rational):
            raise ValueError(
                "what is given is a sum over one whole axis of a quantity, and a "
                f"number, such as sum_over(j, t[j]): 1; not {total}: {value}"
            )
        known[body.quantity.name, axes[0], body.quantity.ranges[axes[0]]] = value
    return known


def names_in(expression):
    """Return (name, quantity or symbol) for all that an expression uses."""
    return {
        (name_of(symbol), getattr(symbol, "quantity", symbol))
        for symbol in expression.free_symbols
        if not isinstance(symbol, (Index, Width))
    }

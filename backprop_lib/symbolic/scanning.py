"""What stands in an expression: its indices, free or bound, and its widths."""

from .entries import Entry, Quantity, Whole
from .forms import D
from .ranges import Index, Width
from .sums import _Sum


def free_indices(expression):
    """Return the indices that no sum in an expression binds, in order of first use."""
    if isinstance(expression, Entry):
        return expression.indices
    if isinstance(expression, Index):
        return (expression,)
    if isinstance(expression, D):
        parts = [expression.lower, expression.upper]
    else:
        parts = getattr(expression, "args", ())
    found = dict.fromkeys(index for part in parts for index in free_indices(part))
    if isinstance(expression, _Sum):
        found.pop(expression.index, None)
    return tuple(found)


def all_indices(expression):
    """Return every index in an expression, bound or free."""
    found = set(expression.atoms(Index))
    for entry in expression.atoms(Entry):
        found.update(entry.indices)
    return found


def widths_in(expression):
    """Return every width in an expression, ranges included, in order of first use."""
    if isinstance(expression, Width):
        return (expression,)
    if isinstance(expression, Index):
        parts = [expression.first, expression.last]
    elif isinstance(expression, Entry):
        ends = [end for axis in expression.quantity.axes for end in axis]
        parts = [*ends, *expression.places]
    elif isinstance(expression, Whole):
        parts = [end for axis in expression.quantity.axes for end in axis]
    else:
        parts = getattr(expression, "args", ())
    return tuple(dict.fromkeys(width for part in parts for width in widths_in(part)))


def has_indices(value):
    """Say whether a value is, or holds, an entry, a sum, a width or an index."""
    kinds = (Entry, Whole, Index, Width, _Sum)
    return isinstance(value, (*kinds, Quantity)) or (
        hasattr(value, "atoms") and bool(value.atoms(*kinds))
    )

"""The one mistake that explains a false step.

A step's expression is changed in one way after the other: its sign, a factor, one
quantity for another, and so on. If a change makes the step agree with the first line at
several random points, what was changed is the mistake. So a name is never a guess from
the numbers alone; and where no single change helps, none is given.
"""

from itertools import chain, islice

from sympy import S

from .changes import other_derivatives, single_changes
from .forms import product
from .omissions import missing_factors, missing_paths, missing_terms
from .scanning import widths_in

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
        single_changes(claim, expression),
        missing_factors(claim, expression),
        missing_terms(claim, expression),
        other_derivatives(claim, expression),
        missing_paths(claim, expression),
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

"""What several derivations came to, in one box."""

from dataclasses import replace

from .derivation import Derivation
from .layout import latex_table, text_table


class Results:
    r"""The last lines of several derivations, one below the other.

    Each line stands as it was proved: what it began with, the result, the reason, and
    how it was checked. Steps that a derivation gets later are not shown.

    Parameters
    ----------
    *derivations : Derivation
        At least one, each with at least one step.

    Raises
    ------
    TypeError
        If one is no derivation.
    ValueError
        If there is none, or one without a step.

    Examples
    --------
    >>> from sympy import symbols
    >>> from backprop_lib.symbolic import D, Definitions, Derivation, Results
    >>> w, x, b, net = symbols("w x b net", real=True)
    >>> neuron = Definitions({net: w*x + b})
    >>> by_w = Derivation(neuron, D(net, w)).step(x, "what came in")
    >>> by_b = Derivation(neuron, D(net, b)).step(1, "an input of 1")
    >>> Results(by_w, by_b)
    ∂net/∂w = x   what came in    [proved]
    ∂net/∂b = 1   an input of 1   [proved]
    """

    def __init__(self, *derivations):
        if not derivations:
            raise ValueError("results need at least one derivation")
        self.lines = tuple(map(_last_line, derivations))

    def __repr__(self):
        return text_table(self.lines[0].left, self.lines)

    def _repr_latex_(self):
        return latex_table(self.lines[0].left, self.lines)


def _last_line(derivation):
    """Return the last step, with what it is equal to on its left."""
    if not isinstance(derivation, Derivation):
        kind = type(derivation).__name__
        raise TypeError(f"results are of derivations, not of {kind}")
    if not derivation.steps:
        raise ValueError(f"the derivation of {derivation} has no step yet")
    last = derivation.steps[-1]
    return last if last.left is not None else replace(last, left=derivation.first_line)

r"""Derivations that are checked by machine and printed as they are checked.

A system of `Definitions` says what depends on what, `D` names a derivative
through them, and a `Derivation` collects steps, each of which must equal the
first line. `product` and `total` keep factors and terms in the order in which
you write them. `SymbolicNetwork` writes down a whole network this way.

This package imports no other module of the library: a gradient that it derives
is evidence for the one that the library computes.

>>> from sympy import symbols
>>> from backprop_lib.symbolic import D, Definitions, Derivation, product, sigmoid
>>> w, x, b, t, net, o, L = symbols("w x b t net o L", real=True)
>>> neuron = Definitions({net: w*x + b, o: sigmoid(net), L: (t - o)**2 / 2})
>>> d = Derivation(neuron, D(L, w))
>>> d = d.step(product(D(o, net), D(L, o), D(net, w)), "chain rule")
>>> d = d.step(product(o*(1 - o), o - t, x), "each factor in turn")
>>> d
∂L/∂w = ∂o/∂net · ∂L/∂o · ∂net/∂w   chain rule            [proved]
      = o*(1 - o) · (o - t) · x     each factor in turn   [proved]
"""

from .definitions import Definitions
from .derivation import Derivation, Step
from .entries import quantity
from .errors import DerivationError
from .forms import D, product, total
from .functions import sigmoid
from .matrices import ones
from .networks import SymbolicNetwork
from .ranges import indices, widths
from .sums import slope, sum_over

__all__ = [
    "D",
    "Definitions",
    "Derivation",
    "DerivationError",
    "Step",
    "SymbolicNetwork",
    "indices",
    "ones",
    "product",
    "quantity",
    "sigmoid",
    "slope",
    "sum_over",
    "total",
    "widths",
]

r"""Derivations that are checked by machine and printed as they are checked.

A system of `Definitions` says what depends on what, `D` names a derivative
through them, and a `Derivation` collects steps, each of which must equal the
first line. `product` and `total` keep factors and terms in the order in which
you write them. `SymbolicNetwork` writes down a whole network this way.

Over indices with declared ranges, steps are sums, and are proved for every width:
`widths`, `indices` and `quantity` declare what there is, `sum_over` writes a sum, and
`Derivation.matrix` says the same of all entries at once.

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

>>> from backprop_lib.symbolic import indices, quantity, sum_over, widths
>>> n, m = widths("n m")
>>> i, a = indices("i a", n)
>>> j, b = indices("j b", m)
>>> o, w, net = quantity("o", n), quantity("w", n, m, whole="W"), quantity("net", m)
>>> layer = Definitions({net[j]: sum_over(i, o[i] * w[i, j])})
>>> d = Derivation(layer, net[j]).step(sum_over(a, o[a] * w[a, j]), "another letter")
>>> d.matrix(o @ w, "a row times a matrix")
net[j] = Σ_{a=1..n} o[a]*w[a, j]   another letter         [proved for every m, n]
net    = o @ w                     a row times a matrix   [proved for every m, n]
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
from .results import Results
from .sums import slope, sum_over

__all__ = [
    "D",
    "Definitions",
    "Derivation",
    "DerivationError",
    "Results",
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

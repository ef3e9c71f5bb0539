"""Activations: a neuron's output o = f(net), and beside it its slope ∂o/∂net.

The forward pass knows net, and leaves the slope behind for the way back: it is the
first of the three factors.  So each activation of the table writes both at once, in
``write(net, out, slope, rest)``, arrays of one shape, and allocates nothing.  ``rest``
is scratch; of the sigmoid and the softmax it ends as 1 − o without the cancellation,
which is what the cross-entropies ask for.

Written to keep their digits: o and the slope stay within 4 units in the last place
over the whole range of the floating-point numbers, without warnings [1]_.  (One
exception: where `write` leaves a sigmoid's slope below 1e-307, it stays there.)
Complex nets are followed analytically, so that complex-step derivatives work.

References
----------
.. [1] N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
       SIAM, 2002.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import isfinite

import numpy as np

# The constants of the formulas, by dtype.  Of exp(largest) there still is a reciprocal;
# just below 1 is what to add to e where adding 1 is a tie, which rounds up and down.
_CONSTANTS = {
    np.dtype(dtype): tuple(
        np.array(c, dtype) for c in (1, np.nextafter(dtype(1), dtype(0)), largest)
    )
    for dtype, largest in ((np.float64, 708), (np.float32, 87))
}
_LEAK = 0.01
# If the squares of all nets sum to less, the exponentials of none are out of range.
_MODERATE = {np.dtype(np.float64): 600.0**2, np.dtype(np.float32): 60.0**2}
# Neurons of a layer for which a sum over all others may be a matrix product.
_FEW = 128


def _write_sigmoid(net, out, slope, rest):
    one, just_1, largest = _CONSTANTS[net.dtype]
    # e = exp(net)
    np.minimum(net, largest, out=out)
    np.exp(out, out=out)
    # 1 − o = 1 / (1 + e)  and  o = e / (1 + e)
    np.add(out, one, out=rest)
    np.reciprocal(rest, out=rest)
    np.add(out, just_1, out=slope)
    np.divide(out, slope, out=out)
    # ∂o/∂net = o (1 − o)
    np.multiply(out, rest, out=slope)


def _write_tanh(net, out, slope, rest):
    one = _CONSTANTS[net.dtype][0]
    np.tanh(net, out=out)
    # e = exp(−2|net|)
    np.abs(net, out=slope)
    np.multiply(slope, -2.0, out=slope)
    np.exp(slope, out=slope)
    # ∂o/∂net = 1 − o² = e · 2/(1 + e) · 2/(1 + e)
    np.add(slope, one, out=rest)
    np.divide(2.0, rest, out=rest)
    np.multiply(slope, rest, out=slope)
    np.multiply(slope, rest, out=slope)


def _write_relu(net, out, slope, rest):
    np.maximum(net, 0.0, out=out)
    # At the kink the slope is 0: a convention.
    np.greater(net, 0.0, out=slope)


def _write_leaky_relu(net, out, slope, rest):
    np.multiply(net, _LEAK, out=rest)
    np.maximum(net, rest, out=out)
    np.greater(net, 0.0, out=slope)
    np.maximum(slope, _LEAK, out=slope)


def _write_identity(net, out, slope, rest):
    np.copyto(out, net)
    slope.fill(1.0)


def _write_softmax(net, out, slope, rest):
    """Each output depends on every net of its layer, so there is no slope to write.

    The neurons of a layer are along the last axis but one.
    """
    # e_k = exp(net_k)
    if abs(np.vdot(net, net)) < _MODERATE[net.real.dtype]:
        np.exp(net, out=out)
    else:
        _write_shifted_exp(net, out)
    sum_of_others(out, rest)
    # o_j = e_j / Σ_k e_k  and  1 − o_j = Σ_{k≠j} e_k / Σ_k e_k
    np.add(out, rest, out=slope)
    np.divide(out, slope, out=out)
    np.divide(rest, slope, out=rest)


def _write_shifted_exp(net, out):
    """Write exp(net_k − max net): the shift leaves the quotients as they are."""
    top = net.real.max(axis=-2, keepdims=True)
    with np.errstate(invalid="ignore"):
        np.subtract(net, top, out=out)
    # ∞ − ∞, of one number with itself
    np.copyto(out, 0.0, where=net.real == top)
    np.exp(out, out=out)


def sum_of_others(array, result):
    """Write Σ_{k≠j} array_k: a sum without what is left out, so that nothing cancels.

    Parameters
    ----------
    array, result : arrays, (..., n, batch)
        The sum runs over the last axis but one.

    Examples
    --------
    >>> import numpy as np
    >>> result = np.empty((3, 1))
    >>> sum_of_others(np.array([[1e-20], [2e-20], [1.0]]), result)
    >>> print(result.ravel())
    [1.e+00 1.e+00 3.e-20]
    """
    n = array.shape[-2]
    if n <= _FEW:
        np.matmul(_all_but_one(n, array.real.dtype), array, out=result)
        return
    # Those before j, and those behind it: n sums where the matrix has n² terms.
    result[..., :1, :] = 0.0
    result[..., 1:, :] = np.add.accumulate(array[..., :-1, :], axis=-2)
    behind = np.add.accumulate(array[..., :0:-1, :], axis=-2)
    result[..., :-1, :] += behind[..., ::-1, :]


@cache
def _all_but_one(n, dtype):
    """Return ones with zeros on the diagonal."""
    return 1 - np.eye(n, dtype=dtype)


def surely_finite(net):
    """Return True if every number is finite, and not too large to be squared.

    A quick test: False says only that a slower way, which minds infinities, is due.

    Examples
    --------
    >>> import numpy as np
    >>> surely_finite(np.array([1.0, -2.0])), surely_finite(np.array([1.0, np.inf]))
    (True, False)
    """
    # Of the products of arrays, vdot alone is silent when it overflows.
    return isfinite(abs(np.vdot(net, net)))


# Complex nets: the branch follows the real part, so all stays analytic off the axis.


def _complex_sigmoid(net, out, slope, rest):
    left = net.real < 0
    # z = exp(−|net|) ≤ 1;  o and 1 − o are 1/(1 + z) and z/(1 + z)
    z = np.exp(np.where(left, net, -net))
    np.divide(np.where(left, z, 1.0), 1.0 + z, out=out)
    np.divide(np.where(left, 1.0, z), 1.0 + z, out=rest)
    np.multiply(out, rest, out=slope)


def _complex_tanh(net, out, slope, rest):
    # z = exp(−2|net|);  tanh′(net) = 4σ′(2 net) = 4 z / (1 + z)²
    z = np.exp(np.where(net.real < 0, net, -net)) ** 2
    np.divide(4.0 * z, (1.0 + z) ** 2, out=slope)
    np.tanh(net, out=out)


def _complex_relu(net, out, slope, rest):
    np.greater(net.real, 0.0, out=slope)
    np.multiply(net, slope, out=out)


def _complex_leaky_relu(net, out, slope, rest):
    slope[...] = np.where(net.real > 0, 1.0, _LEAK)
    np.multiply(net, slope, out=out)


@dataclass(frozen=True)
class Activation:
    """An activation: its output and its slope, in one go or each alone.

    Attributes
    ----------
    name : str
    write, write_complex : callable
        ``write(net, out, slope, rest)`` for real arrays, and for complex ones.
    function : callable
        ``function(net)``: the output o.
    derivative : callable or None
        ``derivative(net)``: ∂o/∂net, element by element.  None for softmax, each of
        whose outputs depends on every net of its layer.
    kinked : bool
        Whether the slope jumps at net = 0.
    """

    name: str
    write: Callable
    write_complex: Callable
    function: Callable
    derivative: Callable | None
    kinked: bool = False

    def writer(self, dtype):
        """Return the one that writes arrays of this dtype."""
        return self.write_complex if np.dtype(dtype).kind == "c" else self.write


def _floating(net):
    net = np.asanyarray(net)
    return net if net.dtype.kind in "fc" else net.astype(float)


def _pair(name, net):
    """Return o and the slope, new arrays of the shape of net."""
    out, slope, rest = (np.empty_like(net) for _ in range(3))
    ACTIVATIONS[name].writer(net.dtype)(net, out, slope, rest)
    return out, slope


def sigmoid(net):
    """Return the logistic sigmoid σ(net) = 1 / (1 + exp(−net)).

    Parameters
    ----------
    net : array of any shape

    Returns
    -------
    array of the same shape, in [0, 1]; exactly 1 only where rounding makes it so.

    Examples
    --------
    >>> import numpy as np
    >>> print(sigmoid(np.array([-800.0, 0.0, 800.0])))
    [0.  0.5 1. ]
    """
    return _pair("sigmoid", _floating(net))[0]


def sigmoid_derivative(net):
    """Return σ′(net) = σ(net) (1 − σ(net)), without the cancellation in 1 − σ.

    Examples
    --------
    >>> import numpy as np
    >>> print(sigmoid_derivative(np.array([-40.0, 0.0, 40.0])))
    [4.24835426e-18 2.50000000e-01 4.24835426e-18]
    """
    net = _floating(net)
    # σ′ is even: σ′ = s (1 − s)  with  s = σ(−|net|) ≤ ½
    s = sigmoid(np.where(net.real > 0, -net, net))
    return s * (1.0 - s)


def tanh(net):
    """Return the hyperbolic tangent, 2σ(2 net) − 1.

    Examples
    --------
    >>> float(tanh(0.0))
    0.0
    """
    return _pair("tanh", _floating(net))[0]


def tanh_derivative(net):
    """Return tanh′(net) = 1 − tanh²(net) = 4σ′(2 net).

    Examples
    --------
    >>> float(tanh_derivative(0.0))
    1.0
    """
    return _pair("tanh", _floating(net))[1]


def relu(net):
    """Return the rectified linear unit max(0, net).

    Examples
    --------
    >>> import numpy as np
    >>> print(relu(np.array([-2.0, 3.0])))
    [0. 3.]
    """
    return _pair("relu", _floating(net))[0]


def relu_derivative(net):
    """Return 1 where net > 0, else 0 (at the kink, too: a convention).

    Examples
    --------
    >>> import numpy as np
    >>> print(relu_derivative(np.array([-2.0, 0.0, 3.0])))
    [0. 0. 1.]
    """
    return _pair("relu", _floating(net))[1]


def leaky_relu(net):
    """Return net where net > 0, else net / 100.

    Examples
    --------
    >>> import numpy as np
    >>> print(leaky_relu(np.array([-2.0, 3.0])))
    [-0.02  3.  ]
    """
    return _pair("leaky_relu", _floating(net))[0]


def leaky_relu_derivative(net):
    """Return 1 where net > 0, else 1/100.

    Examples
    --------
    >>> import numpy as np
    >>> print(leaky_relu_derivative(np.array([-2.0, 3.0])))
    [0.01 1.  ]
    """
    return _pair("leaky_relu", _floating(net))[1]


def identity(net):
    """Return net itself: a linear neuron.

    Examples
    --------
    >>> float(identity(3.0))
    3.0
    """
    return _pair("identity", _floating(net))[0]


def identity_derivative(net):
    """Return 1 everywhere.

    Examples
    --------
    >>> float(identity_derivative(3.0))
    1.0
    """
    return _pair("identity", _floating(net))[1]


def softmax(net):
    """Return o_j = exp(net_j) / Σ_k exp(net_k) along the last axis.

    Parameters
    ----------
    net : array, (..., n_out)
        A number is the only output of its layer.

    Returns
    -------
    array, (..., n_out): positive, and 1 in sum along the last axis.  Where the largest
    net is infinite, those as large share the 1.

    Examples
    --------
    >>> import numpy as np
    >>> print(softmax(np.array([1000.0, 1000.0])))
    [0.5 0.5]
    """
    net = _floating(net)
    if net.ndim == 0:
        return softmax(net[None])[0]
    return _pair("softmax", net[..., None])[0][..., 0]


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation(
            "sigmoid", _write_sigmoid, _complex_sigmoid, sigmoid, sigmoid_derivative
        ),
        Activation("tanh", _write_tanh, _complex_tanh, tanh, tanh_derivative),
        Activation(
            "relu", _write_relu, _complex_relu, relu, relu_derivative, kinked=True
        ),
        Activation(
            "leaky_relu",
            _write_leaky_relu,
            _complex_leaky_relu,
            leaky_relu,
            leaky_relu_derivative,
            kinked=True,
        ),
        Activation(
            "identity", _write_identity, _write_identity, identity, identity_derivative
        ),
        Activation("softmax", _write_softmax, _write_softmax, softmax, None),
    )
}

"""Activation functions o = f(net), their derivatives, and the table of their names.

Every function takes the weighted sums ``net`` as an array of any shape and works
element by element, except `softmax`, which works along the last axis.  ``out``
receives the result and ``work`` is scratch of the same shape; both are allocated
when they are not given, and a training loop that gives them allocates nothing.
Complex input is followed analytically, so that complex-step derivatives work.

Written to keep their digits: `sigmoid` and its derivative stay within 4 units in
the last place over the whole range of the floating-point numbers, without
warnings [1]_.

References
----------
.. [1] N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
       SIAM, 2002.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np

_LEAK = 0.01


def _buffers(net, out, work):
    net = np.asanyarray(net)
    if net.dtype.kind not in "fc":
        net = net.astype(float)
    out = np.empty_like(net) if out is None else out
    work = np.empty_like(net) if work is None else work
    return net, out, work


def surely_finite(net):
    """Return True if every number is finite, and not too large to be squared.

    A quick test: False says only that a slower way, which minds infinities, is due.

    Examples
    --------
    >>> import numpy as np
    >>> surely_finite(np.array([1.0, -2.0])), surely_finite(np.array([1.0, np.inf]))
    (True, False)
    """
    return isfinite(np.vdot(net, net).real)


def sigmoid(net, out=None, work=None):
    """Return the logistic sigmoid σ(net) = 1 / (1 + exp(−net)).

    Parameters
    ----------
    net : array of any shape
    out, work : arrays of the same shape, optional
        The result's place (it may be ``net`` itself), and scratch (it may not).

    Returns
    -------
    array of the same shape, in [0, 1]; exactly 1 only where rounding makes it so.

    Examples
    --------
    >>> import numpy as np
    >>> print(sigmoid(np.array([-800.0, 0.0, 800.0])))
    [0.  0.5 1. ]
    """
    net, out, work = _buffers(net, out, work)
    if net.dtype.kind == "c":
        return _sigmoid_complex(net, out)
    # σ(net) = max(z, [net ≥ 0]) / (1 + z)  with  z = exp(−|net|) ≤ 1
    np.copysign(net, -1.0, out=work)
    np.exp(work, out=work)
    np.greater_equal(net, 0.0, out=out)
    np.maximum(out, work, out=out)
    np.add(work, 1.0, out=work)
    return np.divide(out, work, out=out)


def _sigmoid_complex(net, out):
    z = _decaying(net)
    return np.divide(np.where(net.real < 0, z, 1.0), 1.0 + z, out=out)


def _decaying(net):
    """Return exp(±net) of complex net, by the sign that keeps it at 1 or below."""
    # The branch follows the real part, so the function stays analytic off the axis.
    return np.exp(np.where(net.real < 0, net, -net))


def _slope_complex(z, out):
    # σ′ = s (1 − s)  with  s = z / (1 + z)
    s = z / (1.0 + z)
    return np.multiply(s, 1.0 - s, out=out)


def sigmoid_derivative(net, out=None, work=None):
    """Return σ′(net) = σ(net) (1 − σ(net)), without the cancellation in 1 − σ.

    Examples
    --------
    >>> import numpy as np
    >>> print(sigmoid_derivative(np.array([-40.0, 0.0, 40.0])))
    [4.24835426e-18 2.50000000e-01 4.24835426e-18]
    """
    net, out, work = _buffers(net, out, work)
    if net.dtype.kind == "c":
        return _slope_complex(_decaying(net), out)
    # σ′ is even: σ′ = s (1 − s)  with  s = σ(−|net|) ≤ ½
    np.copysign(net, -1.0, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=work)
    np.divide(out, work, out=out)
    np.subtract(1.0, out, out=work)
    return np.multiply(out, work, out=out)


def tanh(net, out=None, work=None):
    """Return the hyperbolic tangent, 2σ(2 net) − 1.

    Examples
    --------
    >>> float(tanh(0.0))
    0.0
    """
    net, out, _ = _buffers(net, out, work)
    return np.tanh(net, out=out)


def tanh_derivative(net, out=None, work=None):
    """Return tanh′(net) = 1 − tanh²(net) = 4σ′(2 net).

    Examples
    --------
    >>> float(tanh_derivative(0.0))
    1.0
    """
    net, out, work = _buffers(net, out, work)
    if net.dtype.kind == "c":
        return np.multiply(4.0, _slope_complex(_decaying(net) ** 2, out), out=out)
    # tanh′ = 4 s (1 − s)  with  s = σ(−2|net|) ≤ ½
    np.copysign(net, -1.0, out=out)
    np.multiply(out, 2.0, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=work)
    np.divide(out, work, out=out)
    np.subtract(1.0, out, out=work)
    np.multiply(out, work, out=out)
    return np.multiply(out, 4.0, out=out)


def relu(net, out=None, work=None):
    """Return the rectified linear unit max(0, net).

    Examples
    --------
    >>> import numpy as np
    >>> print(relu(np.array([-2.0, 3.0])))
    [0. 3.]
    """
    net, out, _ = _buffers(net, out, work)
    if net.dtype.kind == "c":
        return np.multiply(net, net.real > 0, out=out)
    return np.maximum(net, 0.0, out=out)


def relu_derivative(net, out=None, work=None):
    """Return 1 where net > 0, else 0 (at the kink, too: a convention).

    Examples
    --------
    >>> import numpy as np
    >>> print(relu_derivative(np.array([-2.0, 0.0, 3.0])))
    [0. 0. 1.]
    """
    net, out, _ = _buffers(net, out, work)
    return np.greater(net.real, 0.0, out=out)


def leaky_relu(net, out=None, work=None):
    """Return net where net > 0, else net / 100.

    Examples
    --------
    >>> import numpy as np
    >>> print(leaky_relu(np.array([-2.0, 3.0])))
    [-0.02  3.  ]
    """
    net, out, work = _buffers(net, out, work)
    if net.dtype.kind == "c":
        return np.multiply(net, np.where(net.real > 0, 1.0, _LEAK), out=out)
    np.multiply(net, _LEAK, out=work)
    return np.maximum(net, work, out=out)


def leaky_relu_derivative(net, out=None, work=None):
    """Return 1 where net > 0, else 1/100.

    Examples
    --------
    >>> import numpy as np
    >>> print(leaky_relu_derivative(np.array([-2.0, 3.0])))
    [0.01 1.  ]
    """
    net, out, _ = _buffers(net, out, work)
    np.greater(net.real, 0.0, out=out)
    return np.maximum(out, _LEAK, out=out)


def identity(net, out=None, work=None):
    """Return net itself: a linear neuron.

    Examples
    --------
    >>> float(identity(3.0))
    3.0
    """
    net, out, _ = _buffers(net, out, work)
    np.copyto(out, net)
    return out


def identity_derivative(net, out=None, work=None):
    """Return 1 everywhere.

    Examples
    --------
    >>> float(identity_derivative(3.0))
    1.0
    """
    _, out, _ = _buffers(net, out, work)
    out.fill(1.0)
    return out


def softmax(net, out=None, work=None):
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
    net, out, work = _buffers(net, out, work)
    if net.ndim == 0:
        np.copyto(out, softmax(net[None])[0])
        return out
    column = work[..., :1]
    # A shift of every net_k by the same amount leaves the quotient as it is.
    np.max(net.real, axis=-1, keepdims=True, out=column.real)
    if net.dtype.kind == "c":
        column.imag = 0.0
    if surely_finite(column):
        np.subtract(net, column, out=out)
    else:
        _subtract_infinity(net, column, out)
    np.exp(out, out=out)
    np.sum(out, axis=-1, keepdims=True, out=column)
    return np.divide(out, column, out=out)


def _subtract_infinity(net, column, out):
    largest = net.real == column.real
    with np.errstate(invalid="ignore"):
        np.subtract(net, column, out=out)
    # ∞ − ∞, of one number with itself
    np.copyto(out, 0.0, where=largest)


@dataclass(frozen=True)
class Activation:
    """An activation and what the backward pass needs of it.

    Attributes
    ----------
    name : str
    function : callable
        ``function(net, out=None, work=None)``, the output o of the neurons.
    derivative : callable or None
        The same face; element by element.  None for softmax, each of whose outputs
        depends on every net of its layer.
    kinked : bool
        Whether the slope jumps at net = 0.
    """

    name: str
    function: Callable
    derivative: Callable | None
    kinked: bool = False

    def pull_back(self, net, out, out_gradient, delta, work):
        """Write δ = ∂L/∂net into ``delta``, given ∂L/∂o; all of one shape."""
        if self.derivative is None:
            # softmax: δ_j = o_j (∂L/∂o_j − Σ_k o_k ∂L/∂o_k)
            np.multiply(out, out_gradient, out=work)
            np.sum(work, axis=-1, keepdims=True, out=delta[..., :1])
            np.subtract(out_gradient, delta[..., :1], out=work)
            return np.multiply(out, work, out=delta)
        # δ_j = ∂o_j/∂net_j · ∂L/∂o_j
        self.derivative(net, out=delta, work=work)
        return np.multiply(delta, out_gradient, out=delta)


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation("sigmoid", sigmoid, sigmoid_derivative),
        Activation("tanh", tanh, tanh_derivative),
        Activation("relu", relu, relu_derivative, kinked=True),
        Activation("leaky_relu", leaky_relu, leaky_relu_derivative, kinked=True),
        Activation("identity", identity, identity_derivative),
        Activation("softmax", softmax, None),
    )
}

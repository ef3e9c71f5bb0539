"""Losses: their value, and how each starts the way back at the last layer.

The value of a loss is summed over the outputs, one number per example; the
network averages it over the batch.  ``net``, ``out`` and the target ``t`` are
``(..., n_out)``.  The cross-entropies are computed from ``net``, not from
``out``: the logarithm of a rounded output has already lost its digits.

Lists and whole numbers are taken as the arrays of floats that they stand for, and a
number as the only output of one example.  Infinite nets give the limits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop_lib.activations import sum_of_others, surely_finite


def _floats(given):
    """Return an array of floating or complex numbers."""
    array = np.asarray(given)
    return array if array.dtype.kind in "fc" else array.astype(float)


def _outputs(given):
    """Return an array of floating or complex numbers, (..., n_out)."""
    array = _floats(given)
    return array if array.ndim else array[None]


def _share(t, cost):
    """Return t · cost, which is 0 where t is 0, an infinite cost or not."""
    with np.errstate(invalid="ignore"):
        return np.where(t == 0.0, 0.0, t * cost)


def _behind(largest, net):
    """Return largest − net, which is 0 where the two are equal, if infinite."""
    with np.errstate(invalid="ignore"):
        return np.where(net == largest, 0.0, largest - net)


def softplus(net):
    """Return log(1 + exp(net)), element by element, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> print(softplus(np.array([-800.0, 800.0])))
    [  0. 800.]
    """
    net = _floats(net)
    positive = net.real > 0
    # softplus(net) = max(net, 0) + log(1 + exp(−|net|))
    small = np.log1p(np.exp(np.where(positive, -net, net)))
    return np.where(positive, net, 0.0) + small


def squared_error(net, out, t):
    """Return ½ Σ_j (o_j − t_j)², one number per example.

    Parameters
    ----------
    net, out, t : arrays, (..., n_out)

    Returns
    -------
    array, (...)

    Examples
    --------
    >>> import numpy as np
    >>> squared_error(None, np.array([[1.0, 3.0]]), np.array([[0.0, 1.0]]))
    array([2.5])
    """
    difference = _outputs(out) - _outputs(t)
    return 0.5 * np.einsum("...j,...j->...", difference, difference)


def squared_error_gradient(net, out, t, result=None):
    """Return ∂L/∂o_j = o_j − t_j.

    Examples
    --------
    >>> import numpy as np
    >>> squared_error_gradient(None, np.array([0.75]), np.array([1.0]))
    array([-0.25])
    """
    if result is None:
        out, t = _floats(out), _floats(t)
    return np.subtract(out, t, out=result)


def binary_cross_entropy(net, out, t):
    """Return −Σ_j [t_j log o_j + (1 − t_j) log(1 − o_j)] for o = σ(net).

    One number per example, in nats.  With o = σ(net) the two logarithms are
    −softplus(−net) and −softplus(net); in that form nothing overflows or cancels.

    Parameters
    ----------
    net, out, t : arrays, (..., n_out); t in [0, 1]

    Returns
    -------
    array, (...)

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy(np.array([[800.0]]), None, np.array([[0.0]]))
    array([800.])
    """
    net, t = _outputs(net), _outputs(t)
    share = np.multiply if surely_finite(net) else _share
    # L = Σ_j t_j softplus(−net_j) + (1 − t_j) softplus(net_j)
    terms = share(t, softplus(-net)) + share(1.0 - t, softplus(net))
    return np.sum(terms, axis=-1)


def binary_cross_entropy_gradient(net, out, t, result=None):
    """Return ∂L/∂o_j = (1 − t_j)/(1 − o_j) − t_j/o_j for o = σ(net).

    Infinite where the true value exceeds the largest floating-point number.

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy_gradient(np.array([0.0]), np.array([0.5]), np.array([1.0]))
    array([-2.])
    """
    net, t = _floats(net), _floats(t)
    # 1/o = 1 + exp(−net)  and  1/(1 − o) = 1 + exp(net)
    with np.errstate(over="ignore", invalid="ignore"):
        wrong = np.where(t == 1.0, 0.0, (1.0 - t) * (1.0 + np.exp(net)))
        right = np.where(t == 0.0, 0.0, t * (1.0 + np.exp(-net)))
    return np.subtract(wrong, right, out=result)


def cross_entropy(net, out, t):
    """Return −Σ_j t_j log o_j for o = softmax(net), one number per example, in nats.

    Parameters
    ----------
    net, out, t : arrays, (..., n_out); the rows of t are distributions

    Returns
    -------
    array, (...)

    Examples
    --------
    >>> import numpy as np
    >>> cross_entropy(np.array([[800.0, 0.0]]), None, np.array([[0.0, 1.0]]))
    array([800.])
    """
    net, t = _outputs(net), _outputs(t)
    largest = np.max(net, axis=-1, keepdims=True)
    finite = surely_finite(net)
    behind = (np.subtract if finite else _behind)(largest, net)
    # Σ exp(net_k − max net) over all but one of the largest, which are 1
    first = behind == 0.0
    others = np.sum(np.exp(-behind) - first, axis=-1, keepdims=True)
    others += np.sum(first, axis=-1, keepdims=True) - 1
    # −log o_j = (max net − net_j) + log(1 + Σ_{k ≠ winner} exp(net_k − max net))
    cost = behind + np.log1p(others)
    return np.sum((np.multiply if finite else _share)(t, cost), axis=-1)


def cross_entropy_gradient(net, out, t, result=None):
    """Return ∂L/∂o_j = −t_j / o_j, the o_j held as independent of each other.

    Infinite where the true value exceeds the largest floating-point number.

    Examples
    --------
    >>> import numpy as np
    >>> cross_entropy_gradient(None, np.array([0.5, 0.5]), np.array([0.0, 1.0]))
    array([ 0., -2.])
    """
    out, t = _floats(out), _floats(t)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.subtract(0.0, np.where(t == 0.0, 0.0, t / out), out=result)


# The start of the recursion.  Arrays are (..., n_out, batch): the neurons of a layer
# are along the last axis but one, as `passes` keeps them.


def first_delta(loss, activation):
    """Return what begins the way back: δ_j = ∂L/∂net_j of the last layer.

    Parameters
    ----------
    loss, activation : str
        Names of a loss, and of the last layer's activation.

    Returns
    -------
    callable
        ``start((net, out, slope, rest, count), t, blame, delta)`` writes δ into
        ``delta``, with the 1/count in it of which the loss is a mean.  The four arrays
        are what the activation's `write` left.  ``blame`` ends as ∂L/∂o, 1/count in
        it, where δ is made of that, else as scratch.
    """
    if LOSSES[loss].activation == activation:
        return _WITHOUT_SLOPE[loss]
    by_out = LOSSES[loss].gradient

    def start(end, t, blame, delta):
        net, out, slope, _, count = end
        # ∂L/∂o_j
        by_out(net, out, t, blame)
        np.divide(blame, count, out=blame)
        # δ_j = ∂o_j/∂net_j · ∂L/∂o_j
        np.multiply(slope, blame, out=delta)

    def start_softmax(end, t, blame, delta):
        net, out, _, _, count = end
        by_out(net, out, t, blame)
        np.divide(blame, count, out=blame)
        # δ_j = o_j (∂L/∂o_j − Σ_k o_k ∂L/∂o_k)
        np.multiply(out, blame, out=delta)
        mean = np.add.reduce(delta, axis=-2, keepdims=True)
        np.subtract(blame, mean, out=delta)
        np.multiply(out, delta, out=delta)

    return start_softmax if activation == "softmax" else start


# With its own activation the slope cancels against the loss's 1/o.  No digits are lost
# where o is near t, since 1 − o comes from the activation, without a subtraction.


def _binary_start(end, t, blame, delta):
    # δ_j = o_j − t_j = (1 − t_j) o_j − t_j (1 − o_j)
    np.subtract(1.0, t, out=blame)
    _difference(end, t, blame, delta)


def _categorical_start(end, t, blame, delta):
    # δ_j = o_j Σ_k t_k − t_j = (Σ_{k≠j} t_k) o_j − t_j (1 − o_j)
    sum_of_others(t, blame)
    _difference(end, t, blame, delta)


def _difference(end, t, others, delta):
    _, out, _, rest, count = end
    np.multiply(others, out, out=others)
    np.multiply(rest, t, out=delta)
    np.subtract(others, delta, out=delta)
    np.divide(delta, count, out=delta)


_WITHOUT_SLOPE = {
    "binary_cross_entropy": _binary_start,
    "cross_entropy": _categorical_start,
}


@dataclass(frozen=True)
class Loss:
    """A loss: its value, its slope by the outputs, and the activation it asks for.

    Attributes
    ----------
    name : str
    value : callable
        ``value(net, out, t)``: summed over outputs, one number per example.
    gradient : callable
        ``gradient(net, out, t, result=None)``: ∂L/∂o, as if the batch were one example.
    activation : str or None
        The only activation of the last layer that goes with it; None: any does.
    """

    name: str
    value: Callable
    gradient: Callable
    activation: str | None = None


LOSSES = {
    loss.name: loss
    for loss in (
        Loss("squared_error", squared_error, squared_error_gradient),
        Loss(
            "binary_cross_entropy",
            binary_cross_entropy,
            binary_cross_entropy_gradient,
            activation="sigmoid",
        ),
        Loss(
            "cross_entropy",
            cross_entropy,
            cross_entropy_gradient,
            activation="softmax",
        ),
    )
}

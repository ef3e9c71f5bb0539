"""Is it the gradient from before the last step of gradient descent, whole or in part?

The parameters of then are not given.  But the step led from them to those of now, so
one number, its learning rate, is all that is missing: it is fitted.
"""

import numpy as np

from backprop_lib import _packing
from backprop_lib._pass import plain_pass
from backprop_lib._unrolled import unrolled_pass

_WHOLE = "is the gradient from before the last step"
_TRACE = "took the nets and outputs from before the last step"
_MOST_STEPS = 12


def named_as_stale(network, x, t, given, tolerance):
    """Return what is from before the last step, and its learning rate; or "".

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x, t : arrays
        As its `forward` and `backward` take them.
    given : array, (*stack, P)
    tolerance : float
        Relative error that passes, of each layer.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> before = network.backward(network.forward(x), t).flat
    >>> network.parameters -= 0.5 * before
    >>> named_as_stale(network, x, t, before, 1e-8)
    'is the gradient from before the last step (learning rate 0.5)'
    """
    double = network.with_parameters(network.parameters.astype(float))
    given = given.astype(float)
    if not np.isfinite(given).all() or not given.any():
        return ""
    blocks = _packing.blocks(network)
    for words, at_rate in ((_WHOLE, _whole), (_TRACE, _trace)):
        rate = _fitted(at_rate(double, x, t, given), given)
        if rate is not None:
            found = at_rate(double, x, t, given)(rate)
            if all(
                (np.abs(found - given)[..., b] <= tolerance * _scale(given, b)).all()
                for b in blocks
            ):
                return f"{words} (learning rate {rate:.3g})"
    return ""


def _scale(given, block):
    return np.abs(given[..., block]).max(axis=-1, keepdims=True)


def _gradient(network, x, t, parameters):
    network = network.with_parameters(parameters)
    return network.backward(network.forward(x), t).flat


def _whole(network, x, t, given):
    """Return the gradient by the rate, if the step was one along what was given."""
    return lambda rate: _gradient(network, x, t, network.parameters + rate * given)


def _trace(network, x, t, given):
    """Return the gradient by the rate, of a trace of then and the weights of now."""
    write = unrolled_pass if hasattr(network, "cell") else plain_pass
    now, then = network.parameters, network.parameters + 0.0

    def at_rate(rate):
        # p = now + η ∂L/∂w(p), by repetition from where the last one ended
        for _ in range(30):
            moved = now + rate * _gradient(network, x, t, then)
            far = np.abs(moved - then).max()
            then[...] = moved
            if not far > 1e-15 * np.abs(now).max():
                break
        return write(network.with_parameters(then), x, t, way_back=network).gradient()

    return at_rate


def _fitted(at_rate, given):
    """Return the rate whose gradient is nearest to the given one, or None."""
    rate = 0.0
    with np.errstate(all="ignore"):
        start = here = at_rate(0.0)
        first = np.linalg.norm(given - start)
        for _ in range(_MOST_STEPS):
            step, rest = 1e-6 * max(1.0, rate), given - here
            slope = (at_rate(rate + step) - here) / step
            # Where the two point one way, any multiple would seem explained.
            across = np.linalg.norm(_across(start, slope)) / np.linalg.norm(start)
            # And what does not point to the given gradient does not lead there.
            aside = np.linalg.norm(_across(rest, slope)) / np.linalg.norm(rest)
            if rate == 0 and not (across > 1e-3 and aside < 0.7):
                return None
            move = float(np.vdot(slope, rest) / np.vdot(slope, slope))
            if not abs(rate + move) < 1e3:
                return None
            rate += move
            here = at_rate(rate)
            if abs(move) <= 1e-12 * abs(rate):
                break
        told = np.linalg.norm(given - here) <= 0.01 * first
    return rate if told and rate > 0 else None


def _across(vector, direction):
    """Return the part of a vector that is at right angles to a direction."""
    along = np.vdot(direction, vector) / np.vdot(direction, direction)
    return vector - along * direction

"""How far two right gradients can be apart: at kinks, and where slopes are rounded."""

import numpy as np

from backprop_lib._pass import plain_pass
from backprop_lib._table import transposed
from backprop_lib._unrolled import unrolled_pass


def reach_of_slopes(network, x, t, open_by):
    """Return how far the gradient can move where slopes are open by so much.

    At a kink every slope between the two sides' is right; and the slope of a neuron
    near its limit is what rounding leaves of 1 − o.

    Parameters
    ----------
    network, x, t
        A `Network`, and data as its `forward` and `backward` take them.
    open_by : dict
        For a layer, how far apart two right slopes ∂o/∂net can be: a number, or an
        array (*stack, batch, n).

    Returns
    -------
    array, (*stack, P)
        For each derivative a bound on the difference between any two right answers.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> network = bp.Network([1, 1], activation="relu", rng=np.random.default_rng(0))
    >>> reach_of_slopes(network, [[0.0]], [[2.0]], {1: np.array([[1.0]])})
    array([2., 0.])
    """
    written = plain_pass(network, x, t)
    written.gradient()
    layers, pieces = {line.s.layer: line.s for line in written.lines}, []
    layers = [layers[k] for k in sorted(layers)]
    doubt = np.zeros_like(layers[-1].error)
    for s in reversed(layers):
        slack = open_by.get(s.layer, 0.0)
        if s.fused is not None:
            doubt = doubt + slack / s.out.shape[-2]
        elif s.f.derivative is None:
            error = slack * np.abs(s.error) + doubt
            doubt = s.out * (error + (s.out * error).sum(axis=-1, keepdims=True))
        else:
            # δ = slope · error: what is in doubt of the one, and of the other
            doubt = s.f.derivative(s.net) * doubt + slack * (np.abs(s.error) + doubt)
        block = [
            doubt.sum(axis=-2, keepdims=True),
            transposed(np.abs(s.inputs)) @ doubt,
        ]
        pieces.insert(0, np.concatenate(block, axis=-2).reshape(*network.stack, -1))
        doubt = doubt @ transposed(np.abs(s.w))
    return np.concatenate(pieces, axis=-1)


def rounding_of_slopes(network, x, t):
    """Return what rounding an output makes of the slopes, σ(1 − σ) say, (*stack, P).

    Of a `Network` a bound; of a `RecurrentNetwork` what three disturbances make.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> network = bp.Network([1, 1], init=0.0, rng=np.random.default_rng(0))
    >>> bool((rounding_of_slopes(network, [[1.0]], [[1.0]]) < 1e-15).all())
    True
    """
    epsilon = np.finfo(network.dtype).eps
    if not hasattr(network, "cell"):
        layers = dict.fromkeys(range(1, len(network.sizes)), epsilon)
        return reach_of_slopes(network, x, t, layers)
    right = unrolled_pass(network, x, t).gradient()
    return sum(
        np.abs(_disturbed(network, x, t, turn, epsilon) - right) for turn in (0, 1, 2)
    )


def _disturbed(network, x, t, turn, epsilon):
    """Return the gradient of a pass, each of whose slopes is moved by a rounding."""
    written = unrolled_pass(network, x, t)
    seen = [one for line in written.lines for one in getattr(line.s, "seen", [])]
    for s in {id(s): s for s in (written.lines[0].s, *seen)}.values():
        for name in ("slope", "slope_z", "slope_r", "slope_c"):
            if getattr(s, name, None) is not None:
                setattr(s, name, _moved(getattr(s, name), turn, epsilon))
    last = written.lines[0].s
    error, fused = last.begun
    if fused is not None:
        last.begun = error, _moved(fused, turn, epsilon / last.count)
    return written.gradient()


def _moved(array, turn, by):
    signs = np.cos(turn * np.arange(array.size) ** 2.0).reshape(array.shape)
    return (array + by * signs).astype(array.dtype)

"""The classic mistakes in a backward pass, as a table: the right lines, and the wrong.

The pass below is written plainly, apart from `Network.backward`, as four lines a layer:
`RIGHT`.  A mistake puts another formula in the place of one of them: `WRONG`.  What
multiplies the gradient as a whole stands in `FACTORS`.

In a line, ``s`` is what it can see of its layer: ``net`` and ``out``; ``inputs``, the
outputs of the layer below, and ``inputs_net``; ``w``, the weights into the layer; its
activation ``f``; ``error`` = ∂L/∂out and ``delta`` = ∂L/∂net, 1/batch included; and
``fused``, delta in one go where loss and activation cancel, else None.
"""

from dataclasses import dataclass
from itertools import combinations
from types import SimpleNamespace

import numpy as np

from backprop_lib.activations import ACTIVATIONS
from backprop_lib.losses import LOSSES, first_delta


def _transposed(array):
    return np.swapaxes(array, -1, -2)


def _right_slope(s):
    if s.fused is not None:
        return s.fused
    if s.f.derivative is None:
        return s.out * (s.error - (s.out * s.error).sum(axis=-1, keepdims=True))
    return s.f.derivative(s.net) * s.error


RIGHT = {
    # δ_j = ∂o_j/∂net_j · ∂L/∂o_j
    "slope": _right_slope,
    # ∂L/∂o_i = Σ_j w_ij δ_j, of the layer below
    "blame": lambda s: s.delta @ _transposed(s.w),
    # ∂L/∂w_ij = o_i δ_j, summed over the batch
    "weights": lambda s: _transposed(s.inputs) @ s.delta,
    # ∂L/∂b_j = δ_j, summed over the batch
    "biases": lambda s: s.delta.sum(axis=-2, keepdims=True),
}


@dataclass(frozen=True)
class Mistake:
    """A line, what stands there instead, its name, and whether it can be made there.

    In ``name``, {} is the layer and {below} the one below it.
    """

    line: str
    wrong: object
    name: str
    possible: object = lambda s: True


def _is_softmax(s):
    return s.f.derivative is None


def _is_hidden_square(s):
    return s.layer > 1 and s.is_square


WRONG = (
    Mistake(
        "slope",
        lambda s: s.error,
        "left out the activation's derivative in layer {}",
    ),
    Mistake(
        "slope",
        lambda s: s.f.derivative(s.out) * s.error,
        "took the activation's derivative at out, not at net, in layer {}",
        lambda s: not _is_softmax(s),
    ),
    Mistake(
        "slope",
        lambda s: s.out * (1 - s.out) * s.error,
        "took the outputs of softmax as independent of each other in layer {}",
        _is_softmax,
    ),
    Mistake(
        "slope",
        lambda s: s.out * (1 - s.out) * s.fused,
        "multiplied by the activation's derivative in layer {}, which {loss} cancels",
        lambda s: s.fused is not None,
    ),
    Mistake(
        "blame",
        lambda s: s.delta @ s.w,
        "did not transpose the weights on the way to layer {below}",
        _is_hidden_square,
    ),
    Mistake(
        "blame",
        lambda s: s.delta.sum(axis=-1, keepdims=True) + np.zeros_like(s.inputs),
        "left out the weights on the way back to layer {below}",
        lambda s: s.layer > 1,
    ),
    Mistake(
        "blame",
        lambda s: s.error @ _transposed(s.w),
        "sent the error back from layer {} without its activation's derivative",
        lambda s: s.layer > 1,
    ),
    Mistake(
        "weights",
        lambda s: _transposed(s.delta) @ s.inputs,
        "transposed the gradient of the weights into layer {}",
        lambda s: s.is_square,
    ),
    Mistake(
        "weights",
        lambda s: _transposed(s.inputs_net) @ s.delta,
        "used net, not out, as the input of the weights into layer {}",
        lambda s: s.layer > 1,
    ),
    Mistake(
        "weights",
        lambda s: _transposed(s.out) @ s.delta,
        "used the outputs of layer {} as the input of its own weights",
        lambda s: s.is_square,
    ),
    Mistake(
        "biases",
        lambda s: 0.0 * s.delta.sum(axis=-2, keepdims=True),
        "left the gradient of the biases into layer {} at zero",
    ),
    Mistake(
        "biases",
        lambda s: s.delta.mean(axis=-2, keepdims=True),
        "averaged the biases into layer {} over the batch a second time",
    ),
)

# What multiplies the whole gradient: its name, and the factor.
FACTORS = {
    "has the wrong sign": lambda batch, outputs: -1.0,
    "summed over the batch instead of averaging": lambda batch, outputs: float(batch),
    "averaged over the batch twice": lambda batch, outputs: 1.0 / batch,
    "averaged over the outputs too": lambda batch, outputs: 1.0 / outputs,
    "is twice the gradient: a ½ is missing": lambda batch, outputs: 2.0,
    "is half the gradient: a ½ too many": lambda batch, outputs: 0.5,
}


def mistaken_gradients(network, x, t, at_once=1):
    """Yield ("correct", gradient), then a (name, gradient) for each mistake.

    Parameters
    ----------
    network : Network
    x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
    t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])
    at_once : 1 or 2
        With 2, what two make at once: two factors, or a factor and a wrong line.

    Yields
    ------
    name : str
    gradient : array, (*stack, P)

    Raises
    ------
    ValueError
        For bad data.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> [name for name, gradient in mistaken_gradients(network, x, t)][:2]
    ['correct', 'has the wrong sign']
    """
    # Every candidate but the last has the right term of weight decay.
    decay = network.decay()
    for name, gradient in _of_examples(network, x, t, at_once):
        yield name, gradient + decay
    if network.weight_decay and at_once == 1:
        yield "left out the weight decay", _gradient(_layers(network, x, t))


def _of_examples(network, x, t, at_once):
    """Yield the same of the mean over the examples alone, without weight decay."""
    layers = _layers(network, x, t)
    correct = _gradient(layers)
    shape = layers[-1].out.shape[-2:]
    factors = {name: factor(*shape) for name, factor in FACTORS.items()}
    factors = {name: factor for name, factor in factors.items() if factor != 1}
    yield "correct", correct
    if at_once == 1:
        for name, factor in factors.items():
            yield name, factor * correct
        yield from _wrong_lines(layers, network.loss_name)
        return
    for one, other in combinations(factors, 2):
        yield f"{one}, and {other}", factors[one] * factors[other] * correct
    for name, gradient in _wrong_lines(layers, network.loss_name):
        for other, factor in factors.items():
            with np.errstate(over="ignore"):
                both = factor * gradient
            yield f"{name}, and {other}", both


def _wrong_lines(layers, loss_name):
    """Yield a (name, gradient) for each mistake of the table, in each layer, in all."""
    for mistake in WRONG:
        fitting = [s.layer for s in layers if mistake.possible(s)]
        for at in fitting:
            name = mistake.name.format(at, below=at - 1, loss=loss_name)
            yield name, _gradient(layers, {(at, mistake.line): mistake.wrong})
        if len(fitting) > 1:
            name = mistake.name.format("?", below="?", loss=loss_name)
            every = dict.fromkeys(((at, mistake.line) for at in fitting), mistake.wrong)
            yield name.replace("layer ?", "every layer"), _gradient(layers, every)


def _layers(network, x, t):
    """Return what the lines see of each layer, from the first after the input."""
    network.loss(x, t)  # says what is wrong with x or t
    trace, t = network.forward(x), np.asarray(t, dtype=network.dtype)
    loss, batch = LOSSES[network.loss_name], trace.out[-1].shape[-2]
    layers = []
    for layer in range(1, len(network.sizes)):
        layers.append(
            SimpleNamespace(
                layer=layer,
                stack=network.stack,
                net=trace.net[layer],
                out=trace.out[layer],
                inputs=trace.out[layer - 1],
                inputs_net=trace.net[layer - 1],
                w=network.weights[layer - 1],
                f=ACTIVATIONS[network.activations[layer - 1]],
                is_square=network.sizes[layer - 1] == network.sizes[layer],
                fused=None,
            )
        )
    last = layers[-1]
    last.error = loss.gradient(last.net, last.out, t) / batch
    if loss.activation is not None:
        # o − t, without its cancellation
        blame, delta = np.empty((2, *trace.end[1].shape), network.dtype)
        start = first_delta(network.loss_name, network.activations[-1])
        start(trace.end, t.swapaxes(-1, -2), blame, delta)
        last.fused = delta.swapaxes(-1, -2)
    return layers


def _gradient(layers, wrong=None):
    """Return the flat gradient; ``wrong`` holds another formula for (layer, line)."""
    formulas, pieces = wrong or {}, []
    # ∂L/∂o of a cross-entropy may be infinite, and is then no candidate.
    with np.errstate(over="ignore", invalid="ignore"):
        for s in reversed(layers):
            lines = {
                line: formulas.get((s.layer, line), right)
                for line, right in RIGHT.items()
            }
            s.delta = lines["slope"](s)
            block = [lines["biases"](s), lines["weights"](s)]
            pieces.insert(0, np.concatenate(block, axis=-2).reshape(*s.stack, -1))
            if s.layer > 1:
                layers[s.layer - 2].error = lines["blame"](s)
    return np.concatenate(pieces, axis=-1)


def reach_of_slopes(network, x, t, open_by):
    """Return how far the gradient can move where slopes are open by so much.

    At a kink every slope between the two sides' is right; and the slope of a neuron
    near its limit is what rounding leaves of 1 − o.

    Parameters
    ----------
    network, x, t
        As `mistaken_gradients` takes them.
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
    layers, pieces = _layers(network, x, t), []
    _gradient(layers)
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
            _transposed(np.abs(s.inputs)) @ doubt,
        ]
        pieces.insert(0, np.concatenate(block, axis=-2).reshape(*s.stack, -1))
        doubt = doubt @ _transposed(np.abs(s.w))
    return np.concatenate(pieces, axis=-1)

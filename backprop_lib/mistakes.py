"""The classic mistakes in a backward pass, each as the gradient it produces.

The pass below is written plainly, apart from `Network.backward`, so that it can go
wrong on purpose in one place at a time.
"""

import numpy as np

from backprop_lib.activations import ACTIVATIONS
from backprop_lib.losses import LOSSES

# For each kind of mistake, what it is called; {} is the layer it was made in.
_AT_A_LAYER = {
    "slope left out": "left out the activation's derivative in layer {}",
    "slope at out": "took the activation's derivative at out, not at net, in layer {}",
    "weights not transposed": "did not transpose the weights on the way to layer {}",
    "weights left out": "left out the weights on the way back to layer {}",
    "bias left out": "left the gradient of the biases into layer {} at zero",
    "bias averaged": "averaged the biases into layer {} over the batch a second time",
    "gradient transposed": "transposed the gradient of the weights into layer {}",
    "net for out": "used net, not out, as the input of the weights into layer {}",
    "off by one": "used the outputs of layer {} as the input of its own weights",
}
_OF_THE_WHOLE = {
    "wrong sign": ("has the wrong sign", lambda batch: -1.0),
    "not averaged": ("summed over the batch instead of averaging", float),
    "averaged twice": ("averaged over the batch twice", lambda batch: 1.0 / batch),
    "twice": ("is twice the gradient: a ½ is missing", lambda batch: 2.0),
    "half": ("is half the gradient: a ½ too many", lambda batch: 0.5),
}


def mistaken_gradients(network, x, t):
    """Yield ("correct", gradient), then a (name, gradient) for each mistake.

    Parameters
    ----------
    network : Network
    x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
    t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])

    Yields
    ------
    name : str
    gradient : array, (*stack, P)

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> [name for name, gradient in mistaken_gradients(network, x, t)][:2]
    ['correct', 'has the wrong sign']
    """
    trace = network.forward(x)
    t = network._checked_t(t, trace.out[-1].shape)
    correct = _gradient(network, trace, t)
    yield "correct", correct
    for name, factor in _OF_THE_WHOLE.values():
        yield name, factor(t.shape[-2]) * correct
    layers = range(1, len(network.sizes))
    for kind, name in _AT_A_LAYER.items():
        fitting = {at for at in layers if _fits(kind, network, at)}
        for at in sorted(fitting):
            yield name.format(at), _gradient(network, trace, t, kind, {at})
        if len(fitting) > 1:
            every = name.format("?").replace("layer ?", "every layer")
            yield every, _gradient(network, trace, t, kind, fitting)
    if network._loss.delta is not None:
        yield (
            f"multiplied by the activation's derivative in layer {layers[-1]}, "
            f"which {network.loss_name} cancels",
            _gradient(network, trace, t, "slope kept", {layers[-1]}),
        )


def _fits(kind, network, at):
    """Whether a mistake can be made on the way into, or back to, layer ``at``."""
    last = len(network.sizes) - 1
    fused = at == last and network._loss.delta is not None
    if kind == "slope left out":
        return not fused
    if kind == "slope at out":
        return not fused and network.activations[at - 1] != "softmax"
    if kind == "weights not transposed":
        return at < last and network.sizes[at] == network.sizes[at + 1]
    if kind == "weights left out":
        return at < last
    if kind in ("gradient transposed", "off by one"):
        return network.sizes[at - 1] == network.sizes[at]
    if kind == "net for out":
        return at > 1
    return True


def _gradient(network, trace, t, kind=None, at=frozenset()):
    """Return the flat gradient, with this kind of mistake in the layers ``at``."""
    pieces, out_gradient = [], None
    for layer in range(len(network.sizes) - 1, 0, -1):
        mistake = kind if layer in at else None
        delta = _delta(network, trace, t, layer, out_gradient, mistake)
        inputs = {"net for out": trace.net, "off by one": trace.out[1:]}.get(
            mistake, trace.out
        )[layer - 1]
        weights = np.swapaxes(inputs, -1, -2) @ delta
        if mistake == "gradient transposed":
            weights = np.swapaxes(weights, -1, -2)
        biases = delta.sum(axis=-2, keepdims=True)
        if mistake == "bias left out":
            biases = 0.0 * biases
        if mistake == "bias averaged":
            biases = biases / delta.shape[-2]
        block = np.concatenate([biases, weights], axis=-2)
        pieces.insert(0, block.reshape(*network.stack, -1))
        if layer > 1:
            wrong = kind if layer - 1 in at else None
            out_gradient = _passed_back(delta, network.weights[layer - 1], wrong)
    return np.concatenate(pieces, axis=-1)


def _passed_back(delta, weights, mistake):
    """Return ∂L/∂o of the layer that the weights lead out of."""
    if mistake == "weights not transposed":
        return delta @ weights
    if mistake == "weights left out":
        width = weights.shape[-2]
        return np.repeat(delta.sum(axis=-1, keepdims=True), width, axis=-1)
    return delta @ np.swapaxes(weights, -1, -2)


def _delta(network, trace, t, layer, out_gradient, mistake):
    """Return ∂L/∂net of a layer, (*stack, batch, sizes[layer])."""
    net, out = trace.net[layer], trace.out[layer]
    if out_gradient is None:
        if network._loss.delta is not None:
            # o − t, without its cancellation
            delta = network._loss.delta(net, out, t, *np.empty((2, *out.shape)))
            if mistake == "slope kept":
                delta = delta * out * (1 - out)
            return delta / out.shape[-2]
        loss = LOSSES[network.loss_name]
        out_gradient = loss.gradient(net, out, t) / out.shape[-2]
    if mistake == "slope left out":
        return out_gradient
    activation = ACTIVATIONS[network.activations[layer - 1]]
    if activation.derivative is None:
        mean = (out * out_gradient).sum(axis=-1, keepdims=True)
        return out * (out_gradient - mean)
    at = out if mistake == "slope at out" else net
    return activation.derivative(at) * out_gradient

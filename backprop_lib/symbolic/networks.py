r"""A whole network written as definitions."""

from functools import cached_property
from numbers import Integral

import mpmath
from sympy import (
    Add,
    Dummy,
    ImmutableMatrix,
    Piecewise,
    Rational,
    Symbol,
    exp,
    lambdify,
    log,
    tanh,
)

from .definitions import Definitions
from .forms import D, product, total
from .functions import sigmoid

# From the nets of a layer to its outputs.
_ACTIVATIONS = {
    "sigmoid": lambda nets: [sigmoid(net) for net in nets],
    "tanh": lambda nets: [tanh(net) for net in nets],
    "relu": lambda nets: [Piecewise((net, net > 0), (0, True)) for net in nets],
    "leaky_relu": lambda nets: [
        Piecewise((net, net > 0), (Rational(1, 100) * net, True)) for net in nets
    ],
    "identity": list,
    "softmax": lambda nets: [exp(net) / Add(*map(exp, nets)) for net in nets],
}

# From an output and its target to their part of the loss.
_LOSSES = {
    "squared_error": lambda o, t: (o - t) ** 2 / 2,
    "binary_cross_entropy": lambda o, t: -t * log(o) - (1 - t) * log(1 - o),
    "cross_entropy": lambda o, t: -t * log(o),
}


class SymbolicNetwork:
    r"""A fully connected network as `Definitions`, to derive its gradients from.

    Layers are numbered from 0, the input, and neurons from 1, as in the book:
    :math:`w_{ij}^{(l)}` leads from neuron i of layer l to neuron j of layer l + 1.
    Python indices count from 0, as in the library's arrays.

    Parameters
    ----------
    sizes : sequence of int
        Neurons in each layer, the input first.
    activation : str or sequence of str
        sigmoid, tanh, relu, leaky_relu (slope 1/100), identity or softmax, for all
        layers after the input or one name for each.
    loss : str
        squared_error, ½ Σ (o - t)²; binary_cross_entropy; cross_entropy. Summed over
        the outputs, for one example.

    Attributes
    ----------
    definitions : Definitions
        Every net and out, layer by layer, and last the loss.
    x, t : tuples of Symbol
        Inputs and targets.
    weights : tuple of matrices of Symbol
        ``weights[l][i, j]``, of shape (sizes[l], sizes[l + 1]).
    biases, net, out : tuples of tuples of Symbol
        ``biases[l][j]``, ``net[l][j]``, ``out[l][j]``; ``net[0]`` is None and
        ``out[0]`` is x.
    parameters : tuple of Symbol
        In the order of the library's flat vector: layer by layer, the biases, then
        the weights from neuron 1, from neuron 2, and so on.
    loss : Symbol

    Raises
    ------
    ValueError
        For sizes below 1, fewer than two layers, or an unknown name.

    Examples
    --------
    >>> network = SymbolicNetwork([2, 1])
    >>> network.definitions
    net_1^(1) = x_1*w_11^(0) + x_2*w_21^(0) + b_1^(0)
    o_1^(1)   = σ(net_1^(1))
    L         = (o_1^(1) - t_1)**2/2
    >>> network.gradient(network.biases[0][0])
    o_1^(1)*(1 - o_1^(1))*(o_1^(1) - t_1)
    >>> network.gradient_at([0, 1, 1], [[2, -2]], [[1]])
    array([-0.125, -0.25 ,  0.25 ])
    """

    def __init__(self, sizes, activation="sigmoid", loss="squared_error"):
        self.sizes = _checked_sizes(sizes)
        self.activations = _checked_activations(activation, len(self.sizes) - 1)
        self.loss_name = _known(loss, _LOSSES, "loss")
        pairs = list(zip(self.sizes, self.sizes[1:], strict=False))
        self.weights = tuple(_weights(layer, *pair) for layer, pair in enumerate(pairs))
        self.biases = tuple(_row("b", n, layer) for layer, (_, n) in enumerate(pairs))
        layers = list(enumerate(self.sizes[1:], start=1))
        self.x = _row("x", self.sizes[0])
        self.t = _row("t", self.sizes[-1])
        self.net = (None, *(_row("net", n, layer) for layer, n in layers))
        self.out = (self.x, *(_row("o", n, layer) for layer, n in layers))
        self.loss = Symbol("L", real=True)
        self.parameters = tuple(
            symbol
            for weights, biases in zip(self.weights, self.biases, strict=True)
            for symbol in (*biases, *weights)
        )
        self.definitions = Definitions(self._layers() | self._loss())

    def gradient(self, symbol):
        """Return ∂L/∂symbol of one example, in terms of nets and outputs.

        Raises
        ------
        ValueError
            If the network has no such symbol.
        """
        gradient = self.definitions.resolve(D(self.loss, symbol))
        # σ(net_j) is written as o_j.
        outs = [out for layer in self.out[1:] for out in layer]
        return gradient.xreplace({self.definitions.body(out): out for out in outs})

    def gradient_at(self, parameters, x, t, digits=50):
        """Return the gradient by all parameters, averaged over a batch.

        Parameters
        ----------
        parameters : array, (P,)
            In the order of `self.parameters`.
        x, t : arrays, (batch, n_in) and (batch, n_out)
            One example may be given without the axis for the batch.
        digits : int
            To which it is calculated before it is rounded to floats.

        Returns
        -------
        array, (P,)

        Raises
        ------
        ValueError
            If a shape does not fit or a value is not finite.
        """
        import numpy as np

        parameters = _numbers(parameters, "parameters", (len(self.parameters),))
        x = _numbers(np.atleast_2d(x), "x", (None, len(self.x)))
        t = _numbers(np.atleast_2d(t), "t", (len(x), len(self.t)))
        with mpmath.workdps(digits):
            examples = [self._compute(parameters, *pair) for pair in zip(x, t)]
            means = [mpmath.fsum(slopes) / len(x) for slopes in zip(*examples)]
        return np.array(means, dtype=float)

    def _layers(self):
        layers = {}
        for layer, name in enumerate(self.activations):
            weights, biases = self.weights[layer], self.biases[layer]
            nets = self.net[layer + 1]
            for j, net in enumerate(nets):
                # net_j = Σ_i o_i w_ij + b_j
                inputs = (
                    product(o, weights[i, j]) for i, o in enumerate(self.out[layer])
                )
                layers[net] = total(*inputs, biases[j])
            outs = _ACTIVATIONS[name](nets)
            layers.update(zip(self.out[layer + 1], outs, strict=True))
        return layers

    def _loss(self):
        pairs = zip(self.out[-1], self.t, strict=True)
        return {self.loss: total(*(_LOSSES[self.loss_name](o, t) for o, t in pairs))}

    @cached_property
    def _compute(self):
        """A function of (parameters, x, t) that runs forward, then backward."""
        system = self.definitions.system
        lines = [(symbol, system.body(symbol)) for symbol in system.needed(self.loss)]

        def name(symbol, slope):
            lines.append((Dummy(), slope))
            return lines[-1][0]

        slopes = system.slopes(self.loss, self.parameters, name)
        inputs = (self.parameters, self.x, self.t)
        symbols = [*sum(inputs, ()), *(symbol for symbol, _ in lines)]
        # Names such as w_12^(0) are none in Python.
        plain = {symbol: Symbol(f"v{k}") for k, symbol in enumerate(symbols)}
        lines = [(plain[symbol], value.xreplace(plain)) for symbol, value in lines]
        return lambdify(
            [[plain[symbol] for symbol in part] for part in inputs],
            [slope.xreplace(plain) for slope in slopes.values()],
            modules="mpmath",
            cse=lambda results: (lines, results),
        )

    def __repr__(self):
        return (
            f"SymbolicNetwork({list(self.sizes)}, "
            f"activation={list(self.activations)}, loss={self.loss_name!r})"
        )


def _row(letter, count, layer=None):
    upper = "" if layer is None else f"^({layer})"
    return tuple(Symbol(f"{letter}_{j}{upper}", real=True) for j in range(1, count + 1))


def _weights(layer, n_in, n_out):
    comma = "," if max(n_in, n_out) > 9 else ""
    return ImmutableMatrix(
        n_in,
        n_out,
        lambda i, j: Symbol(f"w_{i + 1}{comma}{j + 1}^({layer})", real=True),
    )


def _known(name, table, what):
    if not isinstance(name, str) or name not in table:
        raise ValueError(f"unknown {what} {name!r}; expected one of {', '.join(table)}")
    return name


def _checked_sizes(sizes):
    try:
        checked = tuple(sizes)
    except TypeError:
        checked = ()
    whole = all(isinstance(n, Integral) and not isinstance(n, bool) for n in checked)
    if len(checked) < 2 or not whole or min(checked) < 1:
        raise ValueError(
            "sizes must be two or more whole numbers of at least 1, "
            f"such as [2, 3, 1], not {sizes!r}"
        )
    return tuple(int(n) for n in checked)


def _checked_activations(activation, layers):
    names = (activation,) * layers if isinstance(activation, str) else tuple(activation)
    if len(names) != layers:
        raise ValueError(
            f"{len(names)} activations were given for the {layers} layers "
            "after the input; expected one for each, or a single name"
        )
    return tuple(_known(name, _ACTIVATIONS, "activation") for name in names)


def _numbers(values, what, shape):
    """Return the values as a list of mpmath numbers, or of lists of them."""
    import numpy as np

    array = np.asarray(values, dtype=float)
    fits = (
        array.ndim == len(shape)
        and array.size
        and all(expected in (None, got) for expected, got in zip(shape, array.shape))
    )
    if not fits:
        expected = ", ".join("batch" if n is None else str(n) for n in shape)
        raise ValueError(f"{what} has shape {array.shape}; expected ({expected})")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} must be finite numbers; it holds NaN or infinity")
    if array.ndim == 1:
        return [mpmath.mpf(value) for value in array.tolist()]
    return [[mpmath.mpf(value) for value in row] for row in array.tolist()]

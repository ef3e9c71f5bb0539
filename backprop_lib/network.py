"""A fully connected network: forward to a `Trace`, backward to a `Gradient`.

Layers are numbered from 0, the input.  ``weights[l]`` lead out of layer l::

    net[l+1] = out[l] @ weights[l] + biases[l]        out[l+1] = f(net[l+1])

All parameters live in one flat vector.  A layer's block of it is a matrix of
shape (1 + n_in, n_out): row 0 is the bias, the weight from a neuron 0 whose
output is always 1.  The outputs are therefore kept with a column of ones in
front, and one matrix product serves weights and biases alike.

Leading axes before (batch, n) are a *stack* of networks computed together.

Source: D. E. Rumelhart, G. E. Hinton and R. J. Williams, Learning representations
by back-propagating errors, Nature 323 (1986), 533-536.
"""

from dataclasses import dataclass, field

import numpy as np

from backprop_lib import _checks
from backprop_lib._parameters import FlatParameters
from backprop_lib.activations import ACTIVATIONS
from backprop_lib.losses import LOSSES


@dataclass(frozen=True, eq=False)
class Trace:
    """What a forward pass leaves behind for the backward pass.

    Attributes
    ----------
    net : tuple of arrays
        ``net[l]`` is (*stack, batch, sizes[l]); ``net[0]`` is None.
    out : tuple of arrays
        ``out[l]`` is (*stack, batch, sizes[l]); ``out[0]`` are the inputs.
    """

    net: tuple
    out: tuple
    _with_ones: tuple = field(repr=False)
    _work: tuple = field(repr=False)


@dataclass(frozen=True, eq=False)
class Gradient:
    """The derivatives of the loss, averaged over the batch as the loss is.

    Attributes
    ----------
    weights, biases : tuples of arrays
        ``weights[l]`` is (*stack, sizes[l], sizes[l+1]), ``biases[l]`` is
        (*stack, sizes[l+1]): views of ``flat``.
    delta : tuple of arrays
        ``delta[l]`` = ∂L/∂net[l], (*stack, batch, sizes[l]); ``delta[0]`` is None.
    out : tuple of arrays
        ``out[l]`` = ∂L/∂out[l], (*stack, batch, sizes[l]).
    flat : array, (*stack, P)
        All of it, in the order of ``Network.parameters``.
    """

    weights: tuple
    biases: tuple
    delta: tuple
    out: tuple
    flat: np.ndarray
    _blocks: tuple = field(repr=False)


def _blocks(flat, sizes):
    """Return each layer's (..., 1 + n_in, n_out) view of the flat parameters."""
    blocks, start = [], 0
    for n_in, n_out in zip(sizes, sizes[1:]):
        stop = start + (1 + n_in) * n_out
        shape = (*flat.shape[:-1], 1 + n_in, n_out)
        blocks.append(flat[..., start:stop].reshape(shape))
        start = stop
    return tuple(blocks)


def _product(left, right, out):
    # np.dot has less overhead than np.matmul, but knows no stacks.
    multiply = np.dot if left.ndim == right.ndim == 2 else np.matmul
    return multiply(left, right, out=out)


class Network(FlatParameters):
    """A stack of fully connected networks (by default a stack of one).

    Parameters
    ----------
    sizes : sequence of int
        Neurons in each layer, the input first: ``[2, 3, 1]``.
    activation : str or sequence of str
        One name for every layer after the input, or one name a layer: sigmoid, tanh,
        relu, leaky_relu, identity, or (last layer only) softmax.
    loss : str
        squared_error, ½ Σ (o − t)²; binary_cross_entropy (with a sigmoid last layer);
        cross_entropy (with a softmax last layer).  Summed over the outputs, averaged
        over the batch.
    init : "xavier", "he", "normal", a number, or an array over the stack
        Standard deviation of the weights: √(2/(n_in + n_out)), √(2/n_in), 1, or the
        number.  Biases start at 0.
    stack : tuple of int
        Shape of the stack of networks that are computed together.
    rng : numpy.random.Generator
        The only source of randomness.
    dtype : float or numpy.float32
        Of the parameters and of everything computed from them.

    Attributes
    ----------
    parameters : array, (*stack, P)
        All parameters; assigning to it copies into place.
    weights, biases : tuples of arrays
        Views of ``parameters``: (*stack, n_in, n_out) and (*stack, n_out) a layer.
    sizes, activations, loss_name, stack
        As given, and read-only; ``activations`` has one name for each layer after the
        input.

    Raises
    ------
    ValueError
        For sizes below 1, fewer than two layers, an unknown name, a pair of activation
        and loss that makes no sense, or an init that overflows the dtype.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> network = Network([2, 3, 1], rng=rng)
    >>> network
    Network([2, 3, 1], activation=['sigmoid', 'sigmoid'], loss='squared_error')
    >>> network.parameters.shape
    (13,)
    """

    def __init__(
        self,
        sizes,
        *,
        activation="sigmoid",
        loss="squared_error",
        init="xavier",
        stack=(),
        rng,
        dtype=float,
    ):
        self._sizes = _checks.sizes(sizes)
        self._activations = _checks.activations(activation, len(self.sizes) - 1)
        self._loss_name = _checks.loss(loss, self.activations)
        stack, rng, dtype = _checks.stack(stack), _checks.rng(rng), _checks.dtype(dtype)
        deviations = _checks.init(init, self.sizes, stack)
        count = sum((1 + a) * b for a, b in zip(self.sizes, self.sizes[1:]))
        self._take(np.zeros((*stack, count), dtype))
        self._draw(rng, init, deviations)

    def _split(self, flat):
        return _blocks(flat, self.sizes)

    def _take(self, parameters):
        self._flat = parameters
        self._layers = _blocks(parameters, self.sizes)
        self._weights = tuple(block[..., 1:, :] for block in self._layers)
        self._biases = tuple(block[..., 0, :] for block in self._layers)
        self._functions = tuple(ACTIVATIONS[name] for name in self.activations)
        self._loss = LOSSES[self.loss_name]

    def __repr__(self):
        stack = f", stack={self.stack}" if self.stack else ""
        return (
            f"Network({list(self.sizes)}, activation={list(self.activations)}, "
            f"loss={self.loss_name!r}{stack})"
        )

    def __getstate__(self):
        return self.sizes, self.activations, self.loss_name, self._flat

    def __setstate__(self, state):
        self._sizes, self._activations, self._loss_name, parameters = state
        self._take(parameters)

    # In the code `layer` is the l of the text: what weights[l] lead out of.

    def forward(self, x, trace=None):
        """Compute every net and out, from the inputs to the last layer.

        Parameters
        ----------
        x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
            A batch for all networks of the stack, or one batch for each.
        trace : Trace, optional
            One of an earlier pass over a batch of the same shape: its arrays are
            filled again, and nothing is allocated.

        Returns
        -------
        Trace

        Raises
        ------
        ValueError
            When x has another width or rank, is empty, or is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> network = Network([2, 3, 1], rng=np.random.default_rng(0))
        >>> trace = network.forward(np.ones((4, 2)))
        >>> [out.shape for out in trace.out]
        [(4, 2), (4, 3), (4, 1)]
        """
        x = self._checked_x(x)
        if trace is None:
            trace = self._new_trace(_ones_first(x, self.dtype))
        else:
            self._check_trace(trace, x.shape)
            _check_views("trace", trace.out[0], trace._with_ones[0])
            trace.out[0][...] = x
        return self._forward(trace)

    def _check_trace(self, trace, x_shape=None):
        if not isinstance(trace, Trace):
            raise ValueError(
                f"trace is of type {type(trace).__name__}; expected the Trace that "
                "forward returns"
            )
        x_shape = trace.out[0].shape if x_shape is None else x_shape
        widths = tuple(out.shape[-1] for out in trace.out)
        came = trace.out[0].shape, widths, trace.out[-1].shape[:-2], trace.out[-1].dtype
        expected = x_shape, self.sizes, self.stack, self.dtype
        if came != expected:
            raise ValueError(
                "the trace is of (input shape, sizes, stack, dtype) "
                f"{came}; expected {expected}"
            )

    def _forward(self, trace):
        for layer, block in enumerate(self._layers):
            net, out = trace.net[layer + 1], trace.out[layer + 1]
            # net[l+1] = out[l] @ weights[l] + 1 · biases[l]
            _product(trace._with_ones[layer], block, net)
            # out[l+1] = f(net[l+1]); behind a column of ones, which stays as it is
            self._functions[layer].function(net, out=out, work=trace._work[layer + 1])
        return trace

    def backward(self, trace, t, gradient=None):
        """Compute the derivatives of the loss by every parameter, net and out.

        Parameters
        ----------
        trace : Trace
            Of this network's `forward`, with the parameters unchanged since.
        t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])
            The targets.
        gradient : Gradient, optional
            One of an earlier pass of the same shape, to be filled again.

        Returns
        -------
        Gradient

        Raises
        ------
        ValueError
            When t has another shape, is not finite, or is no target for this loss.

        Examples
        --------
        >>> import numpy as np
        >>> network = Network([2, 3, 1], rng=np.random.default_rng(0))
        >>> trace = network.forward(np.ones((4, 2)))
        >>> gradient = network.backward(trace, np.zeros((4, 1)))
        >>> [weights.shape for weights in gradient.weights]
        [(2, 3), (3, 1)]
        """
        self._check_trace(trace)
        t = self._checked_t(t, trace.out[-1].shape)
        if gradient is None:
            gradient = self._new_gradient(trace)
        else:
            self._check_gradient(gradient, trace)
            t = _apart(t, gradient)
        self._backward(trace, t, gradient)
        batch = trace.out[0].shape[-2]
        # The rest of ∂L/∂o: at the two ends, where training has no use for it.
        last_net, last_out = trace.net[-1], trace.out[-1]
        self._loss.gradient(last_net, last_out, t, result=gradient.out[-1])
        np.divide(gradient.out[-1], batch, out=gradient.out[-1])
        # ∂L/∂x = δ[1] @ weights[0]ᵀ
        transposed = self.weights[0].swapaxes(-1, -2)
        _product(gradient.delta[1], transposed, gradient.out[0])
        return gradient

    def _check_gradient(self, gradient, trace):
        if not isinstance(gradient, Gradient):
            raise ValueError(
                f"gradient is of type {type(gradient).__name__}; expected the Gradient "
                "that backward returns"
            )
        widths = tuple(out.shape[-1] for out in gradient.out)
        came = gradient.out[-1].shape, widths, gradient.flat.dtype
        expected = trace.out[-1].shape, self.sizes, self.dtype
        if came != expected:
            raise ValueError(
                "the gradient is of (output shape, sizes, dtype) "
                f"{came}; expected {expected}"
            )
        _check_views("gradient", gradient.flat, gradient._blocks[0])

    def _backward(self, trace, t, gradient):
        self._last_delta(trace, t, gradient)
        for layer in range(len(self._layers) - 1, -1, -1):
            delta, inputs = gradient.delta[layer + 1], trace._with_ones[layer]
            # ∂L/∂w_ij = δ_j o_i, summed over the batch; row 0 with o_0 = 1: the biases
            _product(inputs.swapaxes(-1, -2), delta, gradient._blocks[layer])
            if layer > 0:
                # ∂L/∂o_i = Σ_j w_ij δ_j
                transposed = self._weights[layer].swapaxes(-1, -2)
                _product(delta, transposed, gradient.out[layer])
                # δ_i = ∂o_i/∂net_i · ∂L/∂o_i
                self._functions[layer - 1].pull_back(
                    trace.net[layer],
                    trace.out[layer],
                    gradient.out[layer],
                    gradient.delta[layer],
                    trace._work[layer],
                )
        return gradient

    def _last_delta(self, trace, t, gradient):
        net, out, work = trace.net[-1], trace.out[-1], trace._work[-1]
        delta = gradient.delta[-1]
        if self._loss.delta is not None:
            self._loss.delta(net, out, t, delta, work)
        else:
            self._loss.gradient(net, out, t, result=gradient.out[-1])
            self._functions[-1].pull_back(net, out, gradient.out[-1], delta, work)
        # The loss is a mean over the batch, and so each example's share is 1/batch.
        np.divide(delta, out.shape[-2], out=delta)

    def loss(self, x, t):
        """Return the loss, summed over the outputs and averaged over the batch.

        Parameters
        ----------
        x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
        t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])

        Returns
        -------
        float, or array (*stack) for a stack

        Raises
        ------
        ValueError
            As `forward` and `backward`.

        Examples
        --------
        >>> import numpy as np
        >>> network = Network([2, 1], init=0.0, rng=np.random.default_rng(0))
        >>> network.loss([[0.0, 1.0]], [[1.0]])
        0.125
        """
        trace = self.forward(x)
        t = self._checked_t(t, trace.out[-1].shape)
        value = self._loss.value(trace.net[-1], trace.out[-1], t).mean(axis=-1)
        return value.item() if value.ndim == 0 else value

    def predict(self, x):
        """Return the outputs of the last layer, (*stack, batch, sizes[-1]).

        Parameters
        ----------
        x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])

        Raises
        ------
        ValueError
            As `forward`.

        Examples
        --------
        >>> import numpy as np
        >>> network = Network([2, 1], init=0.0, rng=np.random.default_rng(0))
        >>> network.predict([[0.0, 1.0]])
        array([[0.5]])
        """
        return self.forward(x).out[-1]

    def _new_buffers(self, batch):
        """Return the arrays of a trace that hold nothing of its first and last layer.

        These are net of the hidden layers, their out behind a column of ones, and the
        scratch of every layer.  Traces that are never needed at once can share them.
        """
        net, ones, work = [], [], []
        for n in self.sizes[1:]:
            work.append(np.empty((*self.stack, batch, n), self.dtype))
        for n in self.sizes[1:-1]:
            net.append(np.empty((*self.stack, batch, n), self.dtype))
            ones.append(np.ones((*self.stack, batch, 1 + n), self.dtype))
        return net, ones, work

    def _new_trace(self, x_with_ones, last=None, buffers=None):
        """Return a trace to fill; ``last`` holds net and out of the last layer."""
        batch = x_with_ones.shape[-2]
        if last is None:
            last = np.empty((2, *self.stack, batch, self.sizes[-1]), self.dtype)
        net, ones, work = buffers or self._new_buffers(batch)
        ones = [x_with_ones, *ones]
        return Trace(
            net=(None, *net, last[0]),
            out=(*(array[..., 1:] for array in ones), last[1]),
            _with_ones=tuple(ones),
            _work=(None, *work),
        )

    def _new_gradient(self, trace):
        flat = np.empty_like(self._flat)
        blocks = _blocks(flat, self.sizes)
        shapes = [(*self.stack, *out.shape[-2:]) for out in trace.out]
        return Gradient(
            weights=tuple(block[..., 1:, :] for block in blocks),
            biases=tuple(block[..., 0, :] for block in blocks),
            delta=(None, *(np.empty(shape, self.dtype) for shape in shapes[1:])),
            out=tuple(np.empty(shape, self.dtype) for shape in shapes),
            flat=flat,
            _blocks=blocks,
        )

    def _checked_x(self, x):
        return _checks.rows("x", x, self.sizes[0], self.stack, self._real)

    def _checked_t(self, t, shape):
        width = self.sizes[-1]
        t = _checks.rows("t", t, width, self.stack, self._real, self.loss_name)
        if t.shape[-2] != shape[-2]:
            raise ValueError(
                f"t has {t.shape[-2]} rows; expected {shape[-2]}, one for each row of x"
            )
        _checks.targets(t, self.loss_name)
        return t


def _check_views(name, part, whole):
    if not np.may_share_memory(part, whole):
        raise ValueError(
            f"the {name} is a deep copy, whose arrays are no longer views of each "
            "other; expected the original, to be filled again"
        )


def _apart(t, gradient):
    """Return t, or a copy where filling the gradient might change it on the way."""
    filled = gradient.flat, *gradient.delta[1:], *gradient.out
    return t.copy() if any(np.may_share_memory(t, part) for part in filled) else t


def _ones_first(x, dtype):
    with_ones = np.ones((*x.shape[:-1], 1 + x.shape[-1]), dtype)
    with_ones[..., 1:] = x
    return with_ones

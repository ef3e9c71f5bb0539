"""A fully connected network: forward to a `Trace`, backward to a `Gradient`.

Layers are numbered from 0, the input.  ``weights[l]`` lead out of layer l::

    net[l+1] = out[l] @ weights[l] + biases[l]        out[l+1] = f(net[l+1])

All parameters live in one flat vector.  A layer's block of it is a matrix of
shape (1 + n_in, n_out): row 0 is the bias, the weight from a neuron 0 whose
output is always 1.  Leading axes before (batch, n) are a *stack* of networks
computed together.  The passes themselves stand in `passes`.
"""

import math
from dataclasses import dataclass

import numpy as np

from backprop_lib import _checks, passes
from backprop_lib._model import Model, Pass, Views
from backprop_lib.activations import ACTIVATIONS
from backprop_lib.losses import LOSSES, first_delta


@dataclass(eq=False, repr=False)
class Trace(Pass):
    """What a forward pass leaves behind for the backward pass.

    Attributes
    ----------
    net : tuple of arrays
        ``net[l]`` is (*stack, batch, sizes[l]); ``net[0]`` is None.
    out : tuple of arrays
        ``out[l]`` is (*stack, batch, sizes[l]); ``out[0]`` are the inputs.
    slope : tuple of arrays
        ``slope[l]`` = ∂out[l]/∂net[l], of the shape of ``net[l]``; None at layer 0, and
        for softmax, each of whose outputs depends on every net.
    last : array, (2, *stack, batch, sizes[-1])
        net and out of the last layer.
    heard, columns, end
        What `passes` works on: out behind a row of ones; net, out, slope and rest, an
        example a column; and these four of the last layer, with the batch.
    parameters : bytes
        Those it was computed with; None before `Network.forward`.
    """

    net: tuple
    out: tuple
    slope: tuple
    last: np.ndarray
    heard: tuple
    columns: tuple
    end: tuple
    parameters: bytes | None = None

    shown = ("net", "out", "slope")

    def read(self, x):
        """Take in other inputs of the same shape."""
        self.out[0][...] = x


@dataclass(eq=False, repr=False)
class Gradient(Pass):
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
    blocks, columns
        What `passes` works on: each layer's part of ``flat``; delta and ∂L/∂out, an
        example a column.
    """

    weights: tuple
    biases: tuple
    delta: tuple
    out: tuple
    flat: np.ndarray
    blocks: tuple
    columns: tuple

    shown = ("weights", "biases", "delta", "out", "flat")


class Network(Model):
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
    weight_decay : float
        λ of a term λ/2 Σ w² that the loss has for all weights together, not averaged
        over the batch [1]_; `loss`, `backward` and so training and `check_gradient`
        know of it.  Biases are left out: they say where a neuron answers, not how
        steeply.
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
    weights, biases : Views
        Arrays that are views of ``parameters``, (*stack, n_in, n_out) and
        (*stack, n_out) a layer; assigning to one of them copies into place.
    sizes, activations, loss_name, weight_decay, stack
        As given, and read-only; ``activations`` has one name for each layer after the
        input.

    Raises
    ------
    ValueError
        For sizes below 1, fewer than two layers, an unknown name, a pair of activation
        and loss that makes no sense, a weight_decay below 0, or an init that overflows
        the dtype.

    References
    ----------
    .. [1] A. Krogh and J. A. Hertz, A simple weight decay can improve generalization,
           Advances in Neural Information Processing Systems 4 (1991), 950-957.

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

    _settings = ("sizes", "activations", "loss_name", "weight_decay")
    _trace, _gradient = Trace, Gradient

    def __init__(
        self,
        sizes,
        *,
        activation="sigmoid",
        loss="squared_error",
        init="xavier",
        weight_decay=0.0,
        stack=(),
        rng,
        dtype=float,
    ):
        self._sizes = _checks.sizes(sizes)
        self._activations = _checks.activations(activation, len(self.sizes) - 1)
        self._loss_name = _checks.loss(loss, self.activations)
        self._weight_decay = _checks.decay(weight_decay)
        self._begin(init, stack, rng, dtype)

    def _fans(self):
        return list(zip(self.sizes, self.sizes[1:]))

    def _shapes(self):
        return [(1 + n_in, n_out) for n_in, n_out in self._fans()]

    def _bind_views(self):
        layers = self.layers(self._flat)
        self._weights = Views(block[..., 1:, :] for block in layers)
        self._biases = Views(block[..., 0, :] for block in layers)
        # What `passes` works on
        self.blocks = tuple(block.swapaxes(-1, -2) for block in layers)
        self.alone = tuple(self._weights)
        names = self.activations
        self.writers = tuple(ACTIVATIONS[name].writer(self.dtype) for name in names)
        self.start = first_delta(self.loss_name, names[-1])
        # dot has less overhead than np.matmul, and the method less than the function,
        # but it knows no stacks.
        self.product = np.matmul if self.stack else np.ndarray.dot

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

    def inputs(self, x):
        """Return x behind a column of ones, (..., batch, 1 + sizes[0])."""
        ones_first = np.ones((*x.shape[:-1], 1 + x.shape[-1]), self.dtype)
        ones_first[..., 1:] = x
        return ones_first

    def examples(self, inputs):
        return inputs[..., 1:]

    def new_last(self, inputs, *lead):
        """Return a place for net and out, (*lead, 2, *stack, batch, sizes[-1])."""
        shape = (*lead, 2, *self.stack, self.sizes[-1], inputs.shape[-2])
        return np.empty(shape, self.dtype).swapaxes(-1, -2)

    def new_trace(self, inputs, scratch=None):
        batch, last = inputs.shape[-2], self.new_last(inputs)
        if scratch is None:
            hidden, loose = self._new_columns(batch)
        else:
            hidden, loose = scratch.heard[1:], scratch.columns
        # Layer 0 hears the inputs, and every other one the layer before it.
        heard = (inputs.swapaxes(-1, -2), *hidden)
        ends = [part.swapaxes(-1, -2) for part in last]
        net = (*loose[0][:-1], ends[0])
        out = (*(array[..., 1:, :] for array in heard), ends[1])
        slope, rest = loose[2:]
        count = np.array(batch, self._real)
        return Trace(
            net=_rows(net),
            out=_rows(out),
            slope=(*_rows(slope[:-1]), self._last_slope(slope[-1])),
            last=last,
            heard=heard,
            columns=(net, out, slope, rest),
            end=(net[-1], out[-1], slope[-1], rest[-1], count),
            kind=self.kind,
            input_shape=(*inputs.shape[:-1], self.sizes[0]),
        )

    def _last_slope(self, slope):
        return None if self.activations[-1] == "softmax" else slope.swapaxes(-1, -2)

    def _new_columns(self, batch):
        """Return what of a trace is neither input nor last layer, and may be shared."""
        _, *hidden, n_out = self.sizes
        wide = max(hidden, default=0)
        counts = [*(1 + n for n in hidden), *hidden, *hidden, n_out, wide, n_out]
        parts = iter(_cut(self.dtype, [(*self.stack, n, batch) for n in counts]))
        heard, net, slope = ([next(parts) for _ in hidden] for _ in range(3))
        for out in heard:
            out[..., 0, :] = 1.0
        slope.append(next(parts))
        # Of the hidden layers nobody needs rest: it is scratch, and they share it.
        spare = next(parts)
        rest = [spare[..., :n, :] for n in hidden]
        rest.append(next(parts))
        return heard, ((None, *net, None), None, (None, *slope), (None, *rest))

    def new_gradient(self, trace):
        batch = trace.input_shape[-2]
        flat = np.empty_like(self._flat)
        blocks = self.layers(flat)
        counts = [*self.sizes, *self.sizes[1:]]
        parts = iter(_cut(self.dtype, [(*self.stack, n, batch) for n in counts]))
        blame = [next(parts) for _ in self.sizes]
        delta = [None, *parts]
        return Gradient(
            weights=tuple(block[..., 1:, :] for block in blocks),
            biases=tuple(block[..., 0, :] for block in blocks),
            delta=_rows(delta),
            out=_rows(blame),
            flat=flat,
            blocks=blocks,
            columns=(delta, blame),
            kind=self.kind,
            input_shape=trace.input_shape,
        )

    def forward_into(self, trace):
        passes.forward(self, trace)

    def columns(self, t):
        return t.swapaxes(-1, -2)

    def backward_into(self, trace, t, gradient):
        passes.backward(self, trace, t, gradient)
        if self._decays is not None:
            np.add(gradient.flat, self.decay(), out=gradient.flat)

    def finish(self, trace, t, gradient):
        delta, blame = gradient.columns
        if LOSSES[self.loss_name].activation is not None:
            net, out, *_, batch = trace.end
            # ∂L/∂o_j
            by_out = LOSSES[self.loss_name].gradient
            by_out(net, out, t, blame[-1])
            np.divide(blame[-1], batch, out=blame[-1])
        # ∂L/∂x_i = Σ_j w_ij δ_j
        self.product(self.alone[0], delta[1], blame[0])

    def losses(self, last, t):
        net, out = np.moveaxis(last, -len(self.stack) - 3, 0)
        return LOSSES[self.loss_name].value(net, out, t)

    def checked_x(self, x):
        return _checks.rows("x", x, self.sizes[0], self.stack, self._real)

    def checked_t(self, t, shape):
        width, loss = self.sizes[-1], self.loss_name
        t = _checks.rows("t", t, width, self.stack, self._real, loss)
        if t.shape[-2] != shape[-2]:
            raise ValueError(
                f"t has {t.shape[-2]} rows; expected {shape[-2]}, one for each row of x"
            )
        _checks.targets(t, loss)
        return t


def _rows(columns):
    """Return each array with its examples in rows, as a reader has them: views."""
    return tuple(None if a is None else a.swapaxes(-1, -2) for a in columns)


def _cut(dtype, shapes):
    """Yield an array of each shape, all cut from one piece.

    A large piece comes from the system in a few huge pages, its parts in many small
    ones; each part begins where a line of the cache does.
    """
    per_line = 64 // dtype.itemsize
    sizes = [math.prod(shape) for shape in shapes]
    starts = np.cumsum([0, *(-(-size // per_line) * per_line for size in sizes)])
    whole = np.empty(starts[-1], dtype)
    for start, size, shape in zip(starts, sizes, shapes):
        yield whole[start : start + size].reshape(shape)

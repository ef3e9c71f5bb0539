"""A recurrent network, a time step at a time: backpropagation through time [1]_.

The hidden layer hears the input of this step and its own output of the step before::

    net[k] = x[k] @ weights[0] + out[k-1] @ weights[1] + biases[0]
    out[k] = f(net[k])

and the last layer reads ``out[k]`` through ``weights[2]`` and ``biases[1]``.  Steps are
numbered from 1; ``out[0]`` is the state before the first of them, 0.  The same weights
serve at every step, so their gradient is a sum over the steps.

A cell says how net becomes the next out: "simple" as above, or "gru" [2]_, the gated
recurrent unit, whose net holds three parts side by side, keep, reset and candidate::

    z, r = σ(keep), σ(reset)     c = f(candidate), which hears r · out[k-1]
    out[k] = z · out[k-1] + (1 − z) · c

All parameters live in one flat vector: a block (1 + n_in + n_hidden, parts · n_hidden),
row 0 the biases, then the weights from the input, then those from the state; after it
the block (1 + n_hidden, n_out) of the last layer.  Leading axes are a *stack*.

References
----------
.. [1] P. J. Werbos, Backpropagation through time: what it does and how to do it,
       Proceedings of the IEEE 78 (1990), 1550-1560.
.. [2] K. Cho et al., Learning phrase representations using RNN encoder-decoder for
       statistical machine translation, EMNLP 2014, 1724-1734.
"""

from dataclasses import dataclass

import numpy as np

from backprop_lib import _checks
from backprop_lib._model import Model, Pass, Views
from backprop_lib.activations import ACTIVATIONS
from backprop_lib.losses import LOSSES, first_delta


@dataclass(eq=False, repr=False)
class RecurrentTrace(Pass):
    """What a forward pass leaves behind, a time step at a time.

    Attributes
    ----------
    net, slope : tuples of arrays
        ``net[k]`` is (*stack, batch, n_hidden), thrice as wide for a gru, and
        ``slope[k]`` is the slope there; at 0 they are None.
    out : tuple of arrays
        ``out[k]`` is (*stack, batch, n_hidden), the state; ``out[0]`` is 0.
    gates : tuple of arrays
        Of a gru: ``gates[k]`` is (*stack, batch, 3 · n_hidden), what keep, reset and
        candidate put out; else, and at 0, None.
    last_net, last_out : tuples of arrays
        Of the last layer, (*stack, batch, n_out); None where the loss does not look.
    last : array, (2, steps that the loss looks at, *stack, batch, n_out)
        The same in one piece.
    inputs, heard, rest, ends, scratch
        What the passes work on: x as `Model.inputs` gave it; (1, x[k+1], out[k]), all
        that the hidden layer hears at step k + 1; what an activation leaves beside its
        slope; of the last layer what `losses.first_delta` asks for; all but the inputs
        and the last layer, which other traces may use too.
    parameters : bytes
        Those it was computed with; None before `RecurrentNetwork.forward`.
    """

    net: tuple
    slope: tuple
    out: tuple
    gates: tuple
    last_net: tuple
    last_out: tuple
    last: np.ndarray
    inputs: np.ndarray
    heard: tuple
    rest: tuple
    ends: tuple
    scratch: tuple
    parameters: bytes | None = None

    shown = ("net", "slope", "out", "gates", "last_net", "last_out")

    def read(self, x):
        """Take in other inputs of the same shape."""
        self.inputs = x


@dataclass(eq=False, repr=False)
class RecurrentGradient(Pass):
    """The derivatives of the loss, averaged as the loss is.

    Attributes
    ----------
    weights, biases : tuples of arrays
        As `RecurrentNetwork.weights` and `biases`, summed over the steps: views of
        ``flat``.
    delta : tuple of arrays
        ``delta[k]`` = ∂L/∂net[k]; ``delta[0]`` is None.
    out : tuple of arrays
        ``out[k]`` = ∂L/∂out[k], from step 0 on.
    last_delta : tuple of arrays
        ∂L/∂last_net[k]; None where the loss does not look.
    flat : array, (*stack, P)
        All of it, in the order of `RecurrentNetwork.parameters`.
    blocks : tuple of arrays
        The two layers' parts of ``flat``.
    """

    weights: tuple
    biases: tuple
    delta: tuple
    out: tuple
    last_delta: tuple
    flat: np.ndarray
    blocks: tuple

    shown = ("weights", "biases", "delta", "out", "last_delta", "flat")


class RecurrentNetwork(Model):
    """A stack of networks with one recurrent layer (by default a stack of one).

    Parameters
    ----------
    sizes : sequence of int
        ``[n_in, n_hidden, n_out]``.
    cell : str
        "simple" or "gru".
    activation : str or pair of str
        Of the recurrent layer (of a gru: of its candidate), and of the last one: names
        as `Network` takes them.
    loss : str
        As `Network` takes it.  Summed over the outputs, averaged over the batch and,
        with ``loss_at="every"``, over the steps.
    loss_at : str
        "last": one target a sequence, after its last step; "every": one at each step.
    init : "xavier", "he", "normal", a number, or an array over the stack
        Standard deviation of the weights, as in `Network`.  Biases start at 0.
    weight_decay : float
        λ of the term λ/2 Σ w² of the loss, as in `Network`; a weight counts once,
        however many steps use it.
    stack : tuple of int
        Shape of the stack of networks that are computed together.
    rng : numpy.random.Generator
        The only source of randomness.
    dtype : float or numpy.float32

    Attributes
    ----------
    parameters : array, (*stack, P)
        All parameters; assigning to it copies into place.
    weights : Views
        From the input (*stack, n_in, parts · n_hidden), from the state of the step
        before (*stack, n_hidden, parts · n_hidden), and to the output
        (*stack, n_hidden, n_out), with one part, or three for a gru: keep, reset and
        candidate.  Views of ``parameters``.
    biases : Views
        (*stack, parts · n_hidden) and (*stack, n_out).
    sizes, cell, activations, loss_name, loss_at, weight_decay, stack
        As given, and read-only.

    Raises
    ------
    ValueError
        For other than three sizes, sizes below 1, an unknown name, a pair of activation
        and loss that makes no sense, a weight_decay below 0, or an init that overflows
        the dtype.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> network = RecurrentNetwork([2, 4, 1], rng=rng)
    >>> network
    RecurrentNetwork([2, 4, 1], cell='simple', activation=['tanh', 'identity'], \
loss='squared_error', loss_at='last')
    >>> x, t = rng.normal(size=(7, 5, 2)), rng.normal(size=(5, 1))
    >>> gradient = network.backward(network.forward(x), t)
    >>> len(gradient.delta), gradient.delta[7].shape
    (8, (5, 4))
    """

    _settings = (
        "sizes",
        "cell",
        "activations",
        "loss_name",
        "loss_at",
        "weight_decay",
    )
    _trace, _gradient = RecurrentTrace, RecurrentGradient

    def __init__(
        self,
        sizes,
        *,
        cell="simple",
        activation=("tanh", "identity"),
        loss="squared_error",
        loss_at="last",
        init="xavier",
        weight_decay=0.0,
        stack=(),
        rng,
        dtype=float,
    ):
        self._sizes = _checks.sizes(sizes, ("n_in", "n_hidden", "n_out"))
        _checks.one_of("cell", cell, CELLS)
        _checks.one_of("loss_at", loss_at, {"last": None, "every": None})
        self._cell, self._loss_at = cell, loss_at
        self._activations = _checks.activations(activation, 2)
        self._loss_name = _checks.loss(loss, self.activations)
        self._weight_decay = _checks.decay(weight_decay)
        self._begin(init, stack, rng, dtype)

    @property
    def cell(self):
        """The name of the recurrent layer's cell."""
        return self._cell

    @property
    def loss_at(self):
        """The steps that the loss looks at, "last" or "every"."""
        return self._loss_at

    def _fans(self):
        n_in, n_hidden, n_out = self.sizes
        return [(n_in, n_hidden), (n_hidden, n_hidden), (n_hidden, n_out)]

    def _shapes(self):
        n_in, n_hidden, n_out = self.sizes
        columns = CELLS[self.cell].parts * n_hidden
        return [(1 + n_in + n_hidden, columns), (1 + n_hidden, n_out)]

    def _views(self, flat):
        """Return the blocks, weights and biases that a flat array holds."""
        (block, last), n_in = self.layers(flat), self.sizes[0]
        from_x, from_state = block[..., 1 : 1 + n_in, :], block[..., 1 + n_in :, :]
        weights = from_x, from_state, last[..., 1:, :]
        return (block, last), weights, (block[..., 0, :], last[..., 0, :])

    def _bind_views(self):
        (block, _), weights, biases = self._views(self._flat)
        self._weights, self._biases = Views(weights), Views(biases)
        hidden, last = (ACTIVATIONS[n].writer(self.dtype) for n in self.activations)
        self._hidden = CELLS[self.cell](block, weights[1], hidden)
        self._write_last = last
        self._start = first_delta(self.loss_name, self.activations[-1])

    def forward_into(self, trace):
        n_in, steps = self.sizes[0], len(trace.out) - 1
        for k in range(1, steps + 1):
            trace.heard[k - 1][..., 1 : 1 + n_in] = trace.inputs[..., k - 1, :, :]
        for k in range(1, steps + 1):
            self._hidden.forward(trace, k)
            if trace.ends[k] is not None:
                # last_net[k] = out[k] @ weights[2] + biases[1]
                np.matmul(trace.out[k], self.weights[2], out=trace.last_net[k])
                trace.last_net[k][...] += self.biases[1][..., None, :]
                self._write_last(*trace.ends[k][:-1])

    def columns(self, t):
        return t

    def backward_into(self, trace, t, gradient):
        steps, (block, last) = len(trace.out) - 1, gradient.blocks
        gradient.flat.fill(0.0)
        gradient.out[steps].fill(0.0)
        for k in range(steps, 0, -1):
            if trace.ends[k] is not None:
                delta = gradient.last_delta[k]
                # δ = ∂o/∂net · ∂L/∂o of the last layer
                target = self._target(t, k).swapaxes(-1, -2)
                back = delta.swapaxes(-1, -2)
                self._start(trace.ends[k], target, np.empty_like(back), back)
                # ∂L/∂out_i = Σ_j w_ij δ_j, added to what comes from the step after
                gradient.out[k][...] += delta @ self.weights[2].swapaxes(-1, -2)
                last[..., 1:, :] += trace.out[k].swapaxes(-1, -2) @ delta
                last[..., 0, :] += delta.sum(axis=-2)
            self._hidden.backward(trace, gradient, k)
            # ∂L/∂w_ij = Σ_k out_i[k-1] δ_j[k]: the weights are the same at every step
            self._hidden.add(trace, gradient, block, k)
        if self._decays is not None:
            np.add(gradient.flat, self.decay(), out=gradient.flat)

    def finish(self, trace, t, gradient):
        """Do nothing: the steps filled all of it."""

    def predict(self, x):
        """Return the outputs of the last layer, where the loss looks at them.

        Parameters
        ----------
        x : array
            As `forward` takes it.

        Returns
        -------
        array, (*stack, batch, n_out), or for ``loss_at="every"``
        (*stack, steps, batch, n_out)

        Examples
        --------
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> network = RecurrentNetwork([1, 2, 1], init=0.0, rng=rng)
        >>> network.predict(np.ones((3, 1, 1)))
        array([[0.]])
        """
        outputs = self.forward(x).last_out
        if self.loss_at == "last":
            return outputs[-1]
        return np.stack(outputs[1:], axis=-3)

    def inputs(self, x):
        """Return a copy of x: a trace takes it in, behind ones and before the state."""
        return x.copy()

    def examples(self, inputs):
        return inputs

    def new_last(self, inputs, *lead):
        """Return a place for net and out, (*lead, 2, steps, *stack, batch, n_out)."""
        steps, batch = inputs.shape[-3:-1]
        read = 1 if self.loss_at == "last" else steps
        shape = (*lead, 2, read, *self.stack, batch, self.sizes[-1])
        return np.empty(shape, self.dtype)

    def new_trace(self, inputs, scratch=None):
        (steps, batch), one = inputs.shape[-3:-1], (*self.stack, inputs.shape[-2])
        last = self.new_last(inputs)
        if scratch is None:
            heard, wide, deep = self._new_arrays(steps, one, len(last[0]))
        else:
            heard, wide, deep = scratch.scratch
        gated = CELLS[self.cell].parts > 1
        nothing = (None,) * steps
        unread = (None,) * (1 + steps - len(last[0]))
        count = np.array(batch * len(last[0]), self._real)
        ends = (
            (*(part.swapaxes(-1, -2) for part in parts), count)
            for parts in zip(*last, *deep)
        )
        return RecurrentTrace(
            net=(None, *wide[0]),
            slope=(None, *wide[1]),
            out=tuple(row[..., 1 + self.sizes[0] :] for row in heard),
            gates=(None, *(wide[3] if gated else nothing)),
            last_net=(*unread, *last[0]),
            last_out=(*unread, *last[1]),
            last=last,
            inputs=inputs,
            heard=tuple(heard),
            rest=(None, *wide[2]),
            ends=(*unread, *ends),
            scratch=(heard, wide, deep),
            kind=self.kind,
            input_shape=inputs.shape,
        )

    def _new_arrays(self, steps, one, read):
        """Return what of a trace is neither input nor last layer, and may be shared.

        (1, x[k+1], out[k]) of every step; net, slope, rest and gates; slope and rest of
        the last layer.
        """
        n_in, n_hidden, n_out = self.sizes
        parts = CELLS[self.cell].parts
        heard = np.zeros((1 + steps, *one, 1 + n_in + n_hidden), self.dtype)
        heard[..., 0] = 1.0
        kept = 3 if parts == 1 else 4
        wide = np.empty((kept, steps, *one, parts * n_hidden), self.dtype)
        return heard, wide, np.empty((2, read, *one, n_out), self.dtype)

    def new_gradient(self, trace):
        flat = np.empty_like(self._flat)
        blocks, weights, biases = self._views(flat)
        return RecurrentGradient(
            weights=weights,
            biases=biases,
            delta=_like(trace.net),
            out=_like(trace.out),
            last_delta=_like(trace.last_net),
            flat=flat,
            blocks=blocks,
            kind=self.kind,
            input_shape=trace.input_shape,
        )

    def losses(self, last, t):
        net, out = np.moveaxis(last, -len(self.stack) - 4, 0)
        if self.loss_at == "every":
            t = np.stack([self._target(t, 1 + k) for k in range(t.shape[-3])])
            # The steps stand before the stack.
            t = t.reshape(len(t), *(1,) * (len(self.stack) + 3 - t.ndim), *t.shape[1:])
        value = LOSSES[self.loss_name].value(net, out, t)
        return value.mean(axis=-len(self.stack) - 2)

    def _target(self, t, k):
        return t if self.loss_at == "last" else t[..., k - 1, :, :]

    def checked_x(self, x):
        return _sequences("x", x, self.sizes[0], self.stack, self._real)

    def checked_t(self, t, shape):
        width, real = self.sizes[-1], self._real
        steps, batch = shape[-3:-1]
        if self.loss_at == "every":
            t = _sequences("t", t, width, self.stack, real)
            if t.shape[-3] != steps:
                raise ValueError(
                    f"t has {t.shape[-3]} steps; expected {steps}, one for each of x"
                )
        else:
            t = _checks.rows("t", t, width, self.stack, real, self.loss_name)
        if t.shape[-2] != batch:
            raise ValueError(
                f"t has {t.shape[-2]} rows; expected {batch}, one for each sequence"
            )
        _checks.targets(t, self.loss_name)
        return t


# The cells.  In each, `k` is the step, and heard[k-1] = (1, x[k], out[k-1]).


class Simple:
    """out[k] = f(net[k]), of x[k] @ weights[0] + out[k-1] @ weights[1] + biases[0]."""

    parts = 1

    def __init__(self, block, from_state, write):
        self.block, self.back, self.write = block, from_state.swapaxes(-1, -2), write

    def forward(self, trace, k):
        np.matmul(trace.heard[k - 1], self.block, out=trace.net[k])
        self.write(trace.net[k], trace.out[k], trace.slope[k], trace.rest[k])

    def backward(self, trace, gradient, k):
        # δ[k] = ∂out[k]/∂net[k] · ∂L/∂out[k]
        np.multiply(trace.slope[k], gradient.out[k], out=gradient.delta[k])
        # ∂L/∂out[k-1] = δ[k] @ weights[1]ᵀ
        np.matmul(gradient.delta[k], self.back, out=gradient.out[k - 1])

    def add(self, trace, gradient, block, k):
        block += trace.heard[k - 1].swapaxes(-1, -2) @ gradient.delta[k]


class Gru:
    """The gated recurrent unit: z of the state stays, and 1 − z of a new one comes."""

    parts = 3

    def __init__(self, block, from_state, write):
        self.write, self.n = write, from_state.shape[-2]
        self.gates, self.candidate = block[..., : 2 * self.n], block[..., 2 * self.n :]
        self.back = [part.swapaxes(-1, -2) for part in self.split(from_state)]
        self.sigmoid = ACTIVATIONS["sigmoid"].writer(block.dtype)

    def split(self, array):
        """Return the keep, reset and candidate parts: views."""
        n = self.n
        return array[..., :n], array[..., n : 2 * n], array[..., 2 * n :]

    def heard_by_candidate(self, trace, k):
        """Return (1, x[k], r · out[k-1])."""
        heard = trace.heard[k - 1].copy()
        heard[..., -self.n :] *= self.split(trace.gates[k])[1]
        return heard

    def forward(self, trace, k):
        arrays = trace.net[k], trace.gates[k], trace.slope[k], trace.rest[k]
        both = [array[..., : 2 * self.n] for array in arrays]
        last = [array[..., 2 * self.n :] for array in arrays]
        # z, r = σ(keep), σ(reset), both from (1, x[k], out[k-1])
        np.matmul(trace.heard[k - 1], self.gates, out=both[0])
        self.sigmoid(*both)
        # c = f(candidate), from (1, x[k], r · out[k-1])
        np.matmul(self.heard_by_candidate(trace, k), self.candidate, out=last[0])
        self.write(*last)
        z, _, c = self.split(trace.gates[k])
        # out[k] = z · out[k-1] + (1 − z) · c
        trace.out[k][...] = z * trace.out[k - 1] + (1 - z) * c

    def backward(self, trace, gradient, k):
        (z, r, c), before = self.split(trace.gates[k]), trace.out[k - 1]
        slope_z, slope_r, slope_c = self.split(trace.slope[k])
        delta_z, delta_r, delta_c = self.split(gradient.delta[k])
        back_z, back_r, back_c = self.back
        by_out = gradient.out[k]
        # ∂L/∂z = ∂L/∂out[k] · (out[k-1] − c)  and  ∂L/∂c = ∂L/∂out[k] · (1 − z)
        np.multiply(slope_z, by_out * (before - c), out=delta_z)
        np.multiply(slope_c, by_out * (1 - z), out=delta_c)
        # ∂L/∂(r · out[k-1]) = δ_c @ weightsᵀ  and  ∂L/∂r = that · out[k-1]
        by_gated = delta_c @ back_c
        np.multiply(slope_r, by_gated * before, out=delta_r)
        # ∂L/∂out[k-1] = z · ∂L/∂out[k], the path that adds, and three through the gates
        by_before = z * by_out + r * by_gated + delta_z @ back_z
        gradient.out[k - 1][...] = by_before + delta_r @ back_r

    def add(self, trace, gradient, block, k):
        both, heard = 2 * self.n, trace.heard[k - 1].swapaxes(-1, -2)
        gated = self.heard_by_candidate(trace, k).swapaxes(-1, -2)
        block[..., :both] += heard @ gradient.delta[k][..., :both]
        block[..., both:] += gated @ gradient.delta[k][..., both:]


CELLS = {"simple": Simple, "gru": Gru}


def _like(arrays):
    return tuple(None if a is None else np.empty(a.shape, a.dtype) for a in arrays)


def _sequences(name, given, width, stack, dtype):
    """Return finite (steps, batch, width) or (*stack, steps, batch, width) numbers."""
    try:
        shape = np.shape(given)
    except ValueError as error:
        raise _checks.no_reals(name, error) from None
    if len(shape) < 3 or shape[-1] != width or shape[:-3] not in ((), stack):
        alone = f"(steps, batch, {width})"
        stacked = f"({', '.join(map(str, stack))}, steps, batch, {width})"
        raise ValueError(
            f"{name} has shape {shape}; expected {alone}"
            + (f" or {stacked}" if stack else "")
        )
    if shape[-3] == 0:
        raise ValueError(
            f"{name} has shape {shape}, no time step; expected at least one"
        )
    return _checks.rows(name, given, width, shape[:-2], dtype)

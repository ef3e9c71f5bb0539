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

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from backprop_lib import _checks
from backprop_lib._parameters import FlatParameters
from backprop_lib.activations import ACTIVATIONS
from backprop_lib.losses import LOSSES


@dataclass(frozen=True, eq=False)
class RecurrentTrace:
    """What a forward pass leaves behind, a time step at a time.

    Attributes
    ----------
    net : tuple of arrays
        ``net[k]`` is (*stack, batch, n_hidden), thrice as wide for a gru;
        ``net[0]`` is None.
    out : tuple of arrays
        ``out[k]`` is (*stack, batch, n_hidden), the state; ``out[0]`` is 0.
    gates : tuple of arrays
        Of a gru: ``gates[k]`` is (*stack, batch, 3 · n_hidden), what keep, reset and
        candidate put out; else, and at 0, None.
    last_net, last_out : tuples of arrays
        Of the last layer, (*stack, batch, n_out); None where the loss does not look.
    """

    net: tuple
    out: tuple
    gates: tuple
    last_net: tuple
    last_out: tuple
    _rows: tuple = field(repr=False)


@dataclass(frozen=True, eq=False)
class RecurrentGradient:
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
    """

    weights: tuple
    biases: tuple
    delta: tuple
    out: tuple
    last_delta: tuple
    flat: np.ndarray


class RecurrentNetwork(FlatParameters):
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
    stack : tuple of int
        Shape of the stack of networks that are computed together.
    rng : numpy.random.Generator
        The only source of randomness.
    dtype : float or numpy.float32

    Attributes
    ----------
    parameters : array, (*stack, P)
        All parameters; assigning to it copies into place.
    weights : tuple of arrays
        From the input (*stack, n_in, parts · n_hidden), from the state of the step
        before (*stack, n_hidden, parts · n_hidden), and to the output
        (*stack, n_hidden, n_out), with one part, or three for a gru: keep, reset and
        candidate.  Views of ``parameters``.
    biases : tuple of arrays
        (*stack, parts · n_hidden) and (*stack, n_out).
    sizes, cell, activations, loss_name, loss_at, stack
        As given, and read-only.

    Raises
    ------
    ValueError
        For other than three sizes, sizes below 1, an unknown name, a pair of activation
        and loss that makes no sense, or an init that overflows the dtype.

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

    def __init__(
        self,
        sizes,
        *,
        cell="simple",
        activation=("tanh", "identity"),
        loss="squared_error",
        loss_at="last",
        init="xavier",
        stack=(),
        rng,
        dtype=float,
    ):
        self._sizes = _checked_sizes(sizes)
        self._cell = _known("cell", cell, CELLS)
        self._activations = _checks.activations(activation, 2)
        self._loss_name = _checks.loss(loss, self.activations)
        self._loss_at = _known("loss_at", loss_at, ("last", "every"))
        stack, rng = _checks.stack(stack), _checks.rng(rng)
        n_in, n_hidden, n_out = self.sizes
        deviations = _checks.init(init, (n_in, n_hidden, n_hidden, n_out), stack)
        count = sum(rows * columns for rows, columns in self._shapes())
        self._take(np.zeros((*stack, count), _checks.dtype(dtype)))
        self._draw(rng, init, deviations)

    @property
    def cell(self):
        """The name of the recurrent layer's cell."""
        return self._cell

    @property
    def loss_at(self):
        """The steps that the loss looks at, "last" or "every"."""
        return self._loss_at

    def _split(self, flat):
        return self._views(flat)[0]

    def _shapes(self):
        """Return the shapes of the two blocks: recurrent layer, last layer."""
        n_in, n_hidden, n_out = self.sizes
        parts = CELLS[self._cell].parts
        return (1 + n_in + n_hidden, parts * n_hidden), (1 + n_hidden, n_out)

    def _views(self, flat):
        """Return the blocks, weights and biases that a flat array holds."""
        (rows, columns), last = self._shapes()
        lead, cut, n_in = flat.shape[:-1], rows * columns, self.sizes[0]
        block = flat[..., :cut].reshape(*lead, rows, columns)
        last = flat[..., cut:].reshape(*lead, *last)
        from_x, from_state = block[..., 1 : 1 + n_in, :], block[..., 1 + n_in :, :]
        weights = from_x, from_state, last[..., 1:, :]
        return (block, last), weights, (block[..., 0, :], last[..., 0, :])

    def _take(self, parameters):
        self._flat = parameters
        self._blocks, self._weights, self._biases = self._views(parameters)
        self._functions = tuple(ACTIVATIONS[name] for name in self.activations)
        self._loss = LOSSES[self.loss_name]

    def __repr__(self):
        stack = f", stack={self.stack}" if self.stack else ""
        return (
            f"RecurrentNetwork({list(self.sizes)}, cell={self.cell!r}, "
            f"activation={list(self.activations)}, loss={self.loss_name!r}, "
            f"loss_at={self.loss_at!r}{stack})"
        )

    def __getstate__(self):
        names = self.cell, self.activations, self.loss_name, self.loss_at
        return self.sizes, *names, self._flat

    def __setstate__(self, state):
        self._sizes, self._cell, self._activations, *names, parameters = state
        self._loss_name, self._loss_at = names
        self._take(parameters)

    def forward(self, x):
        """Compute every net and out, from the first step to the last.

        Parameters
        ----------
        x : array, (steps, batch, n_in), or (*stack, steps, batch, n_in)
            A batch of sequences for all networks of the stack, or one for each.

        Returns
        -------
        RecurrentTrace

        Raises
        ------
        ValueError
            When x has another width or rank, is empty, or is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> network = RecurrentNetwork([2, 3, 1], rng=np.random.default_rng(0))
        >>> trace = network.forward(np.ones((6, 4, 2)))
        >>> len(trace.out), trace.out[6].shape, trace.last_out[6].shape
        (7, (4, 3), (4, 1))
        """
        x = _sequences("x", x, self.sizes[0], self.stack, self._flat.real.dtype)
        trace = self._new_trace(x)
        for k in range(1, len(trace.out)):
            CELLS[self._cell].forward(self, trace, k)
            if trace.last_net[k] is not None:
                # last_net[k] = out[k] @ weights[2] + biases[1]
                np.matmul(trace.out[k], self.weights[2], out=trace.last_net[k])
                trace.last_net[k][...] += self.biases[1][..., None, :]
                function = self._functions[1].function
                function(trace.last_net[k], out=trace.last_out[k])
        return trace

    def _new_trace(self, x):
        n_in, n_hidden, n_out = self.sizes
        (steps, batch), parts = x.shape[-3:-1], CELLS[self._cell].parts
        # rows[k] = (1, x[k+1], out[k]): all that the hidden layer hears at step k + 1
        rows = np.zeros(
            (1 + steps, *self.stack, batch, 1 + n_in + n_hidden), self.dtype
        )
        rows[..., 0] = 1.0
        for k in range(steps):
            rows[k][..., 1 : 1 + n_in] = x[..., k, :, :]
        net = np.empty((steps, *self.stack, batch, parts * n_hidden), self.dtype)
        gates = np.empty_like(net) if parts > 1 else [None] * steps
        read = 1 if self.loss_at == "last" else steps
        last = np.empty((2, read, *self.stack, batch, n_out), self.dtype)
        unread = (None,) * (1 + steps - read)
        return RecurrentTrace(
            net=(None, *net),
            out=tuple(row[..., 1 + n_in :] for row in rows),
            gates=(None, *gates),
            last_net=(*unread, *last[0]),
            last_out=(*unread, *last[1]),
            _rows=tuple(rows),
        )

    def backward(self, trace, t):
        """Compute the derivatives of the loss by every parameter, net and out.

        Parameters
        ----------
        trace : RecurrentTrace
            Of this network's `forward`, with the parameters unchanged since.
        t : array, (batch, n_out), or (*stack, batch, n_out)
            The targets; with ``loss_at="every"`` (steps, batch, n_out), or
            (*stack, steps, batch, n_out).

        Returns
        -------
        RecurrentGradient

        Raises
        ------
        ValueError
            When t has another shape, is not finite, or is no target for this loss, or
            the trace is none of this network's.

        Examples
        --------
        >>> import numpy as np
        >>> network = RecurrentNetwork([2, 3, 1], rng=np.random.default_rng(0))
        >>> trace = network.forward(np.ones((6, 4, 2)))
        >>> gradient = network.backward(trace, np.ones((4, 1)))
        >>> [weights.shape for weights in gradient.weights]
        [(2, 3), (3, 3), (3, 1)]
        """
        self._check_trace(trace)
        t = self._checked_t(t, trace)
        gradient, blocks = self._new_gradient(trace)
        for k in range(len(trace.out) - 1, 0, -1):
            if trace.last_net[k] is not None:
                self._back_from_the_loss(trace, self._target(t, k), gradient, k)
            CELLS[self._cell].back(self, trace, gradient, k)
            self._add_step(trace, gradient, blocks, k)
        return gradient

    def _back_from_the_loss(self, trace, t, gradient, k):
        net, out, delta = trace.last_net[k], trace.last_out[k], gradient.last_delta[k]
        work = np.empty_like(net)
        if self._loss.delta is not None:
            self._loss.delta(net, out, t, delta, work)
        else:
            slope = self._loss.gradient(net, out, t)
            self._functions[1].pull_back(net, out, slope, delta, work)
        # The loss is a mean over the batch and the steps it looks at.
        np.divide(delta, out.shape[-2] * _steps_read(trace), out=delta)
        # ∂L/∂o_i = Σ_j w_ij δ_j, added to what comes back from the step after
        gradient.out[k][...] += delta @ self.weights[2].swapaxes(-1, -2)

    def _add_step(self, trace, gradient, blocks, k):
        """Add what the use of the weights at step k contributes to their gradient."""
        block, last = blocks
        # ∂L/∂w_ij = Σ_k δ_j[k] o_i[k-1]: the weights are the same at every step
        CELLS[self._cell].add(self, trace, gradient.delta[k], block, k)
        delta = gradient.last_delta[k]
        if delta is not None:
            last[..., 1:, :] += trace.out[k].swapaxes(-1, -2) @ delta
            last[..., 0, :] += delta.sum(axis=-2)

    def _new_gradient(self, trace):
        flat = np.zeros_like(self._flat)
        blocks, weights, biases = self._views(flat)
        gradient = RecurrentGradient(
            weights=weights,
            biases=biases,
            delta=_like(trace.net, np.empty_like),
            out=_like(trace.out, lambda out: np.zeros(out.shape, out.dtype)),
            last_delta=_like(trace.last_net, np.empty_like),
            flat=flat,
        )
        return gradient, blocks

    def loss(self, x, t):
        """Return the loss, averaged over the batch and the steps that it looks at.

        Parameters
        ----------
        x, t : arrays
            As `forward` and `backward` take them.

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
        >>> rng = np.random.default_rng(0)
        >>> network = RecurrentNetwork([1, 2, 1], init=0.0, rng=rng)
        >>> network.loss(np.ones((3, 1, 1)), [[2.0]])
        2.0
        """
        trace = self.forward(x)
        t = self._checked_t(t, trace)
        values = [
            self._loss.value(net, out, self._target(t, k)).mean(axis=-1)
            for k, (net, out) in enumerate(zip(trace.last_net, trace.last_out))
            if net is not None
        ]
        value = np.mean(values, axis=0)
        return value.item() if value.ndim == 0 else value

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

    def _target(self, t, k):
        return t if self.loss_at == "last" else t[..., k - 1, :, :]

    def _checked_t(self, t, trace):
        width, dtype = self.sizes[-1], self._flat.real.dtype
        batch, steps = trace.out[0].shape[-2], len(trace.out) - 1
        if self.loss_at == "every":
            t = _sequences("t", t, width, self.stack, dtype)
            if t.shape[-3] != steps:
                raise ValueError(
                    f"t has {t.shape[-3]} steps; expected {steps}, one for each of x"
                )
        else:
            t = _checks.rows("t", t, width, self.stack, dtype, self.loss_name)
        if t.shape[-2] != batch:
            raise ValueError(
                f"t has {t.shape[-2]} rows; expected {batch}, one for each sequence"
            )
        _checks.targets(t, self.loss_name)
        return t

    def _check_trace(self, trace):
        if not isinstance(trace, RecurrentTrace):
            raise ValueError(
                f"trace is of type {type(trace).__name__}; expected the RecurrentTrace "
                "that forward returns"
            )
        rows, steps = trace._rows[0], len(trace.out) - 1
        arrays = rows, trace.out[0], trace.net[1], trace.last_net[-1]
        came = (
            tuple(array.shape[-1] for array in arrays),
            (rows.shape[:-2], rows.dtype, _steps_read(trace)),
        )
        (heard, columns), (_, n_out) = self._shapes()
        read = 1 if self.loss_at == "last" else steps
        widths = heard, self.sizes[1], columns, n_out
        expected = widths, (self.stack, self.dtype, read)
        if came != expected:
            raise ValueError(
                "the trace is of (widths, (stack, dtype, steps that the loss looks at))"
                f" {came}; expected {expected}"
            )


# The cells.  In each, `k` is the step, and rows[k-1] = (1, x[k], out[k-1]).


def _simple_forward(network, trace, k):
    # net[k] = 1 · biases + x[k] @ weights[0] + out[k-1] @ weights[1]
    np.matmul(trace._rows[k - 1], network._blocks[0], out=trace.net[k])
    network._functions[0].function(trace.net[k], out=trace.out[k])


def _simple_back(network, trace, gradient, k):
    delta = gradient.delta[k]
    # δ[k] = ∂out[k]/∂net[k] · ∂L/∂out[k]
    network._functions[0].pull_back(
        trace.net[k], trace.out[k], gradient.out[k], delta, np.empty_like(delta)
    )
    # ∂L/∂out[k-1] = δ[k] @ weights[1]ᵀ
    np.matmul(delta, network.weights[1].swapaxes(-1, -2), out=gradient.out[k - 1])


def _simple_add(network, trace, delta, block, k):
    block += trace._rows[k - 1].swapaxes(-1, -2) @ delta


def _parts(array):
    """Return the keep, reset and candidate parts: views."""
    n = array.shape[-1] // 3
    return array[..., :n], array[..., n : 2 * n], array[..., 2 * n :]


def _heard_by_candidate(network, trace, k):
    """Return (1, x[k], r · out[k-1])."""
    rows = trace._rows[k - 1].copy()
    rows[..., 1 + network.sizes[0] :] *= _parts(trace.gates[k])[1]
    return rows


def _gru_forward(network, trace, k):
    block, both = network._blocks[0], 2 * network.sizes[1]
    net, gates = trace.net[k], trace.gates[k]
    sigmoid = ACTIVATIONS["sigmoid"].function
    # z, r = σ(keep), σ(reset), both from (1, x[k], out[k-1])
    np.matmul(trace._rows[k - 1], block[..., :both], out=net[..., :both])
    sigmoid(net[..., :both], out=gates[..., :both])
    # c = f(candidate), from (1, x[k], r · out[k-1])
    heard = _heard_by_candidate(network, trace, k)
    np.matmul(heard, block[..., both:], out=net[..., both:])
    network._functions[0].function(net[..., both:], out=gates[..., both:])
    z, _, c = _parts(gates)
    # out[k] = z · out[k-1] + (1 − z) · c
    trace.out[k][...] = z * trace.out[k - 1] + (1 - z) * c


def _gru_back(network, trace, gradient, k):
    sigmoid, activation = ACTIVATIONS["sigmoid"], network._functions[0]
    nets, (z, r, c) = _parts(trace.net[k]), _parts(trace.gates[k])
    delta_z, delta_r, delta_c = _parts(gradient.delta[k])
    by_z, by_r, by_c = _parts(network.weights[1])
    by_out, before, work = gradient.out[k], trace.out[k - 1], np.empty_like(z)
    # ∂L/∂z = ∂L/∂out[k] · (out[k-1] − c)  and  ∂L/∂c = ∂L/∂out[k] · (1 − z)
    sigmoid.pull_back(nets[0], z, by_out * (before - c), delta_z, work)
    activation.pull_back(nets[2], c, by_out * (1 - z), delta_c, work)
    # ∂L/∂(r · out[k-1]) = δ_c @ weightsᵀ  and  ∂L/∂r = that · out[k-1]
    by_gated = delta_c @ by_c.swapaxes(-1, -2)
    sigmoid.pull_back(nets[1], r, by_gated * before, delta_r, work)
    # ∂L/∂out[k-1] = z · ∂L/∂out[k], the path that adds, and three through the gates
    by_before = z * by_out + r * by_gated + delta_z @ by_z.swapaxes(-1, -2)
    gradient.out[k - 1][...] = by_before + delta_r @ by_r.swapaxes(-1, -2)


def _gru_add(network, trace, delta, block, k):
    both = 2 * network.sizes[1]
    rows, heard = trace._rows[k - 1], _heard_by_candidate(network, trace, k)
    block[..., :both] += rows.swapaxes(-1, -2) @ delta[..., :both]
    block[..., both:] += heard.swapaxes(-1, -2) @ delta[..., both:]


@dataclass(frozen=True)
class _Cell:
    """How many parts its net has, and its step forward, back, and into the sum."""

    parts: int
    forward: Callable
    back: Callable
    add: Callable


CELLS = {
    "simple": _Cell(1, _simple_forward, _simple_back, _simple_add),
    "gru": _Cell(3, _gru_forward, _gru_back, _gru_add),
}


def _steps_read(trace):
    return sum(last is not None for last in trace.last_net)


def _like(arrays, make):
    return tuple(None if array is None else make(array) for array in arrays)


def _checked_sizes(given):
    sizes = _checks.sizes(given)
    if len(sizes) != 3:
        raise ValueError(
            f"sizes is {list(sizes)}; expected three, [n_in, n_hidden, n_out]"
        )
    return sizes


def _known(name, given, known):
    if not isinstance(given, str) or given not in known:
        raise ValueError(
            f"{name} is {given!r}; expected {' or '.join(map(repr, known))}"
        )
    return given


def _sequences(name, given, width, stack, dtype):
    """Return finite (steps, batch, width) or (*stack, steps, batch, width) numbers."""
    try:
        shape = np.shape(given)
    except ValueError as error:
        raise ValueError(f"{name} is no array of real numbers: {error}") from None
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

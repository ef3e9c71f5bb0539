"""A backward pass as a list of lines, in each of which a mistake can be made.

It is written plainly, apart from the networks' own: the lines are those of `_table` and
`_time`, and a choice puts another formula in the place of one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from types import SimpleNamespace

import numpy as np

from backprop_lib import _packing
from backprop_lib._table import FACTORS, RIGHT, WRONG, Mistake, transposed
from backprop_lib.activations import ACTIVATIONS
from backprop_lib.losses import LOSSES, first_delta


@dataclass(frozen=True)
class Choice:
    """A mistake as it is made in one line: its formula there, and its name.

    ``kind`` is the same for all lines in which the same mistake can be made; None if
    it stands alone.  ``everywhere`` is its name where it is made in all of them.
    """

    mistake: Mistake
    option: object
    name: str
    kind: str | None
    everywhere: str

    def formula(self, s):
        """Return what the line computes with it."""
        if self.mistake.options is None and not self.mistake.rated:
            return self.mistake.wrong(s)
        return self.mistake.wrong(s, self.option)

    def at_rate(self, rate):
        """Return the same with a learning rate."""
        told = [
            name.format(option=f"{rate:.3g}") for name in (self.name, self.everywhere)
        ]
        return Choice(self.mistake, rate, told[0], self.kind, told[1])


@dataclass(frozen=True)
class Line:
    """A line: what it sees, where its value goes, the right formula, and the wrong.

    ``offered()`` returns the choices for it, which nobody may ask for.  ``part`` says
    which numbers of the gradient its value is, or is None.  With ``kept``, the formula
    itself is put in its place, for a later line to call.
    """

    s: SimpleNamespace
    name: str
    right: Callable
    offered: Callable
    into: tuple
    part: slice | None = None
    kept: bool = False

    @cached_property
    def choices(self):
        """The mistakes that can be made in it."""
        return self.offered()

    def value(self, choice=None):
        """Return what the line computes, with a mistake or without."""
        formula = self.right if choice is None else choice.formula
        return formula if self.kept else formula(self.s)

    def put(self, value):
        """Hand the value on to the lines below."""
        for s in self.into:
            if self.kept:
                s.use[self.name] = value
            elif self.name == "start":
                s.error, s.fused = value
            else:
                setattr(s, _WRITES.get(self.name, self.name), value)


_WRITES = {"slope": "delta", "blame": "error", "share": "delta"}


@dataclass(frozen=True)
class WrittenPass:
    """A pass over a network's data: its lines, and what may multiply its gradient.

    ``blocks`` holds a slice of the gradient for each layer, which is (*stack, P).
    """

    lines: tuple
    factors: dict
    blocks: tuple
    shape: tuple

    def gradient(self, choices=None):
        """Return the gradient; ``choices`` holds what is made wrong, by line."""
        choices, flat = choices or {}, np.empty(self.shape, self.dtype)
        # ∂L/∂o of a cross-entropy may be infinite, and is then no candidate.
        with np.errstate(over="ignore", invalid="ignore"):
            for k, line in enumerate(self.lines):
                value = line.value(choices.get(k))
                line.put(value)
                if line.part is not None:
                    flat[..., line.part] = self.row(value)
        return flat

    @property
    def dtype(self):
        """Of the gradient."""
        return self.lines[0].s.net.dtype

    def row(self, value):
        """Return a part of the gradient in a row, (*stack, size)."""
        return value.reshape(*self.shape[:-1], -1)


def choices(s, line, table, words, every):
    """Return the choices that a table offers for a line.

    ``words`` fill the names for this line, ``every`` for all of them at once.
    """
    found = []
    for mistake in table:
        if mistake.line != line or not mistake.possible(s):
            continue
        for option in mistake.options(s) if mistake.options else [None]:
            # A learning rate is told when it is known.
            told = "{option}" if mistake.rated else option
            names = [mistake.name.format(option=told, **w) for w in (words, every)]
            kind = mistake.name if mistake.options is None else None
            found.append(Choice(mistake, option, names[0], kind, names[1]))
    return tuple(found)


def factors_of(more, *sizes):
    """Return the factors that differ from 1, by their names."""
    found = {name: factor(*sizes) for name, factor in FACTORS.items()} | more
    return {name: factor for name, factor in found.items() if factor != 1}


def plain_pass(network, x, t, at_kink=None, way_back=None):
    """Return the pass over a `Network`.

    Parameters
    ----------
    network : Network
    x, t : arrays
        As its `forward` and `backward` take them.
    at_kink : (dict, float), optional
        Which nets are on a kink, by layer, and where between its two sides' the slope
        there is, from 0 to 1.
    way_back : Network, optional
        Whose weights the error is sent back through; by default those of ``network``.
    """
    layers = plain_layers(network, x, t, at_kink)
    for s, w in zip(layers[1:], (way_back or network).weights):
        s.w = w
    blocks = _packing.blocks(network)
    below_and_block = list(zip(layers, layers[1:], blocks))
    lines = [
        line
        for below, s, block in reversed(below_and_block)
        for line in _layer_lines(s, below, block, network.loss_name)
    ]
    batch, outputs = layers[-1].out.shape[-2:]
    factors = factors_of({}, batch, outputs)
    return WrittenPass(tuple(lines), factors, tuple(blocks), network.parameters.shape)


def _layer_lines(s, below, block, loss):
    """Yield the lines of a layer: the last one begins, and the first blames none."""
    words = _words(f"layer {s.layer}", f"layer {below.layer}", loss)
    every = _words("every layer", "every layer", loss)
    stop = block.start + s.net.shape[-1]
    parts = {
        "biases": slice(block.start, stop),
        "weights": slice(stop, block.stop),
    }
    skipped = {"start"} if s is not s.layers[-1] else set()
    skipped |= {"blame"} if below.layer == 0 else set()
    for name, right in RIGHT.items():
        if name not in skipped:
            into = (below if name == "blame" else s,)
            offered = partial(choices, s, name, WRONG, words, every)
            yield Line(s, name, right, offered, into, parts.get(name))


def _words(at, below, loss):
    return {
        "at": at,
        "below": below,
        "weights": f"the weights into {at}",
        "biases": f"the biases into {at}",
        "loss": loss,
    }


def plain_layers(network, x, t, at_kink=None):
    """Return what the lines see of each layer, the input first."""
    network.loss(x, t)  # says what is wrong with x or t
    trace, t = network.forward(x), np.asarray(t, dtype=network.dtype)
    batch = trace.out[0].shape[-2]
    layers = [SimpleNamespace(layer=0, net=None, out=trace.out[0])]
    on, share = at_kink or ({}, 0.0)
    for layer in range(1, len(network.sizes)):
        f = ACTIVATIONS[network.activations[layer - 1]]
        layers.append(
            SimpleNamespace(
                layer=layer,
                layers=layers,
                net=trace.net[layer],
                out=trace.out[layer],
                slope=slopes(f, trace.net[layer], on.get(f"net[{layer}]"), share),
                inputs=trace.out[layer - 1],
                inputs_net=trace.net[layer - 1],
                w=network.weights[layer - 1],
                f=f,
                batch=batch,
                count=batch,
                example=np.arange(batch),
                step=np.ones(batch, int),
                parts=1,
                cancels=False,
                fused=None,
            )
        )
    last = layers[-1]
    # The targets of the example before, and of the one after
    last.beside = [np.roll(t, way, axis=-2) for way in (1, -1)]
    add_start(last, network, t, [(trace.end, transposed(t))])
    return layers


def slopes(f, net, on=None, share=0.0):
    """Return ∂o/∂net, at a kink as far between its two sides' as ``share`` says."""
    if f.derivative is None:
        return None
    slope = f.derivative(net)
    if on is None or not f.kinked:
        return slope
    low, high = f.derivative(np.array([-1.0, 1.0], net.dtype))
    return np.where(on, low + share * (high - low), slope)


def add_start(s, network, t, ends):
    """Add to the last layer its targets, and what begins the way back.

    ``ends`` holds what `losses.first_delta` asks for, and the targets, an example in
    each column; more than one of them, one for each step.
    """
    loss = LOSSES[network.loss_name]
    s.t, s.by_out = t, lambda out, t: loss.gradient(s.net, out, t)
    fused, s.cancels = None, loss.activation is not None
    if s.cancels:
        # o − t, without its cancellation
        start = first_delta(network.loss_name, network.activations[-1])
        deltas = []
        for end, targets in ends:
            blame, delta = np.empty((2, *end[1].shape), network.dtype)
            start(end, targets, blame, delta)
            deltas.append(transposed(delta))
        fused = np.concatenate(deltas, axis=-2)
    s.begun = s.by_out(s.out, t) / s.count, fused

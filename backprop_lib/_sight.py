"""What a comparison of two gradients can see, and what it cannot.

Three things hide an error.  At a kink of an activation every slope between the two
one-sided ones is a right answer.  Where a gradient is 0 throughout, so is most of what
a mistake makes of it.  And a value smaller than the rounding behind it has no digits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop_lib import _packing
from backprop_lib.activations import ACTIVATIONS

# What moves when every parameter moves by a few roundings is noise, up to this factor.
_SAFETY = 16
_ROUNDINGS = 4
_NUDGE = 1e-200


@dataclass(frozen=True)
class Layer:
    """How a layer's part of a gradient compares.

    ``error`` is the worst relative error, over the stack; ``state`` is "right", "wrong"
    or "unseen", and ``reason`` says what hides an error there.
    """

    error: float
    state: str
    reason: str = ""


def shifted(parameters, dtype):
    """Return parameters that differ by a few roundings, each by its own."""
    share = np.cos(np.arange(parameters.shape[-1]) ** 2.0)
    return parameters * (1 + _ROUNDINGS * np.finfo(dtype).eps * share)


@dataclass(frozen=True)
class Sight:
    """A gradient to compare with, and how much of it can be relied on.

    Attributes
    ----------
    reference : array, (*stack, P)
    tolerance : float
        Relative error that passes.
    floor : array, (*stack, P)
        What is lost of the reference for certain.
    noise : callable
        Returns how far rounding moves the reference, (*stack, P); called if needed.
    reach : array, (*stack, P)
        How far apart two right answers can be: 0 where no kink has a say.
    place : str
        Of the kink.
    method : str
        What the reference is called in a sentence.
    """

    reference: np.ndarray
    tolerance: float
    floor: np.ndarray
    noise: Callable
    reach: np.ndarray
    place: str
    method: str

    def compare(self, network, given):
        """Return a `Layer` for each layer of the network."""
        return [self._layer(given, block) for block in _packing.blocks(network)]

    def _layer(self, given, block):
        given, reference = given[..., block], self.reference[..., block]
        if not (np.isfinite(given).all() and np.isfinite(reference).all()):
            return Layer(np.inf, "wrong")
        size = np.maximum(abs(given), abs(reference))
        scale, difference = size.max(axis=-1), abs(given - reference)
        reach = self.reach[..., block]
        # Where a kink has a say, only what goes beyond any right answer counts.
        apart = np.where(reach > 0, np.maximum(difference - reach, 0), difference)
        apart, allowed = apart.max(axis=-1), self.tolerance * scale
        error = float((apart / np.where(scale == 0, 1.0, scale)).max())
        lost = self.floor[..., block].max(axis=-1)
        if (apart > allowed).any() or (lost > allowed).any():
            noise = np.where(reach > 0, 0.0, self.noise()[..., block])
            lost = lost + _SAFETY * noise.max(axis=-1)
            resolved = lost <= allowed
            if ((apart > allowed) & (resolved | (apart > allowed + lost))).any():
                return Layer(error, "wrong")
        return Layer(error, *self._state(scale, lost, (reach > 0).any()))

    def _state(self, scale, lost, on_a_kink):
        if on_a_kink:
            return "unseen", self.place
        small = (scale == 0) | (lost > self.tolerance * scale)
        if not small.any():
            return "right", ""
        first = tuple(int(i) for i in np.argwhere(small)[0])
        whose = f" in network {list(first)} of the stack" if first else ""
        if scale[first] == 0:
            return "unseen", f"the gradient is 0 throughout{whose}"
        with np.errstate(divide="ignore"):
            least = lost[first] / self.tolerance
        return (
            "unseen",
            f"the gradient is at most {scale[first]:.1e}{whose}, and {self.method} "
            f"can tell {self.tolerance:g} of it from {least:.0e} up",
        )


def find_kinks(network, x, dtype, steps=None):
    """Find the nets that some parameter's step takes over a kink.

    Parameters
    ----------
    network : Network or RecurrentNetwork
        Of float64 parameters.
    x : array
        As its `forward` takes it.
    dtype : numpy.dtype
        What the gradient was computed in: what rounding hides of a net.
    steps : array, (*stack, P), optional
        How far each parameter is moved, to both sides; by default an infinitesimal way.

    Returns
    -------
    touched : array, (*stack, P) of bool
        The parameters whose step takes a net over its kink.
    on : dict of str to array of bool
        Which nets these are: "net[1]" and so on, as in a trace.
    place : str
        Where the first of them is, and how many there are; "" if there is none.
    """
    parameters = network.parameters
    touched = np.zeros(parameters.shape, bool)
    names, nets = _kinked_nets(network, x)
    on = [np.zeros(net.shape, bool) for net in nets]
    other = network.with_parameters(shifted(parameters, dtype))
    margins = [_SAFETY * abs(a - b) for a, b in zip(nets, _kinked_nets(other, x)[1])]
    near = any((abs(net) <= m).any() for net, m in zip(nets, margins))
    looked_at = nets and (near or steps is not None)
    for place in range(parameters.shape[-1]) if looked_at else ():
        if steps is None:
            ends = [_nets_at(network, x, place, 1j * _NUDGE)]
            moves = [net.imag != 0 for net in ends[0]]
        else:
            step = steps[..., place]
            ends = [_nets_at(network, x, place, way * step) for way in (-1, 1)]
            moves = [low != high for low, high in zip(*ends)]
        for k, margin in enumerate(margins):
            low, high = np.sort([ends[0][k].real, ends[-1][k].real], axis=0)
            crossed = moves[k] & (low <= margin) & (high >= -margin)
            touched[..., place] |= crossed.any(axis=(-2, -1))
            on[k] |= crossed
    place = _place(names, nets, margins, on) if touched.any() else ""
    return touched, {name: over for (name, *_), over in zip(names, on)}, place


def _nets_at(network, x, place, step):
    nudged = network.parameters.astype(np.result_type(step, float))
    nudged[..., place] += step
    return _kinked_nets(network.with_parameters(nudged), x)[1]


def _kinked_nets(network, x):
    """Return (name, activation, first column) and the net of all kinked neurons.

    Of a recurrent network, an array for each step; the gates of a gru have no kink.
    """
    trace, names = network.forward(x), (None, *network.activations)
    if hasattr(trace, "last_net"):
        gates = trace.net[1].shape[-1] - network.sizes[1]
        arrays = [("net", k, names[1], gates, net) for k, net in _known(trace.net)]
        arrays += [("last_net", k, names[2], 0, a) for k, a in _known(trace.last_net)]
    else:
        arrays = [("net", k, names[k], 0, net) for k, net in _known(trace.net)]
    kinked = [entry for entry in arrays if ACTIVATIONS[entry[2]].kinked]
    return (
        [(f"{name}[{k}]", activation, at) for name, k, activation, at, _ in kinked],
        [net[..., at:] for *_, at, net in kinked],
    )


def _known(arrays):
    return [(k, array) for k, array in enumerate(arrays) if array is not None]


def _place(names, nets, margins, on):
    count = sum(int(over.sum()) for over in on)
    k = next(k for k, over in enumerate(on) if over.any())
    (name, activation, column), first = names[k], np.argwhere(on[k])[0]
    value, margin = nets[k][tuple(first)], margins[k][tuple(first)]
    first[-1] += column
    where = "on" if abs(value) <= margin else "within a step of"
    more = f" ({count - 1} more are)" if count > 1 else ""
    return (
        f"{name}{[int(i) for i in first]} = {value:.2g} is {where} the kink of "
        f"{activation}{more}, where every slope between the two sides' is right"
    )

"""The verdict on a gradient: what it is compared with, and what explains it."""

from functools import cache

import numpy as np

from backprop_lib import _sight
from backprop_lib._numerical import COMPLEX_STEP, numerical_gradient, step_of
from backprop_lib._reach import reach_of_slopes, rounding_of_slopes
from backprop_lib._stale import named_as_stale
from backprop_lib.mistakes import explain, written_pass
from backprop_lib.network import Network


def numerical_sight(network, x, t, method, tolerance):
    """Return what numerical derivatives of the loss can see.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x, t : arrays
        As its `forward` and `backward` take them.
    method : "complex" or "central"
    tolerance : float
        Relative error that passes.
    """
    parameters = network.parameters

    def loss(parameters):
        return network.with_parameters(parameters).loss(x, t)

    reference = numerical_gradient(loss, parameters, method)

    @cache
    def noise():
        # The same again, from beside, and with the double step.
        near = _sight.shifted(parameters.astype(float), network.dtype)
        again = numerical_gradient(lambda w: loss(near + 2 * (w - near)), near, method)
        return np.abs(again / 2 - reference) + rounding_of_slopes(network, x, t)

    if method == "complex":
        # Below the smallest normal number the nudged loss has no digits.
        steps, floor = None, np.finfo(float).tiny / COMPLEX_STEP
    else:
        steps = 2 * step_of(method, parameters.astype(float))
        size = np.abs(loss(parameters.astype(float)))
        floor = 8 * np.finfo(float).eps * np.expand_dims(size, -1) / steps
    return _sight.Sight(
        reference,
        tolerance,
        np.broadcast_to(floor, parameters.shape),
        noise,
        *_reach(network, x, t, steps),
        f"{method} differences",
    )


def plain_sight(network, x, t):
    """Return what a comparison with a pass of one's own can see."""

    def gradient(network):
        return written_pass(network, x, t).gradient() + network.decay()

    reference = gradient(network)

    @cache
    def noise():
        near = _sight.shifted(network.parameters, network.dtype)
        moved = np.abs(gradient(network.with_parameters(near)) - reference)
        return moved + rounding_of_slopes(network, x, t)

    return _sight.Sight(
        reference,
        tolerance_of(network),
        np.zeros(reference.shape),
        noise,
        *_reach(network, x, t),
        "rounding",
    )


def _reach(network, x, t, steps=None):
    """Return how far kinks let right answers be apart, (*stack, P), and their place."""
    double = network.with_parameters(network.parameters.astype(float))
    touched, on, place = _sight.find_kinks(double, x, network.dtype, steps)
    if not place:
        return np.zeros(touched.shape), ""
    reach = np.inf
    if isinstance(network, Network):
        layers = range(1, len(network.sizes))
        on = {layer: on[f"net[{layer}]"] for layer in layers if f"net[{layer}]" in on}
        reach = reach_of_slopes(double, x, t, on)
    return np.where(touched, reach, 0.0), place


def tolerance_of(network):
    """Return the relative error up to which two passes are the same."""
    return 1e-4 if network.dtype == np.float32 else 1e-8


def verdict(network, x, t, readings, sight):
    """Return how the likeliest reading compares, layer by layer, and the verdict.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x, t : arrays
        As its `forward` and `backward` take them.
    readings : list
        Of `_packing.readings`.
    sight : _sight.Sight

    Returns
    -------
    layers : list of _sight.Layer
    verdict : str
    """
    (_, flat), *others = readings
    layers = sight.compare(network, flat)
    if any(layer.state == "wrong" for layer in layers):
        return layers, _named(network, x, t, flat, others, sight) or "unknown"
    reasons = {}
    for k, layer in enumerate(layers):
        if layer.state == "unseen":
            reasons.setdefault(layer.reason, []).append(f"{k} -> {k + 1}")
    if not reasons:
        return layers, "correct"
    said = "; ".join(f"in {_listed(at)} {reason}" for reason, at in reasons.items())
    return layers, f"nothing to see here: {said}"


def _listed(layers):
    *first, last = layers
    return f"layers {', '.join(first)} and {last}" if first else f"layer {last}"


def _named(network, x, t, flat, others, sight):
    """Return what makes a wrong gradient: the likeliest first; or ""."""
    tolerance, decay = tolerance_of(network), network.decay()
    if network.weight_decay and _fits(network, flat + decay, sight):
        return "left out the weight decay"
    flat = flat - decay  # the mistakes are in what the examples say
    double = network.with_parameters(network.parameters.astype(float))
    _, on, place = _sight.find_kinks(double, x, network.dtype)
    kinks = on if place else None

    def mistakes(count):
        return explain(network, x, t, flat, tolerance, count, kinks, sight.reach)

    return (
        mistakes(1)
        or _packed_otherwise(network, others, sight)
        or named_as_stale(network, x, t, flat, tolerance)
        or mistakes(2)
    )


def _packed_otherwise(network, readings, sight):
    """Return how a gradient is packed that is right but for that, or ""."""
    for packing, flat in readings:
        if _fits(network, flat, sight):
            return f"is right, but packed {packing}"
    return ""


def _fits(network, flat, sight):
    return all(layer.state != "wrong" for layer in sight.compare(network, flat))

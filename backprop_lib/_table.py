"""The lines of a backward pass, each right, and beside it what is written instead.

In a line, ``s`` is what it can see of its layer.  Arrays hold an example in each row:
``net``, ``out`` and ``slope``; ``inputs``, the outputs of the layer below, and
``inputs_net``; ``w``, the weights into the layer; its activation ``f``; ``error`` =
∂L/∂out and ``delta`` = ∂L/∂net, 1/count included; whether the loss ``cancels`` the
activation's slope, and then ``fused``, delta in one go, else None.  ``by_out(out, t)``
is the loss's own slope.  ``example`` and ``step`` say of each row whose it is,
``batch`` how many examples there are, and ``layers`` lists all layers, the input first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop_lib._fitting import (
    broadcasts,
    has_batch,
    has_many,
    has_net_below,
    has_slope,
    is_curved,
    is_one_step,
    is_smooth,
    is_softmax,
    is_square,
    other_inputs,
    other_signals,
    other_slopes,
    other_weights,
)


def transposed(array):
    """Return the matrices of a stack, each with its rows as columns."""
    return np.swapaxes(array, -1, -2)


def weighed(error, out, axis=-1):
    """Return softmax's ∂o/∂net times an error: o_j (e_j - Σ_k o_k e_k)."""
    return out * (error - (out * error).sum(axis=axis, keepdims=True))


def softmax_of(net, axis):
    """Return exp(net) / Σ exp(net) along an axis."""
    powers = np.exp(net - net.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def right_slope(s):
    """Return δ_j = ∂o_j/∂net_j · ∂L/∂o_j, and for softmax the sum over all outputs."""
    if s.fused is not None:
        return s.fused
    return weighed(s.error, s.out) if is_softmax(s) else s.slope * s.error


RIGHT = {
    # ∂L/∂o_j, and o_j − t_j where the loss cancels the slope
    "start": lambda s: s.begun,
    # δ_j = ∂o_j/∂net_j · ∂L/∂o_j
    "slope": right_slope,
    # ∂L/∂b_j = δ_j, summed over the batch
    "biases": lambda s: s.delta.sum(axis=-2, keepdims=True),
    # ∂L/∂w_ij = o_i δ_j, summed over the batch
    "weights": lambda s: transposed(s.inputs) @ s.delta,
    # ∂L/∂o_i = Σ_j w_ij δ_j, of the layer below
    "blame": lambda s: s.delta @ transposed(s.w),
}


@dataclass(frozen=True)
class Mistake:
    """A line, what stands there instead, its name, and whether it can be made there.

    In ``name``, {at} is the layer, {below} where the error goes from there, {weights}
    and {biases} those into it.  With ``options(s)`` there is one mistake for each of
    what it returns; ``wrong(s, option)`` takes it, and {option} names it.  With
    ``rated``, the option is a learning rate, which only the numbers can tell.
    """

    line: str
    wrong: Callable
    name: str
    possible: Callable = lambda s: True
    options: Callable | None = None
    rated: bool = False


# What begins the way back otherwise


def _start(s, out, t):
    """Return ∂L/∂out and, where they cancel, δ, of other outputs or targets."""
    fused = None if s.begun[1] is None else (out - t) / s.count
    return s.by_out(out, t) / s.count, fused


def _only(s, rows):
    """Return the start, 0 for all but these rows."""
    mask = rows[:, None].astype(s.net.dtype)
    return tuple(None if part is None else mask * part for part in s.begun)


def _wrong_axis(s):
    out = softmax_of(s.net, -2)
    return (out - s.t) / s.count, out


WRONG = (
    Mistake(
        "start",
        lambda s: _start(s, s.out, s.beside[0]),
        "compared each example with the target of the example before it",
        has_batch,
    ),
    Mistake(
        "start",
        lambda s: _start(s, s.out, s.beside[1]),
        "compared each example with the target of the example after it",
        has_batch,
    ),
    Mistake(
        "start",
        lambda s: _only(s, s.example == s.batch - 1),
        "counted only the last example of the batch",
        has_batch,
    ),
    Mistake(
        "start",
        lambda s: _only(s, s.example == 0),
        "counted only the first example of the batch",
        has_batch,
    ),
    Mistake(
        "start",
        lambda s: _start(s, s.out, s.t.mean(axis=-2, keepdims=True)),
        "subtracted all targets from each output, as (batch, 1) - (batch,) broadcasts",
        broadcasts,
    ),
    Mistake(
        "start",
        lambda s: _start(s, s.out.mean(axis=-2, keepdims=True) + 0 * s.out, s.t),
        "subtracted each target from all outputs, as (batch,) - (batch, 1) broadcasts",
        broadcasts,
    ),
    Mistake(
        "slope",
        lambda s: s.error,
        "left out the activation's derivative in {at}",
        is_curved,
    ),
    Mistake(
        "slope",
        lambda s: s.f.derivative(s.out) * s.error,
        "took the activation's derivative at out, not at net, in {at}",
        is_smooth,
    ),
    Mistake(
        "slope",
        lambda s: s.out * s.error,
        "took the activation itself for its derivative in {at}",
        lambda s: not is_softmax(s),
    ),
    Mistake(
        "slope",
        lambda s: s.slope**2 * s.error,
        "multiplied by the activation's derivative twice in {at}",
        lambda s: is_smooth(s) and not s.cancels,
    ),
    Mistake(
        "slope",
        lambda s: s.out * (1 - s.out) * s.error,
        "took the sigmoid's derivative, o(1 - o), in {at}",
        lambda s: has_slope(s) and s.f.name != "sigmoid",
    ),
    Mistake(
        "slope",
        lambda s: (
            (1 + s.out ** (2 if s.f.name == "tanh" else 1))
            * (s.out if s.f.name == "sigmoid" else 1)
            * s.error
        ),
        "has a + for the - in the activation's derivative in {at}",
        is_smooth,
    ),
    Mistake(
        "slope",
        lambda s, other: s.layers[other].slope * s.error,
        "took the slope of layer {option} in {at}",
        has_slope,
        options=other_slopes,
    ),
    Mistake(
        "slope",
        lambda s: s.out * (1 - s.out) * s.error,
        "took the outputs of softmax as independent of each other in {at}",
        is_softmax,
    ),
    Mistake(
        "slope",
        lambda s: weighed(s.error, s.out, axis=-2),
        "summed softmax's derivative over the batch, not over the outputs, in {at}",
        lambda s: is_softmax(s) and is_one_step(s),
    ),
    Mistake(
        "slope",
        lambda s: (
            _wrong_axis(s)[0]
            if s.fused is not None
            else weighed(*_wrong_axis(s), axis=-2)
        ),
        "normalised softmax over the batch, not over the outputs, in {at}",
        lambda s: is_softmax(s) and is_one_step(s),
    ),
    Mistake(
        "slope",
        lambda s: s.out * (1 - s.out) * s.fused,
        "multiplied by the activation's derivative in {at}, which {loss} cancels",
        lambda s: s.cancels,
    ),
    Mistake(
        "slope",
        lambda s: weighed(s.fused, s.out),
        "took the squared error's gradient in {at}, not that of {loss}",
        lambda s: s.cancels and is_softmax(s),
    ),
    Mistake(
        "biases",
        lambda s: 0.0 * s.delta.sum(axis=-2, keepdims=True),
        "left the gradient of {biases} at zero",
    ),
    Mistake(
        "biases",
        lambda s: s.delta.sum(axis=-2, keepdims=True) / s.batch,
        "averaged {biases} over the batch a second time",
        has_batch,
    ),
    Mistake(
        "biases",
        lambda s: -s.delta.sum(axis=-2, keepdims=True),
        "has the wrong sign in {biases}, as of thresholds",
    ),
    Mistake(
        "biases",
        lambda s: s.error.sum(axis=-2, keepdims=True),
        "left out the activation's derivative in {biases}",
        lambda s: s.parts == 1 and is_curved(s),
    ),
    Mistake(
        "biases",
        lambda s: s.delta.sum(axis=(-2, -1), keepdims=True) + 0.0 * s.delta[..., :1, :],
        "gave {biases} one number, the sum over all neurons",
        has_many,
    ),
    Mistake(
        "biases",
        lambda s: s.delta[..., :1, :],
        "took {biases} of the first example only",
        has_batch,
    ),
    Mistake(
        "weights",
        lambda s: 0.0 * (transposed(s.inputs) @ s.delta),
        "left the gradient of {weights} at zero",
    ),
    Mistake(
        "weights",
        lambda s: transposed(s.delta) @ s.inputs,
        "transposed the gradient of {weights}",
        is_square,
    ),
    Mistake(
        "weights",
        lambda s: transposed(s.inputs_net) @ s.delta,
        "used net, not out, as the input of {weights}",
        has_net_below,
    ),
    Mistake(
        "weights",
        lambda s: transposed(s.out) @ s.delta,
        "used the outputs of {at} as the input of its own weights",
        lambda s: is_square(s) and s.layers,
    ),
    Mistake(
        "weights",
        lambda s, other: transposed(s.layers[other].out) @ s.delta,
        "used the outputs of layer {option} as the input of {weights}",
        options=other_inputs,
    ),
    Mistake(
        "weights",
        lambda s, other: transposed(s.inputs) @ s.layers[other].delta,
        "used the error signal of layer {option} for {weights}",
        options=other_signals,
    ),
    Mistake(
        "blame",
        lambda s: s.delta @ s.w,
        "did not transpose the weights on the way to {below}",
        is_square,
    ),
    Mistake(
        "blame",
        lambda s: s.delta.sum(axis=-1, keepdims=True) + np.zeros_like(s.inputs),
        "left out the weights on the way back to {below}",
    ),
    Mistake(
        "blame",
        lambda s: s.error @ transposed(s.w),
        "sent the error back from {at} without its activation's derivative",
        is_curved,
    ),
    Mistake(
        "blame",
        lambda s: s.delta[..., -1:] @ transposed(s.w[..., -1:]),
        "counted only the last path on the way to {below}, with = for +=",
        has_many,
    ),
    Mistake(
        "blame",
        lambda s: s.delta[..., :1] @ transposed(s.w[..., :1]),
        "counted only the first path on the way to {below}",
        has_many,
    ),
    Mistake(
        "blame",
        lambda s: s.delta @ transposed(s.w) / s.w.shape[-1],
        "took the mean, not the sum, over the paths on the way to {below}",
        has_many,
    ),
    Mistake(
        "blame",
        lambda s: -s.delta @ transposed(s.w),
        "has the wrong sign on the way to {below}",
    ),
    Mistake(
        "blame",
        lambda s: s.delta.sum(axis=-1, keepdims=True) * s.inputs,
        "took outputs for the weights on the way to {below}",
    ),
    Mistake(
        "blame",
        lambda s, other: s.delta @ transposed(s.layers[other].w),
        "took the weights into layer {option} on the way to {below}",
        options=other_weights,
    ),
    Mistake(
        "blame",
        # w − η ∂L/∂w
        lambda s, rate: (
            s.delta @ transposed(s.w - rate * (transposed(s.inputs) @ s.delta))
        ),
        "sent the error back to {below} through weights already updated (learning rate "
        "{option})",
        rated=True,
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

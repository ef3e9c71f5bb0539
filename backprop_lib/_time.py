"""The lines of a backward pass through time, right and wrong, beside those of `_table`.

A line of the recurrent layer is kept, and called at every step, whose it sees: ``net``,
``out``, ``slope`` and ``error``, and ``inputs``, the state of the step before, which
reached it through ``w``.  Of a gru there are, for each of z, r and c (keep, reset and
candidate), what it puts out, its ``slope_z``, ``delta_z`` and ``w_z``, and so on;
``by_gated`` is ∂L/∂(r · inputs), and ``turn`` what is done to weights on the way back.
The sums over the steps see the rows of all steps, as if they were one batch.
"""

from types import SimpleNamespace

import numpy as np

from backprop_lib._fitting import is_curved, is_smooth
from backprop_lib._table import (
    RIGHT,
    WRONG,
    Mistake,
    transposed,
)
from backprop_lib.activations import sigmoid_derivative

SIMPLE = {
    "slope": RIGHT["slope"],
    # ∂L/∂out[k-1] = δ[k] @ weights[1]ᵀ
    "back": RIGHT["blame"],
}
GRU = {
    "turn": transposed,
    # δ_z = ∂z/∂keep · ∂L/∂out[k] · (out[k-1] − c)
    "keep": lambda s: s.slope_z * s.error * (s.inputs - s.c),
    # δ_c = ∂c/∂candidate · ∂L/∂out[k] · (1 − z)
    "candidate": lambda s: s.slope_c * s.error * (1 - s.z),
    # δ_r = ∂r/∂reset · ∂L/∂(r · out[k-1]) · out[k-1]
    "reset": lambda s: s.slope_r * s.by_gated * s.inputs,
    # z · ∂L/∂out[k], the path that adds, and three through the gates
    "back": lambda s: s.z * s.error + s.r * s.by_gated + s.by_gates,
}
# What of δ is summed over the steps, and what of ∂L/∂out reaches the recurrent layer
SHARE = {"share": lambda s: s.delta}


def simple_step(s, use):
    """Compute δ of a step, and return ∂L/∂ of the state before it."""
    s.delta = use["slope"](s)
    return use["back"](s)


def gru_step(s, use):
    """Compute δ of a step, and return ∂L/∂ of the state before it."""
    turn = use["turn"]
    s.delta_z, s.delta_c = use["keep"](s), use["candidate"](s)
    # ∂L/∂(r · out[k-1]) = δ_c @ weightsᵀ
    s.by_gated = s.delta_c @ turn(s.w_c)
    s.delta_r = use["reset"](s)
    s.by_gates = s.delta_z @ turn(s.w_z) + s.delta_r @ turn(s.w_r)
    s.delta = np.concatenate([s.delta_z, s.delta_r, s.delta_c], axis=-1)
    return use["back"](s)


def state_weights(s):
    """Return ∂L/∂ of the weights from the state; a gru's candidate hears r · out."""
    if s.r is None:
        return RIGHT["weights"](s)
    gates, candidate = np.split(s.delta, [2 * s.r.shape[-1]], axis=-1)
    heard, gated = transposed(s.inputs), transposed(s.r * s.inputs)
    return np.concatenate([heard @ gates, gated @ candidate], axis=-1)


def _but(s, **others):
    return SimpleNamespace(**vars(s) | others)


# The wrong lines of a step


def _nothing(s):
    return np.zeros_like(s.inputs)


def _last_steps(s, count):
    return RIGHT["blame"](s) if s.steps - s.number < count - 1 else _nothing(s)


def _at_rest(s):
    """Return f'(net) where f(net) is the state before the first step, 0; or None."""
    return {"sigmoid": 0.0, "tanh": 1.0}.get(s.f.name)


def _slope_before(s):
    slope = _at_rest(s) if s.before is None else s.before.slope
    return slope * s.error


_TRUNCATED = Mistake(
    "back",
    _nothing,
    "did not send the blame back to the step before, truncated to one step",
    lambda s: s.steps > 1,
)
_BACK = tuple(
    Mistake("back", m.wrong, m.name, m.possible, m.options)
    for m in WRONG
    if m.line == "blame" and not m.rated
)
IN_A_STEP = (
    *WRONG,
    *_BACK,
    _TRUNCATED,
    Mistake(
        "slope",
        _slope_before,
        "took the slope of the step before in {at}",
        lambda s: _at_rest(s) is not None and s.steps > 1,
    ),
    Mistake(
        "back",
        _last_steps,
        "sent the blame back over the last {option} steps only",
        options=lambda s: range(2, s.steps) if s.loss_at == "last" else [],
    ),
)
_OUT = "left out the activation's derivative in the "
_AT_OUT = "took the activation's derivative at out, not at net, in the "
IN_A_GATE = (
    Mistake("keep", lambda s: s.error * (s.inputs - s.c), _OUT + "keep gate"),
    Mistake("reset", lambda s: s.by_gated * s.inputs, _OUT + "reset gate"),
    Mistake("candidate", lambda s: s.error * (1 - s.z), _OUT + "candidate", is_curved),
    Mistake(
        "keep",
        lambda s: sigmoid_derivative(s.z) * s.error * (s.inputs - s.c),
        _AT_OUT + "keep gate",
    ),
    Mistake(
        "reset",
        lambda s: sigmoid_derivative(s.r) * s.by_gated * s.inputs,
        _AT_OUT + "reset gate",
    ),
    Mistake(
        "candidate",
        lambda s: s.f.derivative(s.c) * s.error * (1 - s.z),
        _AT_OUT + "candidate",
        is_smooth,
    ),
    Mistake(
        "keep",
        lambda s: s.slope_z * s.error * (s.c - s.inputs),
        "has the wrong sign in the keep gate, z and 1 - z exchanged",
    ),
    Mistake(
        "keep",
        lambda s: s.slope_z * s.error * s.inputs,
        "left out the candidate in the keep gate, whose 1 - z answers too",
    ),
    Mistake(
        "candidate",
        lambda s: s.slope_c * s.error * s.z,
        "took z for 1 - z on the way to the candidate",
    ),
    Mistake(
        "candidate",
        lambda s: s.slope_c * s.error,
        "left out 1 - z on the way to the candidate",
    ),
    Mistake(
        "turn",
        lambda w: w,
        "did not transpose the weights on the way to the step before",
    ),
    Mistake(
        "back",
        lambda s: s.r * s.by_gated + s.by_gates,
        "left out the path through the kept state on the way to the step before",
    ),
    Mistake(
        "back",
        lambda s: s.z * s.error + s.by_gates,
        "left out the path through the candidate on the way to the step before",
    ),
    Mistake(
        "back",
        lambda s: s.z * s.error + s.by_gated + s.by_gates,
        "left out the reset gate on the way through the candidate",
    ),
    Mistake(
        "back",
        lambda s: s.z * s.error + s.r * s.by_gated,
        "left out the paths through the gates on the way to the step before",
    ),
    _TRUNCATED,
)


# The wrong sums over the steps


def _of_step(s, number):
    """Return δ of the rows of one step, and 0 for the others."""
    return s.delta * (s.step == number)[:, None]


def _has_steps(s):
    return len(set(s.step)) > 1


_FIRST = "kept only the first step's share of the gradient of {}, with = for +="
OVER_TIME = (
    Mistake(
        "start",
        lambda s: tuple(
            None if part is None else part * (s.step == s.steps)[:, None]
            for part in s.begun
        ),
        "counted the loss of the last step only",
        _has_steps,
    ),
    Mistake("share", lambda s: _of_step(s, 1), _FIRST.format("{at}"), _has_steps),
    Mistake(
        "share",
        lambda s: _of_step(s, s.steps),
        "kept only the last step's share of the gradient of {at}",
        lambda s: _has_steps(s) and s.loss_at == "every",
    ),
    Mistake(
        "share",
        lambda s: s.delta / s.steps,
        "took the mean, not the sum, over the steps in the gradient of {at}",
        lambda s: _has_steps(s) and s.layer == 1,
    ),
    Mistake(
        "biases",
        lambda s: RIGHT["biases"](_but(s, delta=_of_step(s, 1))),
        _FIRST.format("{biases}"),
        _has_steps,
    ),
    Mistake(
        "weights",
        lambda s: state_weights(_but(s, delta=_of_step(s, 1))),
        _FIRST.format("{weights}"),
        # The state before the first step is 0.
        lambda s: _has_steps(s) and s.inputs[..., s.step == 1, :].any(),
    ),
    Mistake(
        "weights",
        lambda s, late: state_weights(_but(s, inputs=s.late[late])),
        "used the {option} for {weights}",
        options=lambda s: s.late,
    ),
    Mistake(
        "weights",
        RIGHT["weights"],
        "left out the reset gate in the gradient of {weights}",
        lambda s: s.r is not None,
    ),
    Mistake(
        "blame",
        lambda s: RIGHT["blame"](_but(s, delta=_of_step(s, s.steps))),
        "sent the error back to {below} from the last step only",
        _has_steps,
    ),
)

# What multiplies the gradient of a loss at every step, and of one at the last.
STEP_FACTORS = {
    "every": {
        "summed over the steps instead of averaging": float,
        "averaged over the steps twice": lambda steps: 1.0 / steps,
    },
    "last": {"averaged over the steps too": lambda steps: 1.0 / steps},
}

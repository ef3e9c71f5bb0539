"""The pass of `_time` over a recurrent network: its lines, and what each of them sees.

Of the layers, 1 is the recurrent one and 2 the last.  What is summed over the steps
stands in rows, those of the first step first.
"""

from functools import partial
from types import SimpleNamespace

import numpy as np

from backprop_lib import _time
from backprop_lib._pass import (
    Line,
    WrittenPass,
    add_start,
    choices,
    factors_of,
    slopes,
)
from backprop_lib._table import RIGHT, WRONG, transposed
from backprop_lib.activations import ACTIVATIONS

_EVERY = {
    "at": "every layer",
    "below": "layer 1 and to the step before",
    "weights": "the weights into every layer",
    "biases": "the biases into every layer",
}
_LAST = {
    "at": "layer 2",
    "below": "layer 1",
    "weights": "the weights into layer 2",
    "biases": "the biases into layer 2",
}
_RECURRENT = {
    "at": "layer 1",
    "below": "the step before",
    "biases": "the biases into layer 1",
}


def unrolled_pass(network, x, t, at_kink=None, way_back=None):
    """Return the pass over a `RecurrentNetwork`, as `_pass.plain_pass` does."""
    network.loss(x, t)  # says what is wrong with x or t
    x, t = (np.asarray(a, dtype=network.dtype) for a in (x, t))
    trace, way_back = network.forward(x), way_back or network
    last = _last_layer(network, trace, t, at_kink, way_back)
    hidden, sums = _recurrent_layer(network, trace, x, at_kink, way_back)
    n_in, n_hidden, n_out = network.sizes
    wide, count = network.weights[0].shape[-1], network.parameters.shape[-1]
    ends = np.cumsum([0, wide, n_in * wide, n_hidden * wide, n_out, n_hidden * n_out])
    biases, from_x, from_state, last_biases, last_weights = map(slice, ends, ends[1:])
    loss = {"loss": network.loss_name}
    every, words = _EVERY | loss, _LAST | loss
    summed = SimpleNamespace(**vars(last))
    lines = [
        _line(last, "start", RIGHT, words, every, (last, summed)),
        _line(last, "slope", RIGHT, words, every),
        _line(last, "share", _time.SHARE, words, every, (summed,)),
        _line(summed, "biases", RIGHT, words, every, part=last_biases),
        _line(summed, "weights", RIGHT, words, every, part=last_weights),
        _line(last, "blame", RIGHT, words, every, (hidden,)),
    ]
    words = _RECURRENT | loss
    table, seen = (
        (_time.SIMPLE, _time.IN_A_STEP)
        if network.cell == "simple"
        else (_time.GRU, _time.IN_A_GATE)
    )
    for name, right in table.items():
        told = words | {"weights": ""}
        offered = partial(choices, hidden.seen[-1], name, seen, told, every)
        lines.append(Line(hidden, name, right, offered, (hidden,), kept=True))
    lines.append(Line(hidden, "delta", _through_time, tuple, (hidden,)))
    lines.append(
        _line(hidden, "share", _time.SHARE, words | {"weights": ""}, every, sums)
    )
    for s, name, part in zip(
        sums, ("biases", "weights", "weights"), (biases, from_x, from_state)
    ):
        right = RIGHT["biases"] if name == "biases" else _time.state_weights
        lines.append(_line(s, name, {name: right}, words | s.words, every, part=part))
    steps, batch = trace.inputs.shape[-3:-1]
    more = _time.STEP_FACTORS[network.loss_at]
    more = {name: factor(steps) for name, factor in more.items()}
    return WrittenPass(
        tuple(lines),
        factors_of(more, batch, n_out),
        (slice(0, ends[3]), slice(ends[3], count)),
        network.parameters.shape,
    )


def _line(s, name, table, words, every, into=None, part=None):
    wrong = (*WRONG, *_time.OVER_TIME)
    offered = partial(choices, s, name, wrong, words, every)
    return Line(s, name, table[name], offered, into or (s,), part)


def _rows(arrays):
    return np.concatenate(arrays, axis=-2)


def _known(arrays):
    return [array for array in arrays if array is not None]


def _kinks(at_kink, name, steps):
    """Return what is on a kink at these steps, in rows, or None; and the share."""
    on, share = at_kink or ({}, 0.0)
    found = [on[f"{name}[{k}]"] for k in steps if f"{name}[{k}]" in on]
    return (_rows(found) if found else None), share


def _last_layer(network, trace, t, at_kink, way_back):
    steps, batch = trace.inputs.shape[-3:-1]
    read = [k for k in range(1, steps + 1) if trace.last_out[k] is not None]
    targets = [t] if network.loss_at == "last" else list(np.moveaxis(t, -3, 0))
    net = _rows(_known(trace.last_net))
    f = ACTIVATIONS[network.activations[1]]
    has_net = network.cell == "simple"
    s = SimpleNamespace(
        layer=2,
        loss_at=network.loss_at,
        layers=[],
        net=net,
        out=_rows(_known(trace.last_out)),
        slope=slopes(f, net, *_kinks(at_kink, "last_net", read)),
        inputs=_rows([trace.out[k] for k in read]),
        inputs_net=_rows([trace.net[k] for k in read]) if has_net else None,
        late={"state of the step before": _rows([trace.out[k - 1] for k in read])},
        r=None,
        w=way_back.weights[2],
        f=f,
        parts=1,
        batch=batch,
        count=batch * len(read),
        example=np.tile(np.arange(batch), len(read)),
        step=np.repeat(read, batch),
        steps=steps,
        beside=[_rows([np.roll(t, way, axis=-2) for t in targets]) for way in (1, -1)],
    )
    ends = [
        ((*end[:-1], s.count), transposed(target))
        for end, target in zip(_known(trace.ends), targets)
    ]
    add_start(s, network, _rows(targets), ends)
    return s


def _recurrent_layer(network, trace, x, at_kink, way_back):
    """Return what its lines see, and what those of its three sums do."""
    steps, batch = trace.inputs.shape[-3:-1]
    seen = []
    for k in range(1, steps + 1):
        on, share = _kinks(at_kink, "net", [k])
        seen.append(_step(network, trace, k, on, share, way_back))
        seen[-1].before = seen[-2] if k > 1 else None
    gated = network.cell == "gru"
    hidden = SimpleNamespace(
        layer=1,
        loss_at=network.loss_at,
        use={},
        seen=seen,
        move=_time.gru_step if gated else _time.simple_step,
        read=[k for k in range(1, steps + 1) if trace.last_out[k] is not None],
        example=np.tile(np.arange(batch), steps),
        step=np.repeat(np.arange(1, steps + 1), batch),
        steps=steps,
        batch=batch,
    )
    x = [x[..., k, :, :] for k in range(steps)]
    common = {
        "layer": 1,
        "layers": [],
        "net": _rows(_known(trace.net)),
        "out": None,
        "inputs_net": None,
        "inputs": None,
        "late": {},
        "r": None,
        "f": ACTIVATIONS[network.activations[0]],
        "parts": 3 if gated else 1,
        "cancels": False,
        "fused": None,
    }
    common |= {
        name: vars(hidden)[name] for name in ("example", "step", "steps", "batch")
    }
    biases = SimpleNamespace(**common, words={"weights": ""})
    hidden.listening = biases
    from_x = SimpleNamespace(
        **common
        | {
            "inputs": _rows(x),
            "late": {"input of the step before": _rows([x[-1], *x[:-1]])},
        },
        words={"weights": "the weights from the input"},
    )
    before = [s.inputs for s in seen]
    nets = None
    if not gated:
        nets = _rows([0 * trace.net[1], *(trace.net[k] for k in range(1, steps))])
    from_state = SimpleNamespace(
        **common
        | {
            "inputs": _rows(before),
            "inputs_net": nets,
            "late": {"state of the same step": _rows([*before[1:], trace.out[steps]])},
            "r": _rows([s.r for s in seen]) if gated else None,
        },
        words={"weights": "the recurrent weights"},
    )
    return hidden, (biases, from_x, from_state)


def _step(network, trace, k, on, share, way_back):
    """Return what the lines of the recurrent layer see of step k."""
    f, w = ACTIVATIONS[network.activations[0]], way_back.weights[1]
    steps = len(trace.out) - 1
    s = SimpleNamespace(
        layer=1,
        layers=[],
        number=k,
        steps=steps,
        loss_at=network.loss_at,
        out=trace.out[k],
        inputs=trace.out[k - 1],
        inputs_net=trace.net[k - 1],
        net=trace.net[k],
        w=w,
        f=f,
        cancels=False,
        fused=None,
    )
    if network.cell == "simple":
        s.slope = slopes(f, s.net, on, share)
        return s
    s.z, s.r, s.c = np.split(trace.gates[k], 3, axis=-1)
    nets = np.split(trace.net[k], 3, axis=-1)
    gate = ACTIVATIONS["sigmoid"]
    s.slope_z, s.slope_r = slopes(gate, nets[0]), slopes(gate, nets[1])
    s.slope_c = slopes(f, nets[2], on, share)
    s.w_z, s.w_r, s.w_c = np.split(w, 3, axis=-1)
    return s


def _through_time(hidden):
    """Return δ of every step, in rows, and keep ∂L/∂out beside it."""
    by_step = np.split(hidden.error, len(hidden.read), axis=-2)
    by_step = dict(zip(hidden.read, by_step))
    after = 0.0
    for s in reversed(hidden.seen):
        # ∂L/∂out[k]: of the last layer, and of the step after
        s.error = by_step.get(s.number, 0.0) + after
        after = hidden.move(s, hidden.use)
    hidden.listening.error = _rows([s.error for s in hidden.seen])
    return _rows([s.delta for s in hidden.seen])

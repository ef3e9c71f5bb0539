"""What `diagnose` says of networks in time, at kinks, of functions, and of twins.

The wrong passes here are written by hand, a step at a time, by someone who never saw
the library's table.  `test_gradcheck.py` has those of plain networks.
"""

import re

import numpy as np
import pytest
from _networks import backward, rng

import backprop_lib as bp
from backprop_lib.gradcheck import check_gradient, diagnose
from backprop_lib.mistakes import mistaken_gradients
from benchmarks import bench_diagnose


def drawn(network, seed=9):
    """Give a network biases other than 0, so that a mistake in them shows."""
    shape = network.parameters.shape
    network.parameters += 0.3 * rng(seed).standard_normal(shape)
    return network


def make(sizes=(3, 4, 3), **settings):
    return drawn(bp.Network(sizes, rng=rng(), **settings))


def data(network, batch=5):
    x = rng(1).normal(size=(batch, network.sizes[0]))
    t = rng(2).uniform(size=(batch, network.sizes[-1]))
    return x, t / t.sum(axis=-1, keepdims=True)


def sigmoid(net):
    return 1 / (1 + np.exp(-net))


def names_of(verdict):
    return verdict.partition("; ")[0].split(" or ")


# Through time, by hand


def in_time(sizes=(2, 3, 2), **settings):
    settings = {"activation": ["sigmoid", "sigmoid"]} | settings
    return drawn(bp.RecurrentNetwork(sizes, rng=rng(), **settings))


def sequences(network, steps=4, batch=5):
    n_in, _, n_out = network.sizes
    x = rng(1).normal(size=(steps, batch, n_in))
    lead = (steps, batch) if network.loss_at == "every" else (batch,)
    return x, rng(2).uniform(size=(*lead, n_out))


def simple_by_hand(network, x, t, mistake=None):
    """A pass of sigmoids and ½(o − t)², with one thing done wrong."""
    (W, U, V), (b, c), steps = network.weights, network.biases, len(x)
    every, batch = network.loss_at == "every", x.shape[1]
    net, out, last = [None], [np.zeros((batch, len(U)))], [None]
    for k in range(steps):
        net.append(x[k] @ W + out[-1] @ U + b)
        out.append(sigmoid(net[-1]))
        last.append(sigmoid(out[-1] @ V + c))
    count = batch if mistake == "sum over the steps" or not every else batch * steps
    count = count * steps if mistake == "mean of a mean" else count
    parts = {name: 0 for name in ("W", "U", "b", "V", "c")}
    after = np.zeros_like(out[0])
    for k in range(steps, 0, -1):
        error = after
        if every or k == steps:
            miss = (last[k] - (t[k - 1] if every else t)) / count
            if mistake == "last step's loss" and k < steps:
                miss = 0 * miss
            delta = miss * last[k] * (1 - last[k])
            heard = out[k - 1] if mistake == "state before, last layer" else out[k]
            if mistake == "= for +=, last layer":
                parts["V"] = parts["c"] = 0
            parts["V"] = parts["V"] + heard.T @ delta
            parts["c"] = parts["c"] + delta.sum(axis=0)
            sent = miss if mistake == "no last slope on the way" else delta
            if not (mistake == "blame of the last step" and k < steps):
                error = error + sent @ V.T
        slope = out[k] * (1 - out[k])
        if mistake == "no slope":
            slope = 1.0
        if mistake == "slope at out":
            slope = sigmoid(out[k]) * (1 - sigmoid(out[k]))
        if mistake == "slope one step late":
            slope = out[k - 1] * (1 - out[k - 1])
            slope = slope * (k > 1)
        delta = slope * error
        if mistake == "= for +=":
            parts["W"] = parts["U"] = parts["b"] = 0
        if mistake == "= for +=, input":
            parts["W"] = 0
        if mistake == "= for +=, biases":
            parts["b"] = 0
        state = out[k] if mistake == "same state" else out[k - 1]
        if mistake == "net for state":
            state = net[k - 1] if k > 1 else 0 * out[0]
        given = x[k - 2] if mistake == "input before" else x[k - 1]
        share = steps if mistake == "mean over the steps" else 1
        parts["W"] = parts["W"] + given.T @ delta / share
        by_state = state.T @ delta / share
        parts["U"] = parts["U"] + (
            by_state.T if mistake == "U's gradient.T" else by_state
        )
        parts["b"] = parts["b"] + delta.sum(axis=0) / share
        back = U if mistake == "U for U.T" else U.T
        back = np.ones_like(U) if mistake == "no U" else back
        after = (error if mistake == "no slope through time" else delta) @ back
        if mistake == "one step":
            after = 0 * after
        if mistake == "three steps" and k == steps - 2:
            after = 0 * after
        if mistake == "sign through time":
            after = -after
    if mistake == "no U gradient":
        parts["U"] = 0 * parts["U"]
    return [parts["W"], parts["U"], parts["b"], parts["V"], parts["c"]]


SIMPLE = [
    (None, "correct"),
    ("no slope", "left out the activation's derivative in layer 1"),
    ("slope at out", "took the activation's derivative at out, not at net, in layer 1"),
    ("slope one step late", "took the slope of the step before in layer 1"),
    (
        "no last slope on the way",
        "sent the error back from layer 2 without its activation's derivative",
    ),
    (
        "no slope through time",
        "sent the error back from layer 1 without its activation's derivative",
    ),
    ("U for U.T", "did not transpose the weights on the way to the step before"),
    ("no U", "left out the weights on the way back to the step before"),
    ("sign through time", "has the wrong sign on the way to the step before"),
    (
        "one step",
        "did not send the blame back to the step before, truncated to one step",
    ),
    (
        "= for +=",
        "kept only the first step's share of the gradient of layer 1, with = for +=",
    ),
    (
        "= for +=, input",
        "kept only the first step's share of the gradient of the weights from the "
        "input, with = for +=",
    ),
    (
        "= for +=, biases",
        "kept only the first step's share of the gradient of the biases into layer 1, "
        "with = for +=",
    ),
    (
        "mean over the steps",
        "took the mean, not the sum, over the steps in the gradient of layer 1",
    ),
    ("same state", "used the state of the same step for the recurrent weights"),
    ("net for state", "used net, not out, as the input of the recurrent weights"),
    (
        "input before",
        "used the input of the step before for the weights from the input",
    ),
    (
        "state before, last layer",
        "used the state of the step before for the weights into layer 2",
    ),
    ("U's gradient.T", "transposed the gradient of the recurrent weights"),
    ("no U gradient", "left the gradient of the recurrent weights at zero"),
]
AT_LAST = [("three steps", "sent the blame back over the last 3 steps only")]
AT_EVERY = [
    ("sum over the steps", "summed over the steps instead of averaging"),
    ("mean of a mean", "averaged over the steps twice"),
    ("last step's loss", "counted the loss of the last step only"),
    (
        "blame of the last step",
        "sent the error back to layer 1 from the last step only",
    ),
    (
        "= for +=, last layer",
        "kept only the first step's share of the gradient of layer 2, with = for +=",
    ),
]


@pytest.mark.parametrize(
    ("mistake", "verdict", "loss_at"),
    [
        *((*one, "last") for one in (*SIMPLE, *AT_LAST)),
        *((*one, "every") for one in (*SIMPLE, *AT_EVERY)),
    ],
)
def test_a_pass_through_time_that_was_written_wrong_is_diagnosed(
    mistake, verdict, loss_at
):
    network = in_time(loss_at=loss_at)
    x, t = sequences(network)
    gradient = simple_by_hand(network, x, t, mistake)
    assert diagnose(network, x, t, gradient) == verdict
    assert check_gradient(network, x, t, gradient).verdict == verdict
    # Other weights, and the verdict does not stand.
    other = drawn(network.copy(), seed=4)
    assert diagnose(other, x, t, gradient) == "unknown"


def gru_by_hand(network, x, t, mistake=None):
    """A pass of a gru, tanh and sigmoid, and ½(o − t)², with one thing done wrong."""
    n, (W, U, V), (b, c) = network.sizes[1], network.weights, network.biases
    Uz, Ur, Uc = np.split(U, 3, axis=1)
    out, past = [np.zeros((x.shape[1], n))], []
    for step in x:
        before = out[-1]
        pre = step @ W + b
        z = sigmoid(pre[:, :n] + before @ Uz)
        r = sigmoid(pre[:, n : 2 * n] + before @ Ur)
        candidate = np.tanh(pre[:, 2 * n :] + (r * before) @ Uc)
        out.append(z * before + (1 - z) * candidate)
        past.append((step, before, z, r, candidate))
    o = sigmoid(out[-1] @ V + c)
    delta = o * (1 - o) * (o - t) / len(t)
    by_V, by_c = out[-1].T @ delta, delta.sum(axis=0)
    by_out, by_W, by_U, by_b = delta @ V.T, 0 * W, 0 * U, 0 * b
    for step, before, z, r, candidate in reversed(past):
        slopes = [z * (1 - z), r * (1 - r), 1 - candidate**2]
        for k, name in enumerate(("keep", "reset", "candidate")):
            if mistake == f"no slope, {name}":
                slopes[k] = 1.0
        if mistake == "keep's slope at out":
            slopes[0] = sigmoid(z) * (1 - sigmoid(z))
        by_z = by_out * (
            candidate - before if mistake == "z exchanged" else before - candidate
        )
        by_z = by_out * before if mistake == "no candidate in z" else by_z
        by_candidate = by_out * {"z for 1 - z": z, "no 1 - z": 1.0}.get(mistake, 1 - z)
        turn = [w if mistake == "U for U.T" else w.T for w in (Uz, Ur, Uc)]
        dz, dc = slopes[0] * by_z, slopes[2] * by_candidate
        by_gated = dc @ turn[2]
        dr = slopes[1] * by_gated * before
        d = np.hstack([dz, dr, dc])
        by_W, by_b = by_W + step.T @ d, by_b + d.sum(axis=0)
        state = before * (1 if mistake == "no reset in U" else r)
        by_U = by_U + np.hstack([before.T @ dz, before.T @ dr, state.T @ dc])
        paths = {
            "kept": z * by_out,
            "candidate": (1 if mistake == "no reset on the way" else r) * by_gated,
            "gates": dz @ turn[0] + dr @ turn[1],
        }
        paths.pop(str(mistake).removeprefix("without path "), None)
        by_out = sum(paths.values()) * (mistake != "one step")
    return [by_b, by_W, by_U, by_c, by_V]


ON_THE_WAY = "on the way to the step before"
GRU = [
    (None, "correct"),
    ("no slope, keep", "left out the activation's derivative in the keep gate"),
    ("no slope, reset", "left out the activation's derivative in the reset gate"),
    ("no slope, candidate", "left out the activation's derivative in the candidate"),
    (
        "keep's slope at out",
        "took the activation's derivative at out, not at net, in the keep gate",
    ),
    ("z exchanged", "has the wrong sign in the keep gate, z and 1 - z exchanged"),
    (
        "no candidate in z",
        "left out the candidate in the keep gate, whose 1 - z answers too",
    ),
    ("z for 1 - z", "took z for 1 - z on the way to the candidate"),
    ("no 1 - z", "left out 1 - z on the way to the candidate"),
    ("U for U.T", f"did not transpose the weights {ON_THE_WAY}"),
    (
        "no reset in U",
        "left out the reset gate in the gradient of the recurrent weights",
    ),
    ("no reset on the way", "left out the reset gate on the way through the candidate"),
    ("without path kept", f"left out the path through the kept state {ON_THE_WAY}"),
    ("without path candidate", f"left out the path through the candidate {ON_THE_WAY}"),
    ("without path gates", f"left out the paths through the gates {ON_THE_WAY}"),
    (
        "one step",
        "did not send the blame back to the step before, truncated to one step",
    ),
]


@pytest.mark.parametrize(("mistake", "verdict"), GRU)
def test_a_pass_through_gates_that_was_written_wrong_is_diagnosed(mistake, verdict):
    network = in_time(cell="gru", activation=["tanh", "sigmoid"])
    x, t = sequences(network)
    flat = np.concatenate([a.ravel() for a in gru_by_hand(network, x, t, mistake)])
    assert diagnose(network, x, t, flat) == verdict
    other = drawn(network.copy(), seed=4)
    assert diagnose(other, x, t, flat) == "unknown"


@pytest.mark.parametrize("scale", [5.0, 20.0, 60.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_pass_that_rounds_its_slopes_is_not_accused(seed, scale):
    # o(1 − o) has few digits left where a neuron is saturated.
    for by_hand, settings in (
        (simple_by_hand, {}),
        (gru_by_hand, {"cell": "gru", "activation": ["tanh", "sigmoid"]}),
    ):
        network = drawn(in_time(**settings), seed)
        network.parameters *= scale
        x, t = sequences(network)
        flat = [a.ravel() for a in by_hand(network, x, t)]
        order = (2, 0, 1, 4, 3) if by_hand is simple_by_hand else range(5)
        said = diagnose(network, x, t, np.concatenate([flat[k] for k in order]))
        assert said.startswith(("correct", "nothing to see here"))


@pytest.mark.parametrize("cell", ["simple", "gru"])
@pytest.mark.parametrize("loss_at", ["last", "every"])
def test_mistakes_in_time_are_named_in_any_packing_and_stack(loss_at, cell):
    network = drawn(in_time(cell=cell, loss_at=loss_at, stack=(2, 3)))
    x, t = sequences(network)
    gradient = backward(network, x, t)
    right = gradient.flat.copy()
    gradient.flat[...] *= -1
    (W, U, V), (b, c) = gradient.weights, gradient.biases
    lists = ([W, U, V, b, c], [b, W, U, c, V], ([W, U, V], [b, c]), [c, V, b, W, U])
    for given in (gradient, gradient.flat, *lists):
        assert diagnose(network, x, t, given) == "has the wrong sign"
    turned = [np.swapaxes(a, -1, -2) for a in (W, U, V)]
    assert diagnose(network, x, t, [*turned, b, c]) == "has the wrong sign"
    flat = np.concatenate([a.reshape(2, 3, -1) for a in (-W, -U, -b, -V, -c)], axis=-1)
    assert diagnose(network, x, t, flat) == "is right, but packed weights before biases"
    assert diagnose(network, x, t, right) == "correct"
    right[0, 1] *= -1
    assert diagnose(network, x, t, right) == "unknown"


def test_every_mistake_in_time_is_named():
    for settings in ({}, {"cell": "gru"}, {"loss_at": "every", "stack": (2,)}):
        network = in_time(**settings)
        x, t = sequences(network)
        found = list(mistaken_gradients(network, x, t, rate=0.2))
        assert len({name for name, _ in found}) == len(found) > 50
        for name, gradient in found:
            assert name in names_of(diagnose(network, x, t, gradient))


# Two lines at once


@pytest.mark.parametrize(
    "names",
    [
        (
            "left out the activation's derivative in layer 2",
            "left the gradient of the biases into layer 1 at zero",
        ),
        (
            "did not transpose the weights on the way to layer 1",
            "left out the activation's derivative in layer 1",
        ),
        (
            "left out the activation's derivative in every layer",
            "used net, not out, as the input of the weights into layer 3",
        ),
    ],
)
def test_two_wrong_lines_at_once_are_both_named(names):
    network = make([3, 4, 4, 3])
    x, t = data(network)
    written = bench_diagnose.written_pass(network, x, t)
    single = dict(bench_diagnose.single_mistakes(written))
    both = written.gradient(single[names[0]] | single[names[1]])
    assert set(diagnose(network, x, t, both).split(", and ")) == set(names)


# The last layer


def last_layer(network, x, delta):
    return [x.T @ delta, delta.sum(axis=0)]


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_softmax_over_the_wrong_axis_is_named(loss):
    network = make([3, 4], activation="softmax", loss=loss)
    x, t = data(network)
    net = x @ network.weights[0] + network.biases[0]
    out = np.exp(net) / np.exp(net).sum(axis=0)
    delta = (out - t) / len(x)
    if loss == "squared_error":
        # The exact gradient of what was computed: each class's outputs sum to 1
        delta = out * (delta - (out * delta).sum(axis=0))
    assert diagnose(network, x, t, last_layer(network, x, delta)) == (
        "normalised softmax over the batch, not over the outputs, in layer 1"
    )


def test_other_slips_in_softmax_are_named():
    network = make([3, 4], activation="softmax")
    x, t = data(network)
    o = network.predict(x)
    error = (o - t) / len(x)
    summed = o * (error - (o * error).sum(axis=0))
    assert diagnose(network, x, t, last_layer(network, x, summed)) == (
        "summed softmax's derivative over the batch, not over the outputs, in layer 1"
    )
    alone = o * (1 - o) * error
    assert diagnose(network, x, t, last_layer(network, x, alone)) == (
        "took the outputs of softmax as independent of each other in layer 1"
    )
    classes = make([3, 4], activation="softmax", loss="cross_entropy")
    o = classes.predict(x)
    error = (o - t) / len(x)
    squared = o * (error - (o * error).sum(axis=1, keepdims=True))
    assert diagnose(classes, x, t, last_layer(classes, x, squared)) == (
        "took the squared error's gradient in layer 1, not that of cross_entropy"
    )


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("factor", [1, 5])
def test_a_subtraction_that_broadcasts_by_accident_is_named(factor, axis, loss):
    network = make([3, 1], loss=loss)
    x, t = data(network)
    t = rng(3).uniform(size=t.shape)
    out = network.predict(x)[:, 0]
    # (batch,) − (batch, 1) is (batch, batch): by row the target, by column the output
    miss = (out - t).mean(axis=axis) * factor / len(x)
    delta = miss if loss == "binary_cross_entropy" else miss * out * (1 - out)
    said = diagnose(network, x, t, last_layer(network, x, delta[:, None]))
    each, all_of = ("targets", "output") if axis == 0 else ("target", "outputs")
    assert f"{each} from " in said
    assert all_of in said
    assert "broadcasts" in said
    assert ("summed over the batch" in said) == (factor == 5)


def test_the_weights_of_another_layer_on_the_way_back_are_named():
    network = make([3, 3, 3, 3])
    x, t = data(network)
    w, out = network.weights, network.forward(x).out
    slope = [o * (1 - o) for o in out]
    delta_3 = slope[3] * (out[3] - t) / len(x)
    delta_2 = slope[2] * (delta_3 @ w[1].T)
    delta_1 = slope[1] * (delta_2 @ w[1].T)
    deltas = delta_1, delta_2, delta_3
    given = [(d.sum(axis=0), o.T @ d) for o, d in zip(out[:3], deltas, strict=True)]
    assert diagnose(network, x, t, given) == (
        "took the weights into layer 2 on the way to layer 2"
    )


# What a learning rate is in


@pytest.mark.parametrize("rate", [0.003, 0.1, 1.0, 10.0])
def test_weights_already_updated_are_named_with_their_rate(rate):
    network = make([3, 4, 3])
    x, t = data(network)
    w2, (x_, o1, o2) = network.weights[1], network.forward(x).out
    delta_2 = o2 * (1 - o2) * (o2 - t) / len(x)
    w2 = w2 - rate * o1.T @ delta_2
    delta_1 = o1 * (1 - o1) * (delta_2 @ w2.T)
    given = [x_.T @ delta_1, delta_1.sum(0), o1.T @ delta_2, delta_2.sum(0)]
    assert diagnose(network, x, t, given) == (
        f"sent the error back to layer 1 through weights already updated (learning "
        f"rate {rate:g})"
    )


def test_an_update_that_shows_in_one_layer_may_have_been_made_in_all():
    network = make([3, 3, 3, 2], activation=["relu", "sigmoid", "sigmoid"])
    network.biases[0][...] = -10.0  # no neuron of layer 1 answers
    x, t = data(network)
    made = dict(mistaken_gradients(network, x, t, rate=0.25))
    rate = "through weights already updated (learning rate 0.25)"
    every, last = (
        f"sent the error back to {a} {rate}" for a in ("every layer", "layer 2")
    )
    for name in (every, last):
        assert set(names_of(diagnose(network, x, t, made[name]))) == {every, last}


@pytest.mark.parametrize("factor", [0.7, 1.3])
def test_a_rate_is_fitted_to_nothing_that_any_rate_explains(factor):
    # One example: all that goes back to the one hidden neuron has one direction.
    network = make([1, 1, 1])
    x, t = [[0.7]], [[0.2]]
    gradient = backward(network, x, t)
    gradient.flat[:2] *= factor
    assert diagnose(network, x, t, gradient) == "unknown"
    network = make([2, 1])
    x, t = rng(1).normal(size=(1, 2)), [[0.2]]
    wrong = factor * backward(network, x, t).flat
    assert diagnose(network, x, t, wrong) == "unknown"


@pytest.mark.parametrize("rate", [0.01, 0.3])
@pytest.mark.parametrize("kind", ["plain", "simple", "gru"])
def test_what_is_from_before_the_last_step_is_named_with_its_rate(kind, rate):
    if kind == "plain":
        network = make([3, 4, 3])
        x, t = data(network)
    else:
        network = in_time(cell=kind)
        x, t = sequences(network)
    before = network.copy()
    stale = backward(before, x, t).flat
    network.parameters -= rate * stale
    assert diagnose(network, x, t, stale) == (
        f"is the gradient from before the last step (learning rate {rate:g})"
    )
    # A step the other way explains nothing.
    network.parameters += 2 * rate * stale
    assert diagnose(network, x, t, stale) == "unknown"


def test_nets_and_outputs_from_before_the_last_step_are_named():
    network = make([3, 4, 3])
    x, t = data(network)
    old = network.forward(x)
    network.parameters -= 0.2 * network.backward(old, t).flat
    _, o1, o2 = old.out
    delta_2 = o2 * (1 - o2) * (o2 - t) / len(x)
    delta_1 = o1 * (1 - o1) * (delta_2 @ network.weights[1].T)
    given = [x.T @ delta_1, delta_1.sum(0), o1.T @ delta_2, delta_2.sum(0)]
    assert diagnose(network, x, t, given) == (
        "took the nets and outputs from before the last step (learning rate 0.2)"
    )


# At a kink


def with_slopes(network, x, t, slopes):
    """Return the gradient of relu layers and ½(o − t)², each neuron with its slope."""
    nets, out = [None], [x]
    for w, b in zip(network.weights, network.biases, strict=True):
        nets.append(out[-1] @ w + b)
        out.append(np.maximum(nets[-1], 0))
    error, flat = (out[-1] - t) / len(x), []
    for l in range(len(network.weights), 0, -1):  # noqa: E741
        slope = np.where(nets[l] > 0, 1.0, 0.0)
        delta = np.where(nets[l] == 0, slopes[l - 1], slope) * error
        flat = [delta.sum(axis=0), (out[l - 1].T @ delta).ravel(), *flat]
        error = delta @ network.weights[l - 1].T
    return np.concatenate(flat)


@pytest.mark.parametrize("seed", range(20))
def test_no_slope_at_a_kink_is_accused(seed):
    draw = rng(seed)
    network = bp.Network([2, 3, 3, 2], activation="relu", rng=draw)
    x, t = draw.normal(size=(4, 2)), draw.normal(size=(4, 2))
    x[:2] = 0.0
    slopes = [draw.choice([0, 0.3, 1.0], size=(4, n)) for n in (3, 3, 2)]
    for chosen in (slopes, [0, 0, 0], [1, 1, 1]):
        gradient = with_slopes(network, x, t, chosen)
        assert diagnose(network, x, t, gradient).startswith("nothing to see here")
    # Beyond the two sides it is wrong.
    steep = with_slopes(network, x, t, [0, 0, np.array([[50.0], [0], [0], [0]])])
    assert not diagnose(network, x, t, steep).startswith("nothing to see here")


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_mistake_beside_a_kink_is_named_whatever_the_slope_there(share):
    network = bp.Network([2, 3, 3, 2], activation="relu", rng=rng(1))
    x, t = rng(1).normal(size=(4, 2)), rng(2).normal(size=(4, 2))
    x[:2] = 0.0
    gradient = with_slopes(network, x, t, [share] * 3)
    assert "has the wrong sign" in names_of(diagnose(network, x, t, -gradient))


@pytest.mark.parametrize("cell", ["simple", "gru"])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_no_slope_at_a_kink_in_time_is_accused(share, cell):
    network = bp.RecurrentNetwork(
        [2, 3, 2], cell=cell, activation=["relu", "sigmoid"], rng=rng(3)
    )
    x, t = sequences(network)
    x[:2, :2] = 0.0
    kinks = {}
    for k, net in enumerate(network.forward(x).net[1:], start=1):
        kinks[f"net[{k}]"] = net[..., -3:] == 0
    assert any(on.any() for on in kinks.values())
    written = bench_diagnose.written_pass(network, x, t, (kinks, share))
    said = diagnose(network, x, t, written.gradient())
    assert said.startswith("nothing to see here")
    assert "is on the kink of relu" in said
    assert "has the wrong sign" in names_of(
        diagnose(network, x, t, -written.gradient())
    )


# What would tell them apart


@pytest.mark.parametrize(
    ("settings", "batch", "factor", "apart"),
    [
        ({}, 2, 2.0, "another number of rows would tell them apart"),
        (
            {"sizes": [3, 4, 2]},
            5,
            0.5,
            "no data tells them apart in a network of these sizes",
        ),
    ],
)
def test_what_tells_factors_apart_is_said(settings, batch, factor, apart):
    network = make(**settings)
    x, t = data(network, batch)
    said = diagnose(network, x, t, factor * backward(network, x, t).flat)
    assert said.endswith(f"; {apart}")
    assert len(names_of(said)) == 2


def test_other_data_steps_or_weights_tell_mistakes_apart():
    # All nets are positive: a relu and its slope 1 do not show.
    network = bp.Network([2, 2, 1], activation=["relu", "identity"], rng=rng())
    network.parameters = np.abs(network.parameters) + 0.1
    x, t = np.abs(rng(1).normal(size=(3, 2))), rng(2).normal(size=(3, 1))
    assert diagnose(network, x, t, backward(network, x, t)) == "correct"
    # With a symmetric matrix, the transposed one is the same; so no weights, no twin.
    network = make([2, 2, 2])
    x, t = data(network, 4)
    x[:, 1] = x[:, 0]
    gradient = backward(network, x, t)
    gradient.weights[0][...] = gradient.weights[0].T
    names = names_of(diagnose(network, x, t, gradient))
    assert "transposed the gradient of the weights into layer 1" in names
    # Two steps: the step before the last is the first.
    network = in_time(sizes=[2, 3, 3])
    x, t = sequences(network, steps=3, batch=3)
    said = diagnose(network, x, t, backward(network, x, t).flat / 3)
    assert "averaged over the steps too" in names_of(said)
    assert said.endswith("; no data tells them apart in a network of these sizes")


# A function


def backward_of(network, x, t):
    return network.backward(network.forward(x), t)


def test_a_function_is_asked_for_its_gradient():
    network = make()
    x, t = data(network)
    assert diagnose(network, x, t, backward_of) == "correct"
    assert diagnose(network, x.tolist(), t.tolist(), backward_of) == "correct"
    said = diagnose(network, x, t, lambda *given: -backward_of(*given).flat)
    assert said == "has the wrong sign"
    recurrent = in_time(cell="gru")
    assert diagnose(recurrent, *sequences(recurrent), backward_of) == "correct"


def updates(network, x, t):
    gradient = backward_of(network, x, t)
    network.parameters -= 0.1 * gradient.flat
    return gradient


def shifts(network, x, t):
    x -= x.mean(axis=0)
    t *= 2
    return backward_of(network, x, t)


def test_a_function_that_changes_what_it_was_given_is_told_so_and_harms_nothing():
    network = make()
    x, t = data(network)
    kept = network.parameters.copy(), x.copy(), t.copy()
    assert diagnose(network, x, t, updates) == (
        "correct; the function changed the network's parameters"
    )
    assert diagnose(network, x, t, shifts).endswith(
        "; the function changed x; the function changed t"
    )
    for one, before in zip((network.parameters, x, t), kept, strict=True):
        np.testing.assert_array_equal(one, before)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda network, x: x, "raised TypeError: .*expected a function that returns"),
        (lambda network, x, t: 1 / 0, "raised ZeroDivisionError: division by zero"),
        (lambda network, x, t: None, "returned NoneType; expected a Gradient, one"),
        (lambda network, x, t: len, "returned builtin_function_or_method; expected"),
        (lambda network, x, t: x, r"gradient has shape \(5, 3\); expected \(31,\)"),
        (lambda network, x, t: "ab", r"gradient has shape \(\); expected \(31,\)"),
    ],
)
def test_a_function_that_fails_is_refused_with_what_it_did(function, said):
    network = make()
    with pytest.raises(ValueError, match=f"(?s){said}"):
        diagnose(network, *data(network), function)


def test_bad_data_is_refused_before_a_function_is_asked():
    with pytest.raises(ValueError, match="t has 4 rows; expected 5"):
        diagnose(make(), np.ones((5, 3)), np.ones((4, 3)), lambda *given: 1 / 0)


# How often


@pytest.mark.slow
def test_drawn_networks_have_their_mistakes_named_and_their_gradients_left_alone():
    table, accused = bench_diagnose.confusion(60, 0.05, rng(5))
    counts = sum(table.values(), start=bench_diagnose.Counter())
    seen = counts["all"] - counts[bench_diagnose.SAME]
    assert seen > 150
    assert counts["WRONG"] == counts["unseen"] == 0
    # Where one neuron alone hands the error on, any rate would explain any size.
    for (_, name), row in table.items():
        assert row["unknown"] == 0 or "weights already updated" in name
    assert counts["alone"] + counts["among"] >= 0.97 * seen
    assert {verdict for _, verdict in accused} <= {"correct", "nothing to see here"}
    assert sum(accused.values()) == 2 * 60


def test_the_table_tells_a_wrong_name_from_a_right_one(monkeypatch):
    def broken(network, x, t, gradient):
        return re.sub("layer 1", "layer 2", diagnose(network, x, t, gradient))

    monkeypatch.setattr(bench_diagnose, "diagnose", broken)
    table, _ = bench_diagnose.confusion(10, 0.1, rng(5))
    assert sum(row["WRONG"] for row in table.values()) > 0

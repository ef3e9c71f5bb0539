"""Weight decay: the loss has λ/2 Σ w² more, and all that follows from it knows."""

import copy
import pickle

import numpy as np
import pytest
from _networks import backward, rng

import backprop_lib as bp
from backprop_lib.gradcheck import compare, diagnose, numerical_gradient
from backprop_lib.mistakes import mistaken_gradients

RATE = 0.3
KINDS = {
    "one": (bp.Network, {"sizes": [3, 4, 2]}),
    "stack": (bp.Network, {"sizes": [3, 4, 2], "stack": (2, 3)}),
    "deep": (bp.Network, {"sizes": [3, 4, 4, 2], "activation": "tanh"}),
    "softmax": (
        bp.Network,
        {"sizes": [3, 2], "activation": "softmax", "loss": "cross_entropy"},
    ),
    "simple": (bp.RecurrentNetwork, {"sizes": [3, 4, 2]}),
    "gru": (bp.RecurrentNetwork, {"sizes": [3, 4, 2], "cell": "gru", "stack": (2,)}),
}
kinds = pytest.mark.parametrize("kind", KINDS)


def make(kind="one", weight_decay=RATE, **settings):
    """Return a network whose biases are not 0, so that a decay of them shows."""
    cls, own = KINDS[kind]
    network = cls(**{**own, **settings}, weight_decay=weight_decay, rng=rng())
    network.parameters += 0.3 * rng(9).standard_normal(network.parameters.shape)
    return network


def data(network, batch=5):
    steps = (4,) if isinstance(network, bp.RecurrentNetwork) else ()
    x = rng(1).normal(size=(*steps, batch, 3))
    t = rng(2).uniform(size=(batch, 2))
    return x, t / t.sum(axis=-1, keepdims=True)


def twins(kind):
    """Return the network, the same without decay, and data for both."""
    network, plain = make(kind), make(kind, 0.0)
    np.testing.assert_array_equal(network.parameters, plain.parameters)
    return network, plain, *data(network)


@kinds
def test_the_loss_has_half_the_sum_of_the_squares_more(kind):
    network, plain, x, t = twins(kind)
    squares = sum((w**2).sum(axis=(-2, -1)) for w in network.weights)
    more = network.loss(x, t) - plain.loss(x, t)
    np.testing.assert_allclose(more, RATE / 2 * squares, rtol=1e-13)


@kinds
def test_the_gradient_has_the_weights_more_and_the_biases_not(kind):
    network, plain, x, t = twins(kind)
    gradient, other = backward(network, x, t), backward(plain, x, t)
    for found, without, w in zip(gradient.weights, other.weights, network.weights):
        np.testing.assert_allclose(found - without, RATE * w, rtol=0, atol=1e-14)
    for found, without in zip(gradient.biases, other.biases):
        np.testing.assert_array_equal(found, without)
    for name in ("delta", "out"):
        for found, without in zip(getattr(gradient, name), getattr(other, name)):
            np.testing.assert_array_equal(found, without)


@kinds
def test_the_gradient_agrees_with_the_complex_step(kind):
    network = make(kind)
    x, t = data(network)

    def loss(parameters):
        return network.with_parameters(parameters).loss(x, t)

    found = numerical_gradient(loss, network.parameters, method="complex")
    assert compare(backward(network, x, t).flat, found) < 1e-13


@kinds
@pytest.mark.parametrize("method", ["complex", "central"])
def test_the_check_calls_the_gradient_with_decay_correct_and_without_wrong(
    kind, method
):
    network, plain, x, t = twins(kind)
    assert bp.check_gradient(network, x, t, method=method).verdict == "correct"
    without = backward(plain, x, t)
    report = bp.check_gradient(network, x, t, without.flat, method=method)
    assert not report.ok
    if isinstance(network, bp.Network):
        assert report.verdict == "left out the weight decay"
        right = backward(network, x, t)
        assert diagnose(network, x, t, right) == "correct"
        assert diagnose(network, x, t, without.flat) == "left out the weight decay"
        assert diagnose(plain, x, t, without) == "correct"
        assert diagnose(plain, x, t, right.flat) != "correct"


def test_a_mistake_beside_a_right_decay_is_named():
    network, plain, x, t = twins("one")
    # Summed over the batch of 5, where the loss is a mean, and the decay is not.
    wrong = 5 * backward(plain, x, t).flat + network.decay()
    name = "summed over the batch instead of averaging"
    assert diagnose(network, x, t, wrong) == name


def test_without_decay_no_mistake_is_one_of_decay():
    network = make(weight_decay=0.0)
    names = [name for name, _ in mistaken_gradients(network, *data(network))]
    assert not any("decay" in name for name in names)
    names = [name for name, _ in mistaken_gradients(make(), *data(network))]
    assert names.count("left out the weight decay") == 1


@kinds
def test_plain_descent_steps_against_both_parts(kind):
    network, plain, x, t = twins(kind)
    start = network.parameters.copy()
    bp.train(network, x, t, optimizer=bp.GradientDescent(0.1), epochs=1)
    expected = start - 0.1 * (backward(plain, x, t).flat + plain_decay(plain))
    np.testing.assert_allclose(network.parameters, expected, rtol=1e-12, atol=1e-15)


def plain_decay(network):
    """λ w for the weights, 0 for the biases, by the views alone."""
    twin = network.copy()
    for w in twin.weights:
        w *= RATE
    for b in twin.biases:
        b[...] = 0.0
    return twin.parameters


@pytest.mark.parametrize("optimizer", [bp.GradientDescent(0.1, 0.9), bp.Adam(0.01)])
def test_every_optimiser_comes_to_rest_where_the_loss_with_decay_does(optimizer):
    network, plain, x, t = twins("one")
    before = network.loss(x, t)
    bp.train(network, x, t, optimizer=optimizer, epochs=1000)
    assert network.loss(x, t) < before
    assert np.abs(backward(network, x, t).flat).max() < 1e-4
    # Without the term the same training rests elsewhere, at larger weights.
    bp.train(plain, x, t, optimizer=optimizer, epochs=1000)
    assert np.abs(plain.weights[0]).max() > 10 * np.abs(network.weights[0]).max()


def test_where_the_data_say_nothing_weights_shrink_by_a_factor_and_biases_stay():
    network = make(weight_decay=0.2)
    x, _ = data(network)
    x *= 0.0
    start = network.copy()
    bp.train(
        network,
        x,
        network.predict(x),
        optimizer=bp.GradientDescent(0.5),
        epochs=1,
    )
    # w −= η λ w; the targets are what it says, so there is no other gradient
    np.testing.assert_allclose(network.weights[0], 0.9 * start.weights[0], rtol=1e-13)
    np.testing.assert_array_equal(network.biases[0], start.biases[0])


@kinds
def test_the_history_holds_the_loss_of_the_examples_alone(kind):
    network, plain, x, t = twins(kind)
    before = plain.loss(x, t)
    history = bp.train(network, x, t, optimizer=bp.GradientDescent(0.1), epochs=2)
    np.testing.assert_allclose(history.loss[0], before, rtol=1e-13)


@kinds
@pytest.mark.parametrize(
    "again",
    [
        copy.deepcopy,
        lambda network: network.copy(),
        lambda network: pickle.loads(pickle.dumps(network)),
        lambda network: network.with_parameters(network.parameters.copy()),
    ],
)
def test_copies_keep_it(kind, again):
    network = make(kind)
    other = again(network)
    x, t = data(network)
    assert other.weight_decay == RATE
    np.testing.assert_array_equal(other.loss(x, t), network.loss(x, t))
    np.testing.assert_array_equal(
        backward(other, x, t).flat, backward(network, x, t).flat
    )


@kinds
def test_the_repr_tells_it_where_there_is_one(kind):
    assert f"weight_decay={RATE}" in repr(make(kind))
    assert "decay" not in repr(make(kind, 0.0))


def test_the_default_is_none_at_all():
    cls, settings = KINDS["one"]
    network = cls(**settings, rng=rng())
    assert network.weight_decay == 0.0
    assert not network.decay().any()


def test_float32_stays_float32():
    network = make(dtype=np.float32)
    x, t = data(network)
    assert backward(network, x, t).flat.dtype == np.float32
    assert network.decay().dtype == np.float32
    assert bp.check_gradient(network, x, t).ok


@pytest.mark.parametrize("kind", ["one", "simple"])
@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf, "small", None, [0.1], 1j, True])
def test_what_is_no_factor_is_refused(kind, bad):
    with pytest.raises(ValueError, match=r"weight_decay is .*; expected .* from 0 up"):
        make(kind, bad)


def test_it_is_read_only():
    with pytest.raises(AttributeError):
        make().weight_decay = 1.0


def test_a_trace_of_another_decay_is_refused():
    network, plain, x, t = twins("one")
    with pytest.raises(ValueError, match="weight_decay"):
        network.backward(plain.forward(x), t)

import math
import tracemalloc
import warnings

import numpy as np
import pytest
from _networks import make, rng

import backprop_lib as bp


def data(count=10, n_in=3, n_out=2, seed=1):
    source = rng(seed)
    return source.normal(size=(count, n_in)), source.uniform(size=(count, n_out))


def train(network, x, t, rate=0.5, epochs=5, momentum=0.0, **settings):
    optimizer = bp.GradientDescent(learning_rate=rate, momentum=momentum)
    return bp.train(network, x, t, optimizer=optimizer, epochs=epochs, **settings)


def linear(x, t, parameters):
    """Return a linear neuron with these parameters, and its data as columns."""
    network = make([x.shape[1], 1], activation="identity")
    network.parameters = parameters
    return network, x, t[:, None]


class Watcher:
    """An optimiser that moves nothing and keeps every gradient it is shown."""

    learning_rate = 1.0

    def __init__(self):
        self.seen = []

    def start(self, parameters):
        return lambda gradient: self.seen.append(gradient.copy())


# Optimisers against theory


def errors_of_a_linear_neuron(momentum, rate, epochs):
    """Return λ, and the error along each eigenvector at 0, 1, ... and ``epochs``."""
    source = rng(2)
    x = source.normal(size=(20, 3))
    with_one = np.column_stack([np.ones(20), x])
    # L = ½ ‖X w − t‖² / N: the Hessian is XᵀX / N, and the minimum the least squares'.
    eigenvalues, vectors = np.linalg.eigh(with_one.T @ with_one / 20)
    t, start = source.normal(size=20), source.normal(size=4)
    best = np.linalg.lstsq(with_one, t, rcond=None)[0]
    network, x, t = linear(x, t, start)
    path = [start]

    def keep(epoch, network):
        path.append(network.parameters.copy())

    train(network, x, t, rate, epochs, momentum, callback=keep)
    return eigenvalues, (np.array(path) - best) @ vectors


def test_gradient_descent_shrinks_each_error_by_its_own_factor():
    rate, epochs = 0.3, 40
    eigenvalues, errors = errors_of_a_linear_neuron(0.0, rate, epochs)
    powers = np.arange(epochs + 1)[:, None]
    expected = errors[0] * (1 - rate * eigenvalues) ** powers
    np.testing.assert_allclose(errors, expected, rtol=1e-9, atol=1e-13)
    wrong = errors[0] * (1 - 1.001 * rate * eigenvalues) ** powers
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(errors, wrong, rtol=1e-9, atol=1e-13)


def test_momentum_follows_its_two_step_recurrence():
    rate, momentum = 0.3, 0.8
    eigenvalues, errors = errors_of_a_linear_neuron(momentum, rate, 40)
    # e[k+1] = (1 + momentum − rate·λ) e[k] − momentum e[k−1];  the first step is plain
    expected = [errors[0], errors[0] * (1 - rate * eigenvalues)]
    for _ in range(39):
        factor = 1 + momentum - rate * eigenvalues
        expected.append(factor * expected[-1] - momentum * expected[-2])
    np.testing.assert_allclose(errors, expected, rtol=1e-9, atol=1e-13)


def adam_from_the_paper(theta, gradients, alpha, beta1, beta2, epsilon):
    """Algorithm 1 of Kingma and Ba, one number at a time."""
    m = v = 0.0
    path = []
    for k, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        corrected = (m / (1 - beta1**k)) / (math.sqrt(v / (1 - beta2**k)) + epsilon)
        theta = theta - alpha * corrected
        path.append(theta)
    return path


@pytest.mark.parametrize(
    "settings",
    [{}, {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}],
)
def test_adam_takes_the_steps_of_the_paper(settings):
    gradients = rng(3).normal(size=(12, 4)) * [1.0, 1e-6, 1e6, 0.0]
    optimizer = bp.Adam(**settings)
    parameters = np.array([1.0, -2.0, 3.0, 4.0])
    start, step, path = parameters.copy(), optimizer.start(parameters), []
    for gradient in gradients:
        step(gradient)
        path.append(parameters.copy())
    numbers = (optimizer.learning_rate, optimizer.beta1, optimizer.beta2)
    for i in range(4):
        expected = adam_from_the_paper(
            start[i], gradients[:, i], *numbers, optimizer.epsilon
        )
        np.testing.assert_allclose(np.array(path)[:, i], expected, rtol=1e-13)
    assert parameters[3] == 4.0


def test_adams_defaults_are_the_papers():
    adam = bp.Adam()
    assert (adam.learning_rate, adam.beta1, adam.beta2) == (0.001, 0.9, 0.999)
    assert adam.epsilon == 1e-8


OPTIMIZERS = [
    bp.GradientDescent(0.1),
    bp.GradientDescent(0.1, momentum=0.9),
    bp.Adam(0.1),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_leaves_its_gradient_alone_and_allocates_nothing(optimizer):
    parameters, gradient = np.ones((2, 10_000))
    gradient.flags.writeable = False
    step = optimizer.start(parameters)
    step(gradient)
    tracemalloc.start()
    try:
        step(gradient)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # One array takes 80 kB.
    assert peak < 8_000
    assert (gradient == 1.0).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_one_optimizer_serves_many_trainings(optimizer):
    x, t = data()
    alone = make()
    bp.train(alone, x, t, optimizer=optimizer, epochs=5)
    first, second = make(), make()
    bp.train(first, x, t, optimizer=optimizer, epochs=3)
    bp.train(second, x, t, optimizer=optimizer, epochs=5)
    np.testing.assert_array_equal(second.parameters, alone.parameters)
    # Steps taken in turn do not mix either.
    a, b, c = np.ones((3, 4))
    steps = optimizer.start(a), optimizer.start(b)
    for _ in range(3):
        steps[0](np.full(4, 2.0))
        steps[1](np.full(4, -1.0))
    apart = optimizer.start(c)
    for _ in range(3):
        apart(np.full(4, 2.0))
    np.testing.assert_array_equal(a, c)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("number", [float, np.float64, np.float32])
def test_float32_stays_float32_in_every_optimizer(optimizer, number):
    settings = {k: number(v) for k, v in vars(optimizer).items()}
    parameters = np.ones(4, np.float32)
    step = type(optimizer)(**settings).start(parameters)
    step(np.ones(4, np.float32))
    assert parameters.dtype == np.float32
    assert (parameters < 1).all()
    # What it keeps and allocates is half of what it is in float64.
    single, double = (
        allocated(type(optimizer)(**settings), np.ones(100_000, dtype))
        for dtype in (np.float32, np.float64)
    )
    assert 4e5 <= single < 0.51 * double


def allocated(optimizer, parameters):
    """Return the most bytes that a start and two steps hold at once."""
    tracemalloc.start()
    try:
        step = optimizer.start(parameters)
        for _ in range(2):
            step(parameters)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_learning_rates_over_the_stack_are_each_networks_own():
    x, t = data()
    rates = np.array([[0.1, 0.2, 0.4], [0.8, 1.6, 3.2]])
    for kind in (bp.GradientDescent, bp.Adam):
        network = make(stack=(2, 3))
        start = network.parameters.copy()
        bp.train(network, x, t, optimizer=kind(rates), epochs=5)
        for place in np.ndindex(2, 3):
            alone = network.with_parameters(start[place].copy())
            bp.train(alone, x, t, optimizer=kind(float(rates[place])), epochs=5)
            np.testing.assert_allclose(
                network.parameters[place], alone.parameters, rtol=1e-11, atol=1e-13
            )


# Batches


def batches_seen(count, batch_size, epochs, seed=0):
    """Return the sets of examples of each step, found from the gradients alone."""
    # The output is 0, so the bias's gradient is −mean(t): with t = 2^i, a bit for each.
    network, x, t = linear(np.zeros((count, 1)), 2.0 ** np.arange(count), [0, 0])
    watcher = Watcher()
    bp.train(
        network, x, t, optimizer=watcher, epochs=epochs, batch_size=batch_size,
        rng=rng(seed),
    )  # fmt: skip
    size = batch_size or count
    sizes = [min(size, count - start) for start in range(0, count, size)] * epochs
    bits = [round(-g[0] * n) for g, n in zip(watcher.seen, sizes, strict=True)]
    return [{i for i in range(count) if bit >> i & 1} for bit in bits], sizes


@pytest.mark.parametrize(("count", "size"), [(10, 4), (10, 5), (7, 1), (9, 8), (6, 6)])
def test_every_epoch_sees_each_example_once(count, size):
    batches, sizes = batches_seen(count, size, epochs=6)
    assert [len(batch) for batch in batches] == sizes
    steps = -(-count // size)
    for start in range(0, len(batches), steps):
        epoch = batches[start : start + steps]
        assert set.union(*epoch) == set(range(count))
        assert sum(map(len, epoch)) == count


def test_batches_are_drawn_anew_and_by_the_rng_alone():
    batches, _ = batches_seen(12, 4, epochs=3)
    assert batches[:3] != batches[3:6] != batches[6:]
    assert batches == batches_seen(12, 4, epochs=3)[0]
    assert batches != batches_seen(12, 4, epochs=3, seed=1)[0]
    assert batches_seen(12, None, epochs=2)[0] == [set(range(12))] * 2


@pytest.mark.parametrize("stack", [(), (2,)])
def test_examples_that_are_fetched_in_pieces_are_trained_on_in_the_drawn_order(stack):
    # More numbers than are fetched at once, and a smaller batch at the end
    trained, (x, t) = make([200, 3, 1], stack=stack), data(300, 200, 1)
    by_hand, order, draw = trained.copy(), np.arange(300), rng()
    history = train(trained, x, t, epochs=2, batch_size=32, rng=rng())
    for epoch in range(2):
        draw.shuffle(order)
        losses = []
        for start in range(0, 300, 32):
            rows = order[start : start + 32]
            losses.append(len(rows) * np.asarray(by_hand.loss(x[rows], t[rows])))
            gradient = by_hand.backward(by_hand.forward(x[rows]), t[rows])
            by_hand.parameters -= 0.5 * gradient.flat
        np.testing.assert_allclose(history.loss[epoch], sum(losses) / 300, rtol=1e-12)
    np.testing.assert_allclose(trained.parameters, by_hand.parameters, rtol=1e-10)


def test_inputs_and_targets_are_shuffled_together():
    # t = 2x exactly: only together do they leave a linear neuron with no error.
    x = rng(4).normal(size=(50, 1))
    network, x, t = linear(x, 2 * x[:, 0], [0.0, 2.0])
    history = train(network, x, t, epochs=3, batch_size=7, rng=rng())
    assert history.loss.max() < 1e-30
    assert network.parameters.tolist() == [0.0, 2.0]


def test_the_whole_set_as_one_batch_needs_and_uses_no_rng():
    x, t = data()
    first, second, source = make(), make(), rng()
    train(first, x, t)
    train(second, x, t, batch_size=10, rng=source)
    np.testing.assert_array_equal(first.parameters, second.parameters)
    assert source.random() == rng().random()


def test_the_examples_are_left_alone_and_may_be_read_only():
    x, t = data()
    kept = x.copy(), t.copy()
    x.flags.writeable = t.flags.writeable = False
    train(make(), x, t, batch_size=3, rng=rng())
    train(make(), x, t)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(t, kept[1])


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.tolist(),
        np.asfortranarray,
        lambda a: a[::-1][::-1],
        lambda a: np.repeat(a, 2, axis=1)[:, ::2],
        lambda a: a.astype(object),
    ],
)
@pytest.mark.parametrize("size", [None, 4])
def test_examples_of_every_kind_train_alike(change, size):
    x, t = data()
    first, second = make(), make()
    train(first, x, t, batch_size=size, rng=rng())
    train(second, change(x), change(t), batch_size=size, rng=rng())
    np.testing.assert_array_equal(first.parameters, second.parameters)


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
def test_a_network_may_learn_its_own_inputs(loss):
    x, network = rng(5).uniform(size=(9, 3)), make([3, 2, 3], loss=loss)
    history = train(network, x, x, epochs=20, batch_size=4, rng=rng())
    assert history.loss[-1] < history.loss[0]


# History


@pytest.mark.parametrize("stack", [(), (1,), (2, 3)])
@pytest.mark.parametrize("size", [None, 3])
def test_the_history_has_an_entry_for_each_epoch(stack, size):
    history = train(
        make([3, 4, 5, 2], stack=stack), *data(), batch_size=size, rng=rng()
    )
    assert history.loss.shape == (5, *stack)
    assert history.gradient_norm.shape == (5, 3, *stack)
    assert history.loss.dtype == history.gradient_norm.dtype == np.float64
    assert history.epochs == 5
    assert history.message == ""


@pytest.mark.parametrize("stack", [(), (2, 3)])
@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        ("tanh", "squared_error"),
        ("sigmoid", "binary_cross_entropy"),
        (["tanh", "softmax"], "cross_entropy"),
    ],
)
def test_the_loss_of_an_epoch_is_that_before_its_step(activation, loss, stack):
    network = make(activation=activation, loss=loss, stack=stack)
    x, t = data()
    t /= t.sum(axis=-1, keepdims=True)
    before = [network.loss(x, t)]
    history = train(
        network, x, t, callback=lambda epoch, net: before.append(net.loss(x, t))
    )
    np.testing.assert_allclose(history.loss, before[:-1], rtol=1e-13)


def test_with_mini_batches_each_example_counts_before_its_own_step():
    # Two examples, one a step: a linear neuron without inputs, w = (bias, unused).
    network, x, t = linear(np.zeros((2, 1)), np.array([1.0, 1.0]), [0.0, 0.0])
    history = train(network, x, t, rate=0.5, epochs=1, batch_size=1, rng=rng())
    # The bias goes 0, ½, ¾; the losses before the steps are ½ and ⅛.
    assert history.loss.tolist() == [(1 / 2 + 1 / 8) / 2]
    assert network.parameters.tolist() == [0.75, 0.0]
    # The gradients are −1 and −½; their mean has the norm ¾.
    assert history.gradient_norm.tolist() == [[0.75]]


@pytest.mark.parametrize("stack", [(), (2,)])
@pytest.mark.parametrize("size", [None, 4, 1])
def test_the_gradient_norm_is_that_of_the_mean_gradient_by_layer(size, stack):
    network, (x, t) = make([3, 4, 5, 2], stack=stack), data()
    gradient = network.backward(network.forward(x), t)
    # Nothing moves, so that the batches' mean is the gradient of the whole.
    history = bp.train(
        network, x, t, optimizer=Watcher(), epochs=2, batch_size=size, rng=rng()
    )
    for layer in range(3):
        squares = (gradient.weights[layer] ** 2).sum(axis=(-2, -1))
        squares = squares + (gradient.biases[layer] ** 2).sum(axis=-1)
        for epoch in range(2):
            norm = history.gradient_norm[epoch, layer]
            np.testing.assert_allclose(norm, np.sqrt(squares), rtol=1e-12)


def test_the_norm_of_a_vanishing_float32_gradient_is_not_lost():
    # A chain of linear neurons, w = 10⁻⁶: ∂L/∂w[l] is 10⁻⁶ of the next layer's.
    network = make([1] * 8, activation="identity", dtype=np.float32)
    for weights in network.weights:
        weights[...] = 1e-6
    network.biases[-1][...] = 1.0
    history = train(network, [[0.0]], [[0.0]], rate=1e-3, epochs=1)
    expected = 10.0 ** -np.arange(36, -1, -6)
    np.testing.assert_allclose(history.gradient_norm[0], expected, rtol=1e-5)


def test_the_network_is_trained_in_place():
    network, (x, t) = make(), data()
    place, start = network.parameters, network.parameters.copy()
    train(network, x, t)
    assert network.parameters is place
    assert (network.parameters != start).all()


def test_a_stack_trains_as_its_networks_do_alone():
    x, t = data()
    for own in (False, True):
        stack = make(stack=(2, 3))
        start = stack.parameters.copy()
        given = rng(6).normal(size=(2, 3, 10, 3)) if own else x
        settings = {"rate": 0.3, "epochs": 10, "momentum": 0.5, "batch_size": 4}
        history = train(stack, given, t, rng=rng(), **settings)
        for place in np.ndindex(2, 3):
            alone = stack.with_parameters(start[place].copy())
            x_alone = given[place] if own else x
            expected = train(alone, x_alone, t, rng=rng(), **settings)
            at = (slice(None), *place)
            np.testing.assert_allclose(history.loss[at], expected.loss, rtol=1e-11)
            norms = history.gradient_norm[(slice(None), *at)]
            np.testing.assert_allclose(norms, expected.gradient_norm, rtol=1e-10)
            np.testing.assert_allclose(
                stack.parameters[place], alone.parameters, rtol=1e-10
            )


# dtypes and memory


@pytest.mark.parametrize("stack", [(), (2,)])
@pytest.mark.parametrize("size", [None, 4])
def test_float32_training_computes_in_float32(stack, size):
    network, (x, t) = make(stack=stack, dtype=np.float32), data()
    watcher = Watcher()
    bp.train(network, x, t, optimizer=watcher, epochs=1, batch_size=size, rng=rng())
    assert {gradient.dtype for gradient in watcher.seen} == {np.dtype(np.float32)}
    trace = network.new_trace(network.inputs(x))
    gradient = network.new_gradient(trace)
    arrays = [trace.last, *trace.net[1:], *trace.out, *trace.heard, *trace.slope[1:]]
    arrays += [gradient.flat, *gradient.out, *gradient.delta[1:]]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    train(network, x, t, batch_size=size, rng=rng())
    assert network.parameters.dtype == np.float32


def peak_while_training(count, epochs, batch_size, stack=()):
    """Return the bytes that come on top after the first two epochs, at the most."""
    network = make([40, 50, 1], stack=stack)
    x, t = data(count, 40, 1)
    peak = base = 0

    def measure(epoch, network):
        nonlocal peak, base
        if epoch == 1:
            tracemalloc.reset_peak()
            base = tracemalloc.get_traced_memory()[0]
        peak = tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        train(
            network, x, t, epochs=epochs, batch_size=batch_size, rng=rng(),
            callback=measure,
        )  # fmt: skip
    finally:
        tracemalloc.stop()
    return peak - base


@pytest.mark.parametrize("stack", [(), (3,)])
def test_the_inner_loop_allocates_nothing(stack):
    one_output = 8 * 4000 * math.prod(stack)
    few = peak_while_training(4000, 4, 2000, stack)
    # The loss of an epoch takes a few numbers an example, and NumPy's casts two blocks
    # of 8,192 numbers; the inputs have 41 numbers an example, a hidden array 50.
    assert few < 5 * one_output + 2 * 8 * 8192 + 10_000 < 25 * one_output
    more_batches = peak_while_training(4000, 4, 100, stack)
    more_epochs = peak_while_training(4000, 8, 2000, stack)
    assert max(more_batches, more_epochs) < few + 20_000


def test_memory_does_not_grow_with_the_number_of_batches():
    def total(batch_size):
        network, (x, t) = make([4, 50, 1]), data(1000, 4, 1)
        tracemalloc.start()
        try:
            train(network, x, t, epochs=2, batch_size=batch_size, rng=rng())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # Batches of a size share their arrays: 50 of 20 take little more than one.
    assert total(20) < total(500) / 2


# Divergence and interruption


def diverging(rate=1e3, **settings):
    network, x, t = linear(rng(7).normal(size=(10, 2)), np.ones(10), [0.0, 1.0, 1.0])
    with pytest.warns(RuntimeWarning) as caught:
        history = train(network, x, t, rate, epochs=1000, **settings)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    return network, history, str(caught[0].message), (x, t)


@pytest.mark.parametrize("size", [None, 3])
def test_divergence_stops_with_a_message_and_keeps_its_history(size):
    network, history, warned, (x, t) = diverging(batch_size=size, rng=rng())
    assert history.message == warned
    done = history.epochs
    assert 0 < done < 1000
    assert history.loss.shape == (done,)
    assert history.gradient_norm.shape == (done, 1)
    assert np.isfinite(history.loss).all()
    assert history.loss[-1] > 1e100
    last = f"{history.loss[-1]:.3g}"
    for part in (f"diverged: in epoch {done} the loss was", last, "rate below 1000"):
        assert part in warned
    assert np.isfinite(network.parameters).all()
    with np.errstate(over="ignore"):
        assert network.loss(x, t) > 1e100


def test_after_divergence_the_parameters_are_the_last_with_a_finite_loss():
    network, history, _, (x, t) = diverging()
    assert network.loss(x, t) == pytest.approx(history.loss[-1], rel=1e-12)


def test_training_that_stays_finite_says_nothing():
    network, x, t = linear(rng(7).normal(size=(10, 2)), np.ones(10), [0.0, 1.0, 1.0])
    assert train(network, x, t, rate=0.1).message == ""


@pytest.mark.parametrize("activation", ["identity", "sigmoid"])
def test_a_step_to_infinity_is_divergence_though_the_loss_was_finite(activation):
    # The one step there is goes too far; and a sigmoid's output there would be 1.
    network = make([1, 1], activation=activation, init=0.0)
    start = network.parameters.copy()
    with pytest.warns(RuntimeWarning, match=r"in epoch 0 .* stopped being finite"):
        history = train(network, [[3.0]], [[100.0]], rate=1.7e308, epochs=1)
    assert history.message
    assert history.epochs == 0
    np.testing.assert_array_equal(network.parameters, start)


def test_a_start_that_is_not_finite_is_told_at_once():
    network, (x, t) = make(), data()
    network.parameters[0] = np.nan
    with pytest.warns(RuntimeWarning, match=r"in epoch 0 the loss was nan; try"):
        history = train(network, x, t)
    assert history.epochs == 0
    assert history.loss.shape == (0,)
    assert history.gradient_norm.shape == (0, 2)


def stack_of_linear(rates, epochs):
    network = make([2, 1], activation="identity", stack=np.shape(rates))
    network.parameters = np.ones((*np.shape(rates), 3))
    x = rng(7).normal(size=(10, 2))
    with pytest.warns(RuntimeWarning) as caught:
        history = train(network, x, np.zeros((10, 1)), np.array(rates), epochs)
    assert [str(w.message) for w in caught] == [history.message]
    return network, history, x


def test_a_stack_goes_on_while_one_network_is_left():
    network, history, x = stack_of_linear([0.1, 1e3, 0.2, 1e5], epochs=300)
    assert "2 of 4 networks" in history.message
    assert "below 100000" in history.message
    assert history.epochs == 300
    assert np.isfinite(network.parameters).all()
    # The others learned as if nothing had happened.
    for i, rate in [(0, 0.1), (2, 0.2)]:
        alone = make([2, 1], activation="identity")
        alone.parameters = np.ones(3)
        expected = train(alone, x, np.zeros((10, 1)), rate, epochs=300)
        np.testing.assert_allclose(history.loss[:, i], expected.loss, rtol=1e-10)
        np.testing.assert_allclose(
            network.parameters[i], alone.parameters, rtol=1e-9, atol=1e-15
        )
    # Those that diverged were left where their loss was last finite.
    finite = np.isfinite(history.loss).sum(axis=0)
    assert finite[3] < finite[1] < 300
    losses = network.loss(x, np.zeros((10, 1)))
    for i in (1, 3):
        assert losses[i] == pytest.approx(history.loss[finite[i] - 1, i], rel=1e-12)


def test_a_stack_stops_when_none_is_left():
    network, history, _ = stack_of_linear([[1e3, 1e4], [1e5, 1e6]], epochs=1000)
    assert "4 of 4 networks" in history.message
    assert 0 < history.epochs < 1000
    assert history.loss.shape == (history.epochs, 2, 2)
    assert np.isfinite(network.parameters).all()


@pytest.mark.parametrize("stack", [(), (2,)])
@pytest.mark.parametrize("size", [None, 3])
def test_ctrl_c_keeps_the_history(stack, size):
    network, (x, t) = make(stack=stack), data()
    whole = train(make(stack=stack), x, t, epochs=4, batch_size=size, rng=rng())

    def interrupt(epoch, network):
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.warns(RuntimeWarning, match="interrupted after 4 of 50 epochs"):
        history = train(
            network, x, t, epochs=50, batch_size=size, rng=rng(), callback=interrupt
        )
    assert history.message == "interrupted after 4 of 50 epochs"
    np.testing.assert_array_equal(history.loss, whole.loss)
    np.testing.assert_array_equal(history.gradient_norm, whole.gradient_norm)


def test_ctrl_c_in_the_middle_of_an_epoch_keeps_the_epochs_before():
    class Interrupting(Watcher):
        def start(self, parameters):
            def step(gradient):
                self.seen.append(0)
                if len(self.seen) == 8:
                    raise KeyboardInterrupt

            return step

    with pytest.warns(RuntimeWarning, match="interrupted after 1 of 9 epochs"):
        history = bp.train(
            make(), *data(), optimizer=Interrupting(), epochs=9, batch_size=2, rng=rng()
        )
    assert history.epochs == 1
    assert history.gradient_norm.shape == (1, 2)


def test_the_histories_of_a_cut_training_hold_no_more_memory_than_they_show():
    def interrupt(epoch, network):
        raise KeyboardInterrupt

    with pytest.warns(RuntimeWarning):
        history = train(make(), *data(), epochs=10_000, callback=interrupt)
    assert history.loss.base is None
    assert history.gradient_norm.base is None


# Callbacks and progress


def test_the_callback_is_told_of_each_epoch():
    network, told = make(), []
    train(network, *data(), callback=lambda *given: told.append(given))
    assert told == [(epoch, network) for epoch in range(5)]


def test_what_a_callback_raises_comes_out():
    network = make()
    start = network.parameters.copy()

    def fail(epoch, network):
        if epoch == 1:
            raise ZeroDivisionError("the callback's own")

    with pytest.raises(ZeroDivisionError, match="the callback's own"):
        train(network, *data(), callback=fail)
    # The network has taken its two steps, and computes on.
    expected = make()
    expected.parameters = start
    train(expected, *data(), epochs=2)
    np.testing.assert_array_equal(network.parameters, expected.parameters)


def test_a_callback_may_change_the_parameters():
    # Decay by half after each epoch, beside the step itself.
    network, x, t = linear(np.zeros((1, 1)), np.zeros(1), [0.0, 8.0])

    def halve(epoch, network):
        network.parameters *= 0.5

    train(network, x, t, epochs=3, callback=halve)
    assert network.parameters.tolist() == [0.0, 1.0]


def test_a_callback_may_compute_with_the_network():
    first, second, (x, t) = make(), make(), data()

    def look(epoch, network):
        network.predict(x[:2])
        network.backward(network.forward(x), t)

    train(first, x, t, batch_size=3, rng=rng(), callback=look)
    train(second, x, t, batch_size=3, rng=rng())
    np.testing.assert_array_equal(first.parameters, second.parameters)


def test_a_callbacks_own_numerical_warnings_are_shown():
    def overflow(epoch, network):
        np.exp(np.float64(1000.0))

    with pytest.warns(RuntimeWarning, match="overflow"):
        train(make(), *data(), epochs=1, callback=overflow)


def test_the_callers_handling_of_numerical_errors_is_restored():
    with np.errstate(all="raise"):
        before = np.geterr()
        train(make(), *data(), epochs=1)
        assert np.geterr() == before


def test_the_progress_bar_goes_to_stderr(capfd):
    train(make(), *data(), epochs=7, progress=True)
    shown = capfd.readouterr()
    assert shown.out == ""
    for part in ("7/7", "epoch", "loss="):
        assert part in shown.err
    train(make(stack=(2,)), *data(), epochs=3, progress=True)
    assert "3/3" in capfd.readouterr().err
    train(make(), *data(), epochs=7)
    assert capfd.readouterr() == ("", "")


def test_progress_changes_nothing_else():
    first, second = make(), make()
    a = train(first, *data(), progress=True)
    b = train(second, *data())
    np.testing.assert_array_equal(a.loss, b.loss)
    np.testing.assert_array_equal(first.parameters, second.parameters)


# It learns


@pytest.mark.parametrize("stack", [(), (4,)])
def test_xor_is_learned(stack):
    network = make(
        [2, 4, 1], activation=["tanh", "sigmoid"], loss="binary_cross_entropy",
        stack=stack,
    )  # fmt: skip
    x, t = bp.datasets.xor()
    history = train(network, x, t, rate=1.0, momentum=0.9, epochs=400)
    assert (history.loss[-1] < 1e-3).all()
    assert (np.round(network.predict(x)) == t).all()


def test_xor_is_learned_with_the_squared_error_of_the_book():
    network = make([2, 3, 1])
    x, t = bp.datasets.xor()
    history = train(network, x, t, rate=2.0, momentum=0.9, epochs=2000)
    assert history.loss[-1] < 1e-3


def test_digits_are_learned():
    split = bp.datasets.digits()
    network = make([64, 16, 10], activation=["tanh", "softmax"], loss="cross_entropy")
    x, t = split.x_train, split.t_train
    bp.train(
        network, x, t, optimizer=bp.Adam(0.01), epochs=15, batch_size=64, rng=rng()
    )
    guessed = network.predict(split.x_test).argmax(axis=-1)
    assert np.mean(guessed == split.t_test.argmax(axis=-1)) > 0.9


# Optimisers of one's own, and what is left after them


class Duck:
    """An optimiser with nothing but a start: the step is called with its number."""

    def __init__(self, step, **attributes):
        self.given = step
        vars(self).update(attributes)

    def start(self, parameters):
        count = iter(range(1, 1000))
        return lambda gradient: self.given(parameters, gradient, next(count))


def far(parameters, gradient, count):
    parameters -= 1e300 * gradient


def unit_neuron(stack=()):
    network = make([1, 1], activation="identity", stack=stack)
    network.parameters[..., :] = [0.0, 1.0]
    return network, [[1.0]], [[0.0]]


@pytest.mark.parametrize(
    "attributes", [{}, {"learning_rate": len}, {"learning_rate": []}]
)
@pytest.mark.parametrize("stack", [(), (2,)])
def test_an_optimizer_needs_no_learning_rate_for_its_history_to_be_kept(
    stack, attributes
):
    network, x, t = unit_neuron(stack)
    with pytest.warns(RuntimeWarning, match=r"^diverged: [^;]*$"):
        history = bp.train(network, x, t, optimizer=Duck(far, **attributes), epochs=9)
    assert 0 < history.epochs < 9
    assert np.isfinite(network.parameters).all()


def test_an_exception_leaves_no_diverged_network_behind():
    network, x, t = unit_neuron((2,))

    def fail(epoch, network):
        if epoch == 9:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(network, x, t, rate=[1e300, 0.1], epochs=10, callback=fail)
    assert np.isfinite(network.parameters).all()
    # L = ½ (w + b)²: w + b shrinks by 1 − 2 · 0.1 a step.
    assert network.parameters[1].sum() == pytest.approx(0.8**10, rel=1e-12)


def add_one_then_lose(parameters, gradient, count):
    """Add 1 at each step; at the sixth the first network is lost, then Ctrl-C."""
    parameters += 1.0
    if count == 6:
        parameters.reshape(-1, 2)[0] = np.nan
    if count == 7:
        raise KeyboardInterrupt


@pytest.mark.parametrize("stack", [(), (2,)])
def test_ctrl_c_in_the_epoch_that_diverges_gives_its_start_back(stack):
    network, _, _ = unit_neuron(stack)
    start, (x, t) = network.parameters.copy(), data(4, 1, 1)
    with pytest.warns(RuntimeWarning, match="interrupted after 1 of 9 epochs; diver"):
        history = bp.train(
            network, x, t, optimizer=Duck(add_one_then_lose), epochs=9, batch_size=1,
            rng=rng(),
        )  # fmt: skip
    assert history.epochs == 1
    # Epochs have 4 steps; the network that is finite keeps all 7.
    expected = start + 4.0
    if stack:
        expected[1] = start[1] + 7.0
        assert "1 of 2 networks had" in history.message
    else:
        assert "in epoch 1 the parameters stopped being finite" in history.message
    np.testing.assert_array_equal(network.parameters, expected)


def test_ctrl_c_after_the_last_epoch_is_told_with_what_diverged():
    def spoil(epoch, network):
        if epoch == 4:
            network.parameters[...] = np.nan
            raise KeyboardInterrupt

    network = make()
    with pytest.warns(RuntimeWarning, match="after 5 of 5 epochs; diverged: in epoch"):
        train(network, *data(), epochs=5, callback=spoil)
    assert np.isfinite(network.parameters).all()


def test_ctrl_c_says_what_had_diverged_before():
    network, x, t = unit_neuron((2,))

    def interrupt(epoch, network):
        if epoch == 9:
            raise KeyboardInterrupt

    with pytest.warns(RuntimeWarning) as caught:
        history = train(network, x, t, rate=[1e300, 0.1], epochs=50, callback=interrupt)
    assert [str(warning.message) for warning in caught] == [history.message]
    assert history.message == (
        "interrupted after 10 of 50 epochs; diverged: 1 of 2 networks had a loss or "
        "parameters that were not finite; try learning rates below 1e+300"
    )
    assert np.isfinite(network.parameters).all()


def test_a_network_of_a_stack_that_came_back_is_reported_in_the_past():
    def out_and_back(parameters, gradient, count):
        parameters[0] = 1e200 if count == 2 else 0.5

    network, x, t = unit_neuron((2,))
    with pytest.warns(RuntimeWarning, match="1 of 2 networks had a loss"):
        history = bp.train(network, x, t, optimizer=Duck(out_and_back), epochs=5)
    assert np.isinf(history.loss[2, 0])
    assert np.isfinite(history.loss[3:]).all()


@pytest.mark.parametrize("kind", [bp.GradientDescent, bp.Adam])
@pytest.mark.parametrize("rates", [np.array([0.1, 0.2]), np.array(0.1)])
def test_the_learning_rates_are_the_optimizers_own(kind, rates):
    given = rates.copy()
    optimizer = kind(given)
    given[...] = -1.0
    np.testing.assert_array_equal(optimizer.learning_rate, rates)
    with pytest.raises(ValueError, match="read-only"):
        optimizer.learning_rate[...] = -1.0


@pytest.mark.parametrize("kind", [bp.GradientDescent, bp.Adam])
def test_optimizers_compare_by_identity(kind):
    """The rates may be arrays, which have no single truth."""
    first, second = kind([0.1, 0.2]), kind([0.1, 0.2])
    assert first == first
    assert first != second
    assert len({first, second}) == 2


# Networks, numbers and inputs of other kinds


@pytest.mark.parametrize("cell", ["simple", "gru"])
@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize("stack", [(), (2,)])
def test_a_recurrent_network_trains_as_its_loop_by_hand_does(cell, loss_at, stack):
    def fresh():
        return bp.RecurrentNetwork(
            [2, 3, 1], cell=cell, loss_at=loss_at, stack=stack, rng=rng()
        )

    x = rng(1).normal(size=(5, 8, 2))
    t = rng(2).normal(size=(5, 8, 1) if loss_at == "every" else (8, 1))
    network, by_hand = fresh(), fresh()
    step = bp.Adam(0.01).start(by_hand.parameters)
    losses, norms = [], []
    for _ in range(20):
        losses.append(by_hand.loss(x, t))
        flat = by_hand.backward(by_hand.forward(x), t).flat
        blocks = by_hand.layers(flat)
        norms.append([np.linalg.norm(block, axis=(-2, -1)) for block in blocks])
        step(flat)
    history = bp.train(network, x, t, optimizer=bp.Adam(0.01), epochs=20)
    np.testing.assert_allclose(network.parameters, by_hand.parameters, rtol=1e-12)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    np.testing.assert_allclose(history.gradient_norm, norms, rtol=1e-12)


def test_a_recurrent_network_trains_in_mini_batches():
    x = rng(1).normal(size=(5, 40, 1))
    t = x.sum(axis=0)
    network = bp.RecurrentNetwork([1, 6, 1], rng=rng())
    before = network.loss(x, t)
    history = bp.train(
        network, x, t, optimizer=bp.Adam(0.01), epochs=60, batch_size=12, rng=rng()
    )
    assert network.loss(x, t) < 0.1 * before
    assert history.loss[-1] < 0.1 * history.loss[0]


def test_numpy_integers_are_whole_numbers():
    history = train(
        make(), *data(), epochs=np.int64(3), batch_size=np.int32(4), rng=rng()
    )
    assert history.epochs == 3


def test_training_is_free_of_warnings_for_saturated_and_huge_inputs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x, t = data()
        history = train(make(), 1e150 * x, t)
    assert np.isfinite(history.loss).all()

import copy
import pickle
import tracemalloc

import numpy as np
import pytest
from _networks import make, rng
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_lib as bp

HIDDEN = ["sigmoid", "tanh", "relu", "leaky_relu", "identity"]
LAST = [
    *((name, "squared_error") for name in [*HIDDEN, "softmax"]),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
]
few = settings(max_examples=40)


def data(network, batch=5, stacked=False, seed=1):
    """Return x and t that suit the network and its loss."""
    source, lead = rng(seed), network.stack if stacked else ()
    x = source.normal(size=(*lead, batch, network.sizes[0]))
    t = source.uniform(size=(*lead, batch, network.sizes[-1]))
    return x, t / t.sum(axis=-1, keepdims=True)


def shapes(arrays):
    return [None if array is None else array.shape for array in arrays]


def every_array(*holders):
    for holder in holders:
        for value in vars(holder).values():
            for array in value if isinstance(value, tuple) else [value]:
                if isinstance(array, np.ndarray):
                    yield array


def close(a, b, rtol=1e-13):
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.abs(b).max())


@st.composite
def networks(draw):
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    hidden = draw(st.lists(st.sampled_from(HIDDEN), min_size=len(sizes) - 2,
                           max_size=len(sizes) - 2))  # fmt: skip
    last, loss = draw(st.sampled_from(LAST))
    stack = draw(st.sampled_from([(), (1,), (3,), (2, 2)]))
    return make(
        sizes, activation=[*hidden, last], loss=loss, stack=stack,
        rng=rng(draw(st.integers(0, 99))),
    )  # fmt: skip


# Shapes and layout


@few
@given(networks(), st.integers(1, 4), st.booleans())
def test_shapes_are_those_of_the_book(network, batch, stacked):
    sizes, stack = network.sizes, network.stack
    x, t = data(network, batch, stacked)
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    full = [(*stack, batch, n) for n in sizes]
    weights = [(*stack, a, b) for a, b in zip(sizes, sizes[1:], strict=False)]
    biases = [(*stack, b) for b in sizes[1:]]
    assert shapes(network.weights) == shapes(gradient.weights) == weights
    assert shapes(network.biases) == shapes(gradient.biases) == biases
    assert network.parameters.shape == gradient.flat.shape
    assert network.parameters.shape[:-1] == stack
    assert shapes(trace.net) == shapes(gradient.delta) == [None, *full[1:]]
    assert shapes(trace.out) == [x.shape, *full[1:]]
    assert shapes(gradient.out) == full
    np.testing.assert_array_equal(trace.out[0], x)
    assert np.shape(network.loss(x, t)) == stack
    np.testing.assert_array_equal(network.predict(x), trace.out[-1])


@few
@given(networks())
def test_the_equations_of_the_book_hold_layer_by_layer(network):
    x, t = data(network)
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    for layer, weights in enumerate(network.weights):
        # net[l+1] = out[l] @ weights[l] + biases[l]
        biases = network.biases[layer][..., None, :]
        close(trace.net[layer + 1], trace.out[layer] @ weights + biases)
        # ∂L/∂weights[l] = out[l]ᵀ @ delta[l+1];  ∂L/∂out[l] = delta[l+1] @ weights[l]ᵀ
        delta, transposed = gradient.delta[layer + 1], trace.out[layer].swapaxes(-1, -2)
        close(gradient.weights[layer], transposed @ delta)
        close(gradient.biases[layer], delta.sum(axis=-2))
        close(gradient.out[layer], delta @ weights.swapaxes(-1, -2))


def test_parameters_run_layer_by_layer_with_the_biases_in_row_0():
    network = make([2, 3, 1])
    network.parameters = np.arange(13)
    assert network.biases[0].tolist() == [0, 1, 2]
    assert network.weights[0].tolist() == [[3, 4, 5], [6, 7, 8]]
    assert network.biases[1].tolist() == [9]
    assert network.weights[1].tolist() == [[10], [11], [12]]


def test_the_gradient_is_laid_out_like_the_parameters():
    network = make([2, 3, 1], stack=(2,))
    gradient = network.backward(network.forward(np.ones((4, 2))), np.zeros((4, 1)))
    gradient.flat[...] = np.arange(26).reshape(2, 13)
    assert gradient.biases[0].tolist() == [[0, 1, 2], [13, 14, 15]]
    assert gradient.weights[1][1].tolist() == [[23], [24], [25]]


@pytest.mark.parametrize("stack", [(), (2,)])
def test_weights_and_biases_are_views_both_ways(stack):
    network = make(stack=stack)
    x, _ = data(network)
    before = network.predict(x)
    network.weights[1][...] = 7.0
    network.biases[0][...] = -2.0
    assert np.count_nonzero(network.parameters == 7.0) == 8 * len(
        np.ones(stack).ravel()
    )
    assert (network.predict(x) != before).all()
    network.parameters[...] = 0.0
    assert not network.weights[1].any()
    assert not network.biases[0].any()
    assert (network.predict(x) == 0.5).all()


def test_assigning_parameters_copies_into_place():
    network = make()
    place, values = network.parameters, rng(3).normal(size=network.parameters.shape)
    network.parameters = values
    values[...] = 0.0
    assert network.parameters is place
    assert place.all()
    network.parameters -= network.parameters
    assert network.parameters is place
    assert not place.any()


def test_a_layers_weights_and_biases_take_assignment():
    network = make()
    place = network.parameters
    network.weights[0] = np.zeros((3, 4))
    network.weights[1] -= 1.0
    network.biases[1] = 5
    network.biases[0][:] = 2.0
    assert network.parameters is place
    assert not network.weights[0].any()
    assert network.biases[0].tolist() == [2.0] * 4
    assert network.biases[1].tolist() == [5.0, 5.0]
    assert np.count_nonzero(place == 0) == 12


def test_names_from_numpy_become_plain_strings():
    network = make(activation=np.array(["tanh", "sigmoid"]))
    assert [type(name) for name in network.activations] == [str, str]
    assert repr(network) == repr(make(activation=["tanh", "sigmoid"]))


def test_repr_says_what_it_is():
    assert repr(make(activation=["relu", "sigmoid"], stack=(2,))) == (
        "Network([3, 4, 2], activation=['relu', 'sigmoid'], loss='squared_error', "
        "stack=(2,))"
    )


# By hand


def test_a_network_small_enough_to_compute_by_hand():
    # A 1-2-1 network, hidden relu, linear output.
    network = make([1, 2, 1], activation=["relu", "identity"])
    network.parameters = [1.0, -1.0, 2.0, -3.0, 0.5, 4.0, 5.0]
    x, t = [[1.0], [-1.0]], [[10.0], [1.5]]
    # net = (1 + 2x, −1 − 3x): (3, −4) and (−1, 2);  out = (3, 0) and (0, 2)
    # o = 0.5 + 4 · out_1 + 5 · out_2: 12.5 and 10.5;  o − t: 2.5 and 9
    trace = network.forward(x)
    assert trace.net[0] is None
    assert trace.net[1].tolist() == [[3, -4], [-1, 2]]
    assert trace.out[1].tolist() == [[3, 0], [0, 2]]
    assert trace.net[2].tolist() == trace.out[2].tolist() == [[12.5], [10.5]]
    # L = ½ (2.5² + 9²) / 2
    assert network.loss(x, t) == (6.25 + 81) / 4
    gradient = network.backward(trace, t)
    # δ = (o − t) / 2;  hidden: δ · (4, 5) where net > 0
    assert gradient.delta[0] is None
    assert gradient.delta[2].tolist() == gradient.out[2].tolist() == [[1.25], [4.5]]
    assert gradient.out[1].tolist() == [[5, 6.25], [18, 22.5]]
    assert gradient.delta[1].tolist() == [[5, 0], [0, 22.5]]
    assert gradient.out[0].tolist() == [[10], [-67.5]]
    assert gradient.biases[1].tolist() == [1.25 + 4.5]
    assert gradient.weights[1].tolist() == [[3 * 1.25], [2 * 4.5]]
    assert gradient.biases[0].tolist() == [5, 22.5]
    assert gradient.weights[0].tolist() == [[5, -22.5]]


def test_one_sigmoid_neuron_by_hand():
    network = make([1, 1], init=0.0)
    gradient = network.backward(network.forward([[3.0]]), [[1.0]])
    # o = ½, σ′ = ¼, o − t = −½: ∂L/∂w = −⅛ x
    assert gradient.flat.tolist() == [-0.125, -0.375]
    assert network.loss([[3.0]], [[1.0]]) == 0.125


# The loss


@few
@given(networks(), st.integers(0, 9))
def test_neither_order_nor_copies_of_the_batch_matter(network, seed):
    x, t = data(network, batch=4, seed=seed)
    loss, gradient = network.loss(x, t), network.backward(network.forward(x), t)
    for rows in [rng(seed).permutation(4), np.repeat(np.arange(4), 3)]:
        other = network.backward(network.forward(x[rows]), t[rows])
        close(network.loss(x[rows], t[rows]), loss)
        close(other.flat, gradient.flat, 1e-12)


@few
@given(networks())
def test_the_loss_and_gradient_of_a_batch_are_means_over_its_examples(network):
    x, t = data(network, batch=3)
    each = [(x[i : i + 1], t[i : i + 1]) for i in range(3)]
    close(network.loss(x, t), np.mean([network.loss(a, b) for a, b in each], axis=0))
    flats = [network.backward(network.forward(a), b).flat for a, b in each]
    close(network.backward(network.forward(x), t).flat, np.mean(flats, axis=0), 1e-12)


def test_the_loss_sums_over_outputs():
    network = make([2, 3], init=0.0)
    # Every output is ½: three times ½ · ¼
    assert network.loss([[1, 2], [3, 4]], np.zeros((2, 3))) == 3 / 8


def test_the_loss_is_a_float_or_one_for_each_network():
    x, t = data(make())
    assert type(make().loss(x, t)) is float
    assert type(make(dtype=np.float32).loss(x, t)) is float
    assert make(stack=(2, 3)).loss(x, t).shape == (2, 3)


# Stacks


@few
@given(networks(), st.booleans(), st.booleans())
def test_a_stack_gives_what_its_networks_give_alone(network, own_x, own_t):
    x, t = data(network)[0], data(network)[1]
    x = data(network, stacked=True)[0] if own_x else x
    t = data(network, stacked=True)[1] if own_t else t
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    losses = np.asarray(network.loss(x, t))
    for place in np.ndindex(network.stack):
        alone = network.with_parameters(network.parameters[place])
        assert alone.stack == ()
        x_alone = x[place] if own_x else x
        t_alone = t[place] if own_t else t
        trace_alone = alone.forward(x_alone)
        gradient_alone = alone.backward(trace_alone, t_alone)
        close(losses[place], alone.loss(x_alone, t_alone))
        for layer in range(1, len(network.sizes)):
            close(trace.net[layer][place], trace_alone.net[layer])
            close(trace.out[layer][place], trace_alone.out[layer])
            close(gradient.delta[layer][place], gradient_alone.delta[layer], 1e-12)
        close(gradient.out[0][place], gradient_alone.out[0], 1e-12)
        close(gradient.out[-1][place], gradient_alone.out[-1], 1e-12)
        close(gradient.flat[place], gradient_alone.flat, 1e-12)


def test_the_networks_of_a_stack_do_not_touch_each_other():
    network = make(stack=(3,))
    x, t = data(network)
    before = network.backward(network.forward(x), t).flat.copy()
    network.parameters[1] += 1.0
    after = network.backward(network.forward(x), t).flat
    assert (after[1] != before[1]).all()
    np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])


# Traces and gradients that are filled again


@few
@given(networks(), st.booleans())
def test_filled_again_they_give_the_same_as_fresh_ones(network, stacked):
    x, t = data(network, stacked=stacked)
    other_x, other_t = data(network, stacked=stacked, seed=5)
    trace = network.forward(other_x)
    gradient = network.backward(trace, other_t)
    network.parameters *= 0.5
    assert network.forward(x, trace=trace) is trace
    assert network.backward(trace, t, gradient=gradient) is gradient
    fresh = network.forward(x)
    for name in ("net", "out", "slope"):
        for a, b in zip(getattr(trace, name), getattr(fresh, name), strict=True):
            np.testing.assert_array_equal(a, b)
    for a, b in zip(
        every_array(gradient), every_array(network.backward(fresh, t)), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_results_stay_when_the_network_computes_again():
    network = make()
    x, t = data(network)
    predicted, trace = network.predict(x), network.forward(x)
    gradient = network.backward(trace, t)
    kept = copy.deepcopy((predicted, trace.out, gradient.flat))
    x *= 2.0
    network.parameters *= 3.0
    network.predict(x)
    network.backward(network.forward(x), t)
    network.loss(x, t)
    np.testing.assert_array_equal(predicted, kept[0])
    for a, b in zip(trace.out, kept[1], strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(gradient.flat, kept[2])
    assert not np.shares_memory(network.predict(x), network.predict(x))


def test_a_trace_may_be_fed_its_own_output():
    network = make([3, 4, 3])
    x, _ = data(network)
    trace = network.forward(x)
    for view in (lambda a: a, lambda a: a[::-1], lambda a: a[:, ::-1]):
        expected = network.predict(view(trace.out[-1]).copy())
        network.forward(view(trace.out[-1]), trace=trace)
        np.testing.assert_array_equal(trace.out[-1], expected)
        expected = network.predict(trace.out[0][::-1].copy())
        network.forward(trace.out[0][::-1], trace=trace)
        np.testing.assert_array_equal(trace.out[-1], expected)


def test_targets_may_be_the_inputs_or_the_outputs_of_the_trace():
    network = make([3, 4, 3])
    x, _ = data(network)
    trace = network.forward(x)
    expected = network.backward(network.forward(x), x).flat
    np.testing.assert_array_equal(network.backward(trace, trace.out[0]).flat, expected)
    assert not network.backward(trace, trace.out[-1]).flat.any()


@pytest.mark.parametrize(("last", "loss"), LAST)
def test_targets_may_be_an_array_of_the_gradient_that_is_filled(last, loss):
    network = make([2, 2, 2], activation=["tanh", last], loss=loss)
    x, t = data(network)
    trace = network.forward(x)
    expected = network.backward(trace, t)
    for place in (lambda g: g.delta[-1], lambda g: g.out[-1], lambda g: g.delta[1],
                  lambda g: g.out[1], lambda g: g.out[0]):  # fmt: skip
        gradient = network.backward(trace, t)
        place(gradient)[...] = t
        network.backward(trace, place(gradient), gradient)
        arrays = zip(every_array(gradient), every_array(expected), strict=True)
        for array, other in arrays:
            np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("stack", [(), (4,)])
@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
def test_filling_again_allocates_nothing_that_grows(stack, loss):
    network = make([4, 40, 1], loss=loss, stack=stack)
    x, t = data(network, batch=1000)
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    tracemalloc.start()
    try:
        for _ in range(5):
            network.forward(x, trace=trace)
            network.backward(trace, t, gradient=gradient)
        peak = tracemalloc.get_traced_memory()[1]
        network.forward(x)
        control = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    buffers = sum(array.nbytes for array in every_array(trace)) / 2
    # What is left: checks of x and t, and ∂L/∂o of one output.
    assert peak < 0.2 * buffers
    assert control > 0.9 * buffers


# dtypes and arrays of every kind


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("last", "loss"), LAST)
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("stack", [(), (2,)])
def test_everything_has_the_networks_dtype(hidden, last, loss, stack, dtype):
    network = make(activation=[hidden, last], loss=loss, stack=stack, dtype=dtype)
    x, t = data(network)
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    arrays = [*every_array(network, trace, gradient), network.predict(x)]
    arrays += [network.loss(x, t)] if stack else []
    assert len(arrays) > 15
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize(("last", "loss"), LAST)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_backward_is_followed_analytically(hidden, last, loss):
    network = make(activation=[hidden, last], loss=loss)
    x, t = data(network)

    def gradient(parameters):
        other = network.with_parameters(parameters)
        return other.backward(other.forward(x), t).flat

    real = gradient(network.parameters)
    # A small entry is what is left of larger terms, and of their rounding.
    rounding = 4 * np.finfo(float).eps * np.abs(real).max()
    followed = gradient(network.parameters + 0j)
    np.testing.assert_allclose(followed, real, rtol=1e-13, atol=rounding)
    # ∂²L/∂w² = Im ∂L/∂w(w + ih) / h, a row for each parameter: symmetric
    pushed = gradient(network.parameters + 1e-200j * np.eye(real.size))
    hessian = pushed.imag / 1e-200
    close(hessian, hessian.T, 1e-12)
    assert hessian.any()


def test_float32_stays_near_float64():
    single, double = make(dtype=np.float32), make()
    x, t = data(double)
    np.testing.assert_array_equal(single.parameters, double.parameters.astype("f"))
    a, b = (n.backward(n.forward(x), t).flat for n in (single, double))
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6 * np.abs(b).max())


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.tolist(),
        lambda a: a.astype(np.float32).astype(object),
        lambda a: np.asfortranarray(a),
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a[:, ::-1][:, ::-1],
        lambda a: a.astype(">f8"),
        lambda a: a.view(type("Other", (np.ndarray,), {})),
        lambda a: np.ma.array(a),
    ],
)
def test_inputs_of_every_kind_are_read_alike(change):
    network = make()
    x, t = (np.round(a * 64) / 64 for a in data(network))
    expected = network.backward(network.forward(x), t)
    trace = network.forward(change(x))
    gradient = network.backward(trace, change(t))
    np.testing.assert_array_equal(gradient.flat, expected.flat)
    assert all(type(array) is np.ndarray for array in every_array(trace, gradient))
    assert network.loss(change(x), change(t)) == network.loss(x, t)


@pytest.mark.parametrize(
    "dtype", [bool, int, np.uint8, np.int8, np.float16, np.float32]
)
def test_numbers_of_every_kind_are_read_alike(dtype):
    network = make()
    x, t = np.eye(3), np.eye(3)[:, :2]
    given = x.astype(dtype), t.astype(dtype)
    assert network.loss(*given) == network.loss(x, t)


def test_inputs_are_left_alone_and_may_be_read_only():
    network = make()
    x, t = data(network)
    kept = x.copy(), t.copy()
    x.flags.writeable = t.flags.writeable = False
    trace = network.forward(x)
    network.backward(trace, t)
    network.forward(x, trace=trace)
    network.loss(x, t)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(t, kept[1])
    assert not np.shares_memory(trace.out[0], x)


def test_sizes_of_one():
    for last, loss in LAST:
        network = make([1, 1], activation=last, loss=loss)
        gradient = network.backward(network.forward([[0.5]]), [[1.0]])
        assert np.isfinite(gradient.flat).all()
        if last == "softmax":
            assert network.predict([[0.5]]).tolist() == [[1.0]]
            assert gradient.flat.tolist() == [0, 0]


@pytest.mark.parametrize(("last", "loss"), LAST)
def test_saturated_neurons_give_finite_losses_and_gradients(last, loss):
    network = make([2, 3, 2], activation=["tanh", last], loss=loss, init=1.0)
    network.parameters *= 1000.0
    x, _ = data(network)
    t = np.eye(2)[[0, 1, 0, 1, 0]]
    with np.errstate(all="raise", under="ignore"):
        gradient = network.backward(network.forward(x), t)
        assert np.isfinite(network.loss(x, t))
    assert np.isfinite(gradient.flat).all()


# Initial weights


@pytest.mark.parametrize(
    ("init", "deviations"),
    [
        ("xavier", [np.sqrt(2 / 300), np.sqrt(2 / 250)]),
        ("he", [np.sqrt(2 / 100), np.sqrt(2 / 200)]),
        ("normal", [1.0, 1.0]),
        (0.3, [0.3, 0.3]),
        (0, [0.0, 0.0]),
    ],
)
def test_initial_weights_have_the_deviation_of_their_rule(init, deviations):
    network = make([100, 200, 50], init=init)
    for weights, deviation in zip(network.weights, deviations, strict=True):
        # The deviation of n numbers is off by 1/√(2n), their mean by 1/√n: allow 5.
        n = weights.size
        assert abs(weights.std() - deviation) <= 5 * deviation / np.sqrt(2 * n)
        assert abs(weights.mean()) <= 5 * deviation / np.sqrt(n)
    assert not any(biases.any() for biases in network.biases)


def test_initial_weights_are_normal():
    weights = make([100, 200], init=1.0).weights[0].ravel()
    for limit, share in [(1, 0.682689), (2, 0.954500), (3, 0.997300)]:
        inside = np.mean(np.abs(weights) < limit)
        assert abs(inside - share) <= 5 * np.sqrt(share * (1 - share) / weights.size)


def test_an_array_over_the_stack_gives_each_network_its_deviation():
    deviations = np.array([[0.0, 0.1, 1.0], [2.0, 5.0, 10.0]])
    network = make([50, 60, 40], init=deviations, stack=(2, 3))
    for weights in network.weights:
        n = weights.shape[-1] * weights.shape[-2]
        error = np.abs(weights.std(axis=(-2, -1)) - deviations)
        assert (error <= 5 * deviations / np.sqrt(2 * n)).all()
    drawn = make([2, 1], stack=(500,), init="normal").parameters
    assert len(np.unique(drawn[:, 1])) == 500


def test_the_same_rng_gives_the_same_network_and_another_does_not():
    np.testing.assert_array_equal(make().parameters, make().parameters)
    assert (make(rng=rng(1)).weights[0] != make().weights[0]).all()
    source = rng()
    assert (make(rng=source).weights[0] != make(rng=source).weights[0]).all()


def test_nothing_else_is_seeded():
    np.random.seed(1)  # noqa: NPY002
    first = make().parameters.copy()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    make()
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    np.testing.assert_array_equal(first, make().parameters)


# Copies


def test_with_parameters_uses_the_array_it_is_given():
    network = make()
    parameters = np.zeros((2, 5, network.parameters.size))
    other = network.with_parameters(parameters)
    assert other.stack == (2, 5)
    assert other.parameters is parameters
    parameters[0, 0] = network.parameters
    x, _ = data(network)
    np.testing.assert_allclose(other.predict(x)[0, 0], network.predict(x), rtol=1e-14)
    assert (other.predict(x)[1] == 0.5).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda p: np.repeat(p, 2, axis=-1)[..., ::2],
        lambda p: np.asfortranarray(p),
        lambda p: p[::-1][::-1],
        lambda p: np.broadcast_to(p[0], p.shape),
    ],
)
def test_parameters_of_any_layout_stay_views(change):
    stack = make(stack=(3,))
    parameters = change(stack.parameters)
    network = stack.with_parameters(parameters)
    x, t = data(network)
    expected = stack.with_parameters(parameters.copy())
    for view in (*network.weights, *network.biases):
        assert np.shares_memory(view, parameters)
    a, b = (n.backward(n.forward(x), t).flat for n in (network, expected))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_with_parameters_takes_a_foreign_byte_order():
    network = make()
    foreign = network.with_parameters(network.parameters.astype(">f8"))
    x, t = data(network)
    assert foreign.dtype.isnative
    a, b = (n.backward(n.forward(x), t).flat for n in (foreign, network))
    np.testing.assert_array_equal(a, b)


def test_with_parameters_takes_lists_and_ints():
    network = make([1, 1]).with_parameters([0, 0])
    assert network.dtype == np.float64
    assert network.predict([[1.0]]).tolist() == [[0.5]]


@pytest.mark.parametrize(
    "duplicate",
    [
        lambda network: network.copy(),
        copy.deepcopy,
        lambda network: pickle.loads(pickle.dumps(network)),
    ],
)
@pytest.mark.parametrize("stack", [(), (2,)])
def test_a_copy_is_whole_and_independent(duplicate, stack):
    network = make(stack=stack, loss="binary_cross_entropy", dtype=np.float32)
    x, t = data(network)
    other = duplicate(network)
    assert repr(other) == repr(network)
    assert other.dtype == network.dtype
    np.testing.assert_array_equal(other.parameters, network.parameters)
    # Its weights are views of its own parameters.
    other.parameters[...] = 0.0
    assert (other.predict(x) == 0.5).all()
    assert (network.predict(x) != 0.5).all()
    history = bp.train(other, x, t, optimizer=bp.GradientDescent(1.0), epochs=9)
    assert (history.loss[-1] < history.loss[0]).all()


# What a pass leaves behind


def test_the_slope_of_every_neuron_is_left_behind():
    network = make(activation=["tanh", "softmax"], loss="cross_entropy", stack=(2,))
    trace = network.forward(data(network)[0])
    assert trace.slope[0] is trace.slope[2] is None
    close(trace.slope[1], 1 - trace.out[1] ** 2)


def test_reprs_show_shapes():
    network = make([2, 3, 1], stack=(4,))
    x, t = data(network, batch=5)
    trace = network.forward(x)
    assert repr(trace) == (
        "Trace(net=[None, (4, 5, 3), (4, 5, 1)], out=[(5, 2), (4, 5, 3), (4, 5, 1)], "
        "slope=[None, (4, 5, 3), (4, 5, 1)])"
    )
    assert repr(network.backward(trace, t)) == (
        "Gradient(weights=[(4, 2, 3), (4, 3, 1)], biases=[(4, 3), (4, 1)], "
        "delta=[None, (4, 5, 3), (4, 5, 1)], out=[(4, 5, 2), (4, 5, 3), (4, 5, 1)], "
        "flat=(4, 13))"
    )
    assert repr(network.weights) == "Views((4, 2, 3), (4, 3, 1))"


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda given: pickle.loads(pickle.dumps(given))],
)
def test_a_copy_can_be_read(duplicate):
    network = make()
    x, t = data(network)
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    read = network.backward(duplicate(trace), t)
    np.testing.assert_array_equal(read.flat, gradient.flat)


def test_traces_and_gradients_compare_by_identity():
    """Arrays have no single truth: == of the fields would raise."""
    network = bp.Network([2, 1], rng=np.random.default_rng(0))
    trace = network.forward(np.ones((3, 2)))
    gradient = network.backward(trace, np.ones((3, 1)))
    assert trace != network.forward(np.ones((3, 2)))
    assert gradient != network.backward(trace, np.ones((3, 1)))

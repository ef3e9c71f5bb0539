import mpmath
import numpy as np
import pytest
from _exact import exactly, inputs, sigmoid, softplus, worst_ulp

from backprop_lib import activations, losses
from backprop_lib.losses import LOSSES

by_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def delta_of(loss, activation, net, t, count=1):
    """δ of a last layer with this activation, in rows as a reader has them."""
    net, t = (np.swapaxes(array, -1, -2) for array in (net, t))
    arrays = np.full((5, *net.shape), np.nan, net.dtype)
    out, slope, rest, blame, delta = arrays
    activations.ACTIVATIONS[activation].writer(net.dtype)(net, out, slope, rest)
    start = losses.first_delta(loss, activation)
    start((net, out, slope, rest, count), t, blame, delta)
    return delta.swapaxes(-1, -2)


# Right of it a sigmoid's 1 − o stays where it is, near the smallest normal number.
EDGE = {np.float64: 708, np.float32: 87}


def test_the_table_names_the_three_losses():
    assert list(LOSSES) == ["squared_error", "binary_cross_entropy", "cross_entropy"]
    assert [loss.activation for loss in LOSSES.values()] == [None, "sigmoid", "softmax"]
    assert all(LOSSES[name].name == name for name in LOSSES)


# Against mpmath


@by_dtype
def test_softplus_within_4_ulp(dtype):
    x = inputs(dtype)
    with np.errstate(all="raise", under="ignore"):
        computed = losses.softplus(x)
    assert computed.dtype == dtype
    assert worst_ulp(computed, exactly(softplus, x)) <= 4


@by_dtype
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_binary_cross_entropy_within_4_ulp(target, dtype):
    x = inputs(dtype)
    net, t = x[:, None], np.full((len(x), 1), target, dtype)
    with np.errstate(all="raise", under="ignore"):
        out = activations.sigmoid(net)
        value = losses.binary_cross_entropy(net, out, t)
        delta = delta_of("binary_cross_entropy", "sigmoid", net, t)[:, 0]
    assert value.dtype == delta.dtype == dtype
    # t = 1: L = softplus(−net), δ = −σ(−net);  t = 0: L = softplus(net), δ = σ(net)
    sign = -1 if target else 1
    assert worst_ulp(value, exactly(lambda v: softplus(sign * v), x)) <= 4
    within = sign * x >= -EDGE[dtype]
    exact = exactly(lambda v: sign * sigmoid(sign * v), x[within])
    assert worst_ulp(delta[within], exact) <= 4
    assert (np.abs(delta[~within]) < 2 * np.finfo(dtype).tiny).all()


@by_dtype
def test_binary_cross_entropy_of_a_soft_target(dtype):
    x, target = inputs(dtype), 0.25
    net, t = x[:, None], np.full((len(x), 1), target, dtype)
    with np.errstate(all="raise", under="ignore"):
        value = losses.binary_cross_entropy(net, activations.sigmoid(net), t)
    exact = exactly(lambda v: softplus(-v) / 4 + softplus(v) * 3 / 4, x)
    # Two positive terms: no cancellation, one rounding more.
    assert worst_ulp(value, exact) <= 5


@by_dtype
@pytest.mark.parametrize("true_class", [0, 1])
def test_cross_entropy_within_4_ulp(true_class, dtype):
    x = inputs(dtype)
    net = np.stack([x, np.zeros_like(x)], axis=-1)
    t = np.zeros_like(net)
    t[:, true_class] = 1.0
    with np.errstate(all="raise", under="ignore"):
        out = activations.softmax(net)
        value = losses.cross_entropy(net, out, t)
        delta = delta_of("cross_entropy", "softmax", net, t)
    assert value.dtype == delta.dtype == dtype
    # For net = (x, 0): −log o_0 = softplus(−x), and δ = ±o of the other class.
    sign = 1 if true_class else -1
    other = exactly(lambda v: sigmoid(sign * v), x)
    assert worst_ulp(value, exactly(lambda v: softplus(sign * v), x)) <= 4
    assert worst_ulp(delta[:, 1 - true_class], other) <= 4
    assert worst_ulp(-delta[:, true_class], other) <= 4


def test_cross_entropy_of_four_classes_is_as_exact_as_its_differences():
    net = np.random.default_rng(3).uniform(-800, 800, (300, 4))
    with np.errstate(all="raise", under="ignore"):
        out = activations.softmax(net)
        values = [losses.cross_entropy(net, out, t) for t in np.eye(4)]
    with mpmath.workdps(400):
        for row, computed in zip(net, np.transpose(values), strict=True):
            total = mpmath.fsum(mpmath.exp(mpmath.mpf(v)) for v in row)
            exact = [mpmath.log(total) - mpmath.mpf(v) for v in row]
            # net_j − max rounds by half an ulp, up to 2⁻⁵³ · 1600: that is the relative
            # error of its exponential, and of a loss that consists of nothing else.
            for c, e in zip(computed, exact, strict=True):
                assert abs(c - e) <= (1600 + 8) * 2.0**-53 * e + 5e-324


def naive_binary(net, out, t):
    return -(t * np.log(out) + (1 - t) * np.log(1 - out)).sum(axis=-1)


def test_the_measure_refuses_the_logarithm_of_a_rounded_output():
    x = np.linspace(-30, 30, 301)
    net, t = x[:, None], np.zeros((301, 1))
    value = naive_binary(net, activations.sigmoid(net), t)
    assert worst_ulp(value, exactly(softplus, x)) > 1000
    with np.errstate(all="raise", under="ignore"), pytest.raises(FloatingPointError):
        naive_binary(net + 40, activations.sigmoid(net + 40), t)


def test_the_measure_refuses_o_minus_t():
    x = np.linspace(10, 40, 301)
    naive = activations.sigmoid(x) - 1.0
    assert worst_ulp(naive, exactly(lambda v: -sigmoid(-v), x)) > 1000


# Theory


def test_squared_error_is_half_the_squared_distance():
    out, t = np.random.default_rng(0).normal(size=(2, 3, 5, 4))
    expected = [[0.5 * sum((a - b) ** 2) for a, b in zip(*p)] for p in zip(out, t)]
    np.testing.assert_allclose(losses.squared_error(None, out, t), expected, rtol=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_sums_over_outputs_and_keeps_the_leading_axes(name):
    rng = np.random.default_rng(4)
    net = rng.normal(size=(2, 3, 5, 4))
    out = activations.sigmoid(net)
    t = np.eye(4)[rng.integers(4, size=(2, 3, 5))]
    value = LOSSES[name].value(net, out, t)
    assert value.shape == (2, 3, 5)
    if name != "cross_entropy":
        columns = [
            LOSSES[name].value(net[..., j, None], out[..., j, None], t[..., j, None])
            for j in range(4)
        ]
        np.testing.assert_allclose(value, sum(columns), rtol=1e-14)


def test_binary_cross_entropy_is_the_softmax_of_two():
    net = np.random.default_rng(5).normal(0, 3, (50, 1))
    t = (net > 0.3).astype(float)
    two = np.hstack([net, np.zeros_like(net)])
    np.testing.assert_allclose(
        losses.binary_cross_entropy(net, None, t),
        losses.cross_entropy(two, None, np.hstack([t, 1 - t])),
        rtol=1e-14,
    )


def test_cross_entropy_is_at_least_the_entropy_and_equals_it_at_the_target():
    rng = np.random.default_rng(6)
    net, other = rng.normal(0, 2, (2, 40, 3))
    t = activations.softmax(net)
    entropy = -(t * np.log(t)).sum(axis=-1)
    np.testing.assert_allclose(losses.cross_entropy(net, t, t), entropy, rtol=1e-13)
    assert (losses.cross_entropy(other, None, t) > entropy).all()


def test_one_class_alone_costs_nothing():
    net, t = np.array([[-800.0], [800.0]]), np.ones((2, 1))
    out = activations.softmax(net)
    assert losses.cross_entropy(net, out, t).tolist() == [0, 0]
    assert delta_of("cross_entropy", "softmax", net, t).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    ("name", "target"),
    [("binary_cross_entropy", [0.0, 1.0, 0.25]), ("cross_entropy", [0.2, 0.5, 0.3])],
)
def test_the_delta_in_one_go_is_that_of_the_two_steps(name, target):
    loss, net = LOSSES[name], np.random.default_rng(7).normal(0, 2, (20, 3))
    t = np.broadcast_to(target, net.shape)
    out = activations.ACTIVATIONS[loss.activation].function(net)
    by_out = loss.gradient(net, out, t)
    if loss.activation == "softmax":
        expected = out * (by_out - (out * by_out).sum(axis=-1, keepdims=True))
    else:
        expected = activations.sigmoid_derivative(net) * by_out
    delta = delta_of(name, loss.activation, net, t)
    np.testing.assert_allclose(delta, expected, rtol=1e-12, atol=1e-15)
    # and both are o − t
    np.testing.assert_allclose(delta, out - t, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("activation", activations.ACTIVATIONS)
def test_the_squared_error_starts_with_the_transposed_jacobian(activation):
    net, t = np.random.default_rng(2).normal(0, 2, (2, 7, 5))
    function = activations.ACTIVATIONS[activation].function
    # J_jk = ∂o_j/∂net_k, one complex step for each net_k
    jacobian = np.empty((7, 5, 5))
    for k in range(5):
        moved = net.astype(complex)
        moved[:, k] += 1e-200j
        jacobian[:, :, k] = function(moved).imag / 1e-200
    expected = np.einsum("bjk,bj->bk", jacobian, function(net) - t) / 7
    delta = delta_of("squared_error", activation, net, t, count=7)
    np.testing.assert_allclose(delta, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_by_out_is_that_of_the_plain_formula(name):
    plain = {
        "squared_error": lambda o, t: ((o - t) ** 2).sum(axis=-1) / 2,
        "binary_cross_entropy": lambda o, t: naive_binary(None, o, t),
        "cross_entropy": lambda o, t: -(t * np.log(o)).sum(axis=-1),
    }[name]
    net = np.random.default_rng(8).normal(0, 2, (20, 3))
    out = activations.sigmoid(net)
    t = np.broadcast_to([0.2, 0.5, 0.3], out.shape)
    result = np.full_like(out, np.nan)
    assert LOSSES[name].gradient(net, out, t, result=result) is result
    for j in range(3):
        moved = out.astype(complex)
        moved[:, j] += 1e-200j
        expected = plain(moved, t).imag / 1e-200
        np.testing.assert_allclose(result[:, j], expected, rtol=1e-13, atol=1e-15)


def test_gradients_by_out_go_to_infinity_without_a_warning():
    net = np.array([[-800.0], [800.0]])
    out = activations.sigmoid(net)
    with np.errstate(all="raise", under="ignore"):
        wrong = losses.binary_cross_entropy_gradient(net, out, np.array([[1.0], [0.0]]))
        right = losses.binary_cross_entropy_gradient(net, out, np.array([[0.0], [1.0]]))
        two = losses.cross_entropy_gradient(
            None, np.array([0.0, 1.0]), np.array([1.0, 0])
        )
    assert wrong.ravel().tolist() == [-np.inf, np.inf]
    assert right.ravel().tolist() == [1, -1]
    assert two.tolist() == [-np.inf, 0]


@by_dtype
@pytest.mark.parametrize("name", LOSSES)
def test_dtype_is_kept(name, dtype):
    loss = LOSSES[name]
    net = np.random.default_rng(9).normal(size=(6, 3)).astype(dtype)
    out = activations.softmax(net)
    t = np.eye(3, dtype=dtype)[[0, 1, 2, 0, 1, 2]]
    assert loss.value(net, out, t).dtype == dtype
    assert loss.gradient(net, out, t).dtype == dtype


@pytest.mark.parametrize("given", [[5], [True], 5, np.uint8([5]), np.array(5)])
def test_softplus_takes_any_number(given):
    expected = losses.softplus(np.array(given, float))
    np.testing.assert_array_equal(losses.softplus(given), expected)


def test_targets_shared_by_a_stack_are_broadcast():
    net = np.random.default_rng(10).normal(size=(3, 6, 4))
    out = activations.softmax(net)
    t = np.eye(4)[[0, 1, 2, 3, 0, 1]]
    each = np.broadcast_to(t, net.shape)
    for name in ("binary_cross_entropy", "cross_entropy"):
        loss = LOSSES[name]
        np.testing.assert_array_equal(
            loss.value(net, out, t), loss.value(net, out, each)
        )
        np.testing.assert_array_equal(
            delta_of(name, loss.activation, net, t),
            delta_of(name, loss.activation, net, each),
        )


# Numbers of every kind

VALUES = [losses.squared_error, losses.binary_cross_entropy, losses.cross_entropy]
GRADIENTS = [loss.gradient for loss in LOSSES.values()]
LISTS = [
    ([[0, 1], [1, 0]], [[1, 0], [0, 1]]),
    ([0.5, 0.25], [0.0, 1.0]),
    ([True, False], [False, True]),
    (np.uint8([0, 1]), np.uint8([1, 0])),
    ((1, 0), (0, 1)),
]


@pytest.mark.parametrize("function", VALUES + GRADIENTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("out", "t"), LISTS)
def test_lists_ints_and_bools_are_numbers(function, out, t):
    expected = function(*(np.array(a, float) for a in (out, out, t)))
    result = function(out, out, t)
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == np.float64


@pytest.mark.parametrize("function", VALUES + GRADIENTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("t", [0, 1, 0.25])
def test_a_number_is_one_output_of_one_example(function, t):
    for given in (0.5, np.array(0.5), np.float64(0.5)):
        result = function(given, given, t)
        assert np.shape(result) == ()
        assert float(result) == function(*np.array([[0.5], [0.5], [t]])).ravel()[0]


@pytest.mark.parametrize(
    ("function", "net", "t", "limit"),
    [
        (losses.binary_cross_entropy, [np.inf], [1.0], 0),
        (losses.binary_cross_entropy, [-np.inf], [0.0], 0),
        (losses.binary_cross_entropy, [np.inf], [0.0], np.inf),
        (losses.binary_cross_entropy, [-np.inf], [1.0], np.inf),
        (losses.binary_cross_entropy, [np.inf], [0.5], np.inf),
        (losses.cross_entropy, [np.inf, 0.0], [1.0, 0.0], 0),
        (losses.cross_entropy, [np.inf, 0.0], [0.0, 1.0], np.inf),
        (losses.cross_entropy, [0.0, -np.inf], [1.0, 0.0], 0),
        (losses.cross_entropy, [0.0, -np.inf], [0.0, 1.0], np.inf),
        (losses.cross_entropy, [np.inf, np.inf, 1.0], [1.0, 0.0, 0.0], np.log(2)),
        (losses.cross_entropy, [-np.inf, -np.inf], [0.0, 1.0], np.log(2)),
        (losses.cross_entropy, [1e308, -1e308], [1.0, 0.0], 0),
    ],
)
def test_infinite_nets_give_the_limit_without_a_warning(function, net, t, limit):
    with np.errstate(all="raise", under="ignore", over="ignore"):
        assert function(net, None, t) == limit


@pytest.mark.parametrize("function", VALUES, ids=lambda f: f.__name__)
def test_nan_stays_nan(function):
    assert np.isnan(function([np.nan, 0.0], [np.nan, 0.5], [0.0, 1.0]))

import math
import tracemalloc

import mpmath
import numpy as np
import pytest
from _exact import exactly, inputs, sigmoid, worst_ulp

from backprop_lib import activations as lib
from backprop_lib.activations import ACTIVATIONS, sum_of_others

NAMES = list(ACTIVATIONS)
FUNCTIONS = [
    *(activation.function for activation in ACTIVATIONS.values()),
    *(a.derivative for a in ACTIVATIONS.values() if a.derivative is not None),
]
by_name = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
by_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def some_net(dtype=np.float64, shape=(4, 5)):
    return np.random.default_rng(1).normal(0, 3, shape).astype(dtype)


def test_the_table_names_the_six_activations():
    assert NAMES == ["sigmoid", "tanh", "relu", "leaky_relu", "identity", "softmax"]
    assert all(ACTIVATIONS[name].name == name for name in NAMES)
    assert [n for n in NAMES if ACTIVATIONS[n].derivative is None] == ["softmax"]


# Against mpmath


def sigmoid_slope(v):
    return sigmoid(v) * sigmoid(-v)


def tanh_slope(v):
    return mpmath.sech(v) ** 2


EXACT = [
    (lib.sigmoid, sigmoid),
    (lib.sigmoid_derivative, sigmoid_slope),
    (lib.tanh, mpmath.tanh),
    (lib.tanh_derivative, tanh_slope),
]


@by_dtype
@pytest.mark.parametrize(("function", "exact"), EXACT, ids=lambda f: f.__name__)
def test_within_4_ulp_of_the_exact_value(function, exact, dtype):
    x = inputs(dtype)
    with np.errstate(all="raise", under="ignore"):
        computed = function(x)
    assert computed.dtype == dtype
    assert worst_ulp(computed, exactly(exact, x)) <= 4


@by_dtype
def test_softmax_within_4_ulp_of_the_exact_value(dtype):
    x = inputs(dtype)
    # softmax of (x, 0) is (σ(x), σ(−x))
    with np.errstate(all="raise", under="ignore"):
        computed = lib.softmax(np.stack([x, np.zeros_like(x)], axis=-1))
    assert computed.dtype == dtype
    assert worst_ulp(computed[:, 0], exactly(sigmoid, x)) <= 4
    assert worst_ulp(computed[:, 1], exactly(lambda v: sigmoid(-v), x)) <= 4


@pytest.mark.parametrize(
    ("naive", "exact"),
    [
        (lambda x: lib.sigmoid(x) * (1 - lib.sigmoid(x)), sigmoid_slope),
        (lambda x: 1 - np.tanh(x) ** 2, tanh_slope),
        (lambda x: 0.5 * (1 + np.tanh(x / 2)), sigmoid),
        (lambda x: lib.sigmoid(x) * (1 + 1e-15), sigmoid),
    ],
)
def test_the_measure_refuses_formulas_that_lose_digits(naive, exact):
    x = inputs(np.float64)
    assert worst_ulp(naive(x), exactly(exact, x)) > 4


def test_the_measure_refuses_a_formula_that_overflows():
    with np.errstate(all="raise", under="ignore"), pytest.raises(FloatingPointError):
        1 / (1 + np.exp(-inputs(np.float64)))


# Properties


def test_the_sigmoid_is_symmetric_and_its_slope_at_most_a_quarter():
    x = inputs(np.float64)
    # σ(x) + σ(−x) = 1, each within 2 ulp of at most 2⁻⁵³
    assert np.abs(lib.sigmoid(x) + lib.sigmoid(-x) - 1).max() <= 4 * 2.0**-53
    slope = lib.sigmoid_derivative(x)
    assert slope.max() == 0.25 == lib.sigmoid_derivative(0.0)
    assert (slope == lib.sigmoid_derivative(-x)).all()
    assert (slope > 0)[np.abs(x) < 745].all()


def test_the_sigmoid_does_not_decrease():
    coarse = np.linspace(-800, 800, 4001)
    assert (np.diff(lib.sigmoid(coarse)) >= 0).all()


@pytest.mark.parametrize("name", [n for n in NAMES if n != "softmax"])
def test_the_derivative_is_the_functions_own(name):
    activation = ACTIVATIONS[name]
    net = some_net()
    # f′(net) = Im f(net + ih) / h
    slope = activation.function(net + 1e-200j).imag / 1e-200
    np.testing.assert_allclose(activation.derivative(net), slope, rtol=1e-14)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(
            1.001 * slope, activation.derivative(net), rtol=1e-14
        )


@pytest.mark.parametrize("name", NAMES)
def test_complex_input_follows_the_real_function(name):
    net = some_net()
    function = ACTIVATIONS[name].function
    np.testing.assert_allclose(function(net + 0j), function(net), rtol=1e-15)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "softmax"])
def test_complex_input_follows_the_derivative(name):
    derivative, net = ACTIVATIONS[name].derivative, some_net()
    np.testing.assert_allclose(derivative(net + 0j), derivative(net), rtol=1e-14)
    # f″(net) = Im f′(net + ih) / h, by theory on the right
    s, u = lib.sigmoid(net), np.tanh(net)
    curvature = {
        "sigmoid": s * (1 - s) * (1 - 2 * s),
        "tanh": -2 * u * (1 - u**2),
    }.get(name, np.zeros_like(net))
    pushed = derivative(net + 1e-200j).imag / 1e-200
    np.testing.assert_allclose(pushed, curvature, rtol=1e-11, atol=1e-14)


def test_complex_slopes_go_to_0_without_a_warning():
    net = np.array([-1e308, -800.0, 800.0, 1e308]) + 1e-20j
    with np.errstate(all="raise", under="ignore"):
        assert not lib.sigmoid_derivative(net).any()
        assert not lib.tanh_derivative(net).any()


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_the_complex_kink_belongs_to_the_left(name):
    activation, kink = ACTIVATIONS[name], np.array([1e-20j])
    # f is linear to the left: f(ih) = f′(0) ih
    np.testing.assert_array_equal(
        activation.function(kink), activation.derivative(kink) * kink
    )


@pytest.mark.parametrize(
    ("function", "at_kink"),
    [
        (lib.relu, 0.0),
        (lib.relu_derivative, 0.0),
        (lib.leaky_relu, 0.0),
        (lib.leaky_relu_derivative, 0.01),
    ],
)
def test_the_kink_belongs_to_the_left(function, at_kink):
    assert function(np.array([0.0, -0.0])).tolist() == [at_kink, at_kink]


def test_softmax_is_a_distribution_whatever_the_shift():
    net = some_net(shape=(3, 4, 6))
    out = lib.softmax(net)
    np.testing.assert_allclose(out.sum(axis=-1), 1.0, rtol=1e-15)
    assert (out > 0).all()
    # net holds multiples of 2⁻⁵⁰ or so; adding 2¹⁰ rounds each by at most 2⁻⁴³
    np.testing.assert_allclose(lib.softmax(net + 1024.0), out, rtol=2.0**-41)
    np.testing.assert_array_equal(
        lib.softmax(net[..., ::-1]).argmax(-1), 5 - out.argmax(-1)
    )


@pytest.mark.parametrize(
    ("net", "limit"),
    [
        ([np.inf, 0.0], [1, 0]),
        ([0.0, -np.inf], [1, 0]),
        ([np.inf, np.inf, -np.inf, 1.0], [0.5, 0.5, 0, 0]),
        ([-np.inf, -np.inf], [0.5, 0.5]),
        ([[np.inf, 0.0], [0.0, 0.0]], [[1, 0], [0.5, 0.5]]),
        (np.inf, 1),
        (-3, 1),
    ],
)
def test_softmax_of_infinities_is_the_limit(net, limit):
    with np.errstate(all="raise", under="ignore"):
        assert lib.softmax(net).tolist() == limit
    assert np.isnan(lib.softmax(np.nan))
    assert np.isnan(lib.softmax([np.nan, np.inf])).any()


def test_the_quick_test_for_finite_numbers_errs_on_one_side_only():
    for bad in (np.nan, np.inf, -np.inf, 1e300):
        assert not lib.surely_finite(np.array([[1.0, bad]]))
    assert lib.surely_finite(np.array([[1.0], [-1e150]]))
    assert lib.surely_finite(np.array([1.0 + 2.0j]))


def test_softmax_of_one_is_one():
    assert lib.softmax(np.array([[-800.0], [0.0], [800.0]])).ravel().tolist() == [
        1,
        1,
        1,
    ]


def test_softmax_works_along_the_last_axis_alone():
    net = some_net(shape=(3, 4))
    rows = np.array([lib.softmax(row) for row in net])
    np.testing.assert_array_equal(lib.softmax(net), rows)


@pytest.mark.parametrize(
    ("function", "left", "right"),
    [
        (lib.sigmoid, 0, 1),
        (lib.sigmoid_derivative, 0, 0),
        (lib.tanh, -1, 1),
        (lib.tanh_derivative, 0, 0),
        (lib.relu, 0, np.inf),
        (lib.leaky_relu, -np.inf, np.inf),
        (lib.identity, -np.inf, np.inf),
    ],
)
def test_limits_are_reached_without_a_warning(function, left, right):
    with np.errstate(all="raise", under="ignore"):
        assert function(np.array([-np.inf, np.inf])).tolist() == [left, right]
        huge = np.finfo(float).max / 2
        assert np.isfinite(function(np.array([-huge, huge]))).all()


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name):
    assert np.isnan(ACTIVATIONS[name].function(np.array([np.nan, np.nan]))).all()


# Arrays of every kind


@by_name
@by_dtype
def test_dtype_and_shape_are_kept(function, dtype):
    for shape in [(1,), (4, 5), (2, 3, 4, 5), (1, 1), (0, 3)]:
        net = some_net(dtype, shape)
        if net.size or function is not lib.softmax:
            result = function(net)
            assert result.shape == shape
            assert result.dtype == dtype


@by_name
def test_the_input_is_left_alone(function):
    net = some_net()
    kept = net.copy()
    net.flags.writeable = False
    function(net)
    np.testing.assert_array_equal(net, kept)


def written(name, net):
    """What the activation writes beside each other: o, the slope, and the rest."""
    out, slope, rest = np.full((3, *net.shape), np.nan, net.dtype)
    given = ACTIVATIONS[name].writer(net.dtype)(net, out, slope, rest)
    assert given is None
    return out, slope, rest


@by_dtype
@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_together_is_what_each_function_says(name, dtype):
    net, ulp = some_net(dtype), 4 * np.finfo(dtype).eps
    out, slope, _ = written(name, net.T)
    activation = ACTIVATIONS[name]
    if name == "softmax":  # whose sums BLAS adds up in an order that shapes decide
        np.testing.assert_allclose(out.T, activation.function(net), rtol=ulp)
        return
    np.testing.assert_array_equal(out.T, activation.function(net))
    np.testing.assert_allclose(slope.T, activation.derivative(net), rtol=ulp)


@by_dtype
@pytest.mark.parametrize("n", [1, 2, 128, 129, 500])
def test_a_sum_of_all_others_is_summed_without_the_one(n, dtype):
    e = np.exp(-np.random.default_rng(0).exponential(9, (2, n, 3))).astype(dtype)
    result = np.empty_like(e)
    sum_of_others(e, result)
    exact = [
        [math.fsum(np.delete(column, j)) for column in part.T.astype(float)]
        for part in e
        for j in range(n)
    ]
    ulp = n * np.finfo(dtype).eps
    np.testing.assert_allclose(result.reshape(-1, 3), exact, rtol=ulp)


@by_dtype
def test_softmax_is_the_same_with_its_shift_and_without(dtype):
    net = some_net(dtype, (7, 5))
    far = np.concatenate([net, np.full((1, 5), 600, dtype)])
    far[-1, 1:] = -600
    ulp = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(lib.softmax(far)[:-1], lib.softmax(net), rtol=ulp)


def test_softmax_of_very_many_takes_no_matrix_of_them():
    net = np.zeros(100_000)
    np.testing.assert_allclose(lib.softmax(net), 1e-5, rtol=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
@pytest.mark.parametrize("kind", [float, complex])
def test_the_rest_is_1_minus_o_without_the_cancellation(name, kind):
    net = np.array([[0.0, 3.0, 40.0, 300.0], [0.0, 0.0, 0.0, 0.0]]).astype(kind)
    _, _, rest = written(name, net)
    # 1 − σ(x) = σ(−x), and softmax of (x, 0) is (σ(x), σ(−x))
    np.testing.assert_allclose(rest[0], lib.sigmoid(-net[0]), rtol=1e-15)
    if name == "softmax":
        np.testing.assert_allclose(rest[1], lib.sigmoid(net[0]), rtol=1e-15)


def test_a_sigmoids_written_slope_keeps_its_digits_down_to_its_edge():
    x = inputs(np.float64)
    with np.errstate(all="raise", under="ignore"):
        _, slope, _ = written("sigmoid", x)
    within = x <= 708
    assert worst_ulp(slope[within], exactly(sigmoid_slope, x[within])) <= 4
    assert (slope[~within] < 4e-308).all()


@by_name
def test_strided_and_transposed_arrays_give_the_same(function):
    net = some_net(shape=(8, 10))
    view = net[::-2, 1::3]
    np.testing.assert_allclose(function(view), function(view.copy()), rtol=1e-15)


@by_name
@pytest.mark.parametrize("given", [[1, 0, 2], [True, False, True], [0.5, 1.5, -2.0]])
def test_lists_ints_and_bools_are_numbers(function, given):
    result = function(given)
    np.testing.assert_array_equal(result, function(np.array(given, float)))
    assert result.dtype == np.float64


@by_name
def test_a_number_gives_a_number(function):
    assert np.shape(function(0.5)) == ()
    assert float(function(np.array(2))) == float(function(np.array([2.0]))[0])


@pytest.mark.parametrize("name", [n for n in NAMES if n != "softmax"])
def test_writing_allocates_nothing(name):
    net, out, slope, rest = np.random.default_rng(0).normal(size=(4, 500, 100))
    write = ACTIVATIONS[name].write
    write(net, out, slope, rest)
    tracemalloc.start()
    try:
        write(net, out, slope, rest)
        peak = tracemalloc.get_traced_memory()[1]
        ACTIVATIONS[name].function(net)
        control = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # One array takes 400 kB; numpy's own iteration buffers are of a fixed size.
    assert peak < 100_000
    assert control > 400_000

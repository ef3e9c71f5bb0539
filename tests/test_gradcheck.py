import itertools
import re

import mpmath
import numpy as np
import pytest
from _networks import backward, rng

import backprop_lib as bp
from backprop_lib.gradcheck import (
    check_gradient,
    compare,
    diagnose,
    numerical_gradient,
)
from backprop_lib.mistakes import mistaken_gradients


def make(sizes=(3, 4, 2), **settings):
    settings.setdefault("rng", rng())
    network = bp.Network(sizes, **settings)
    # Biases other than 0, so that a mistake in them shows.
    network.parameters += 0.3 * rng(9).standard_normal(network.parameters.shape)
    return network


def data(network, batch=5, seed=1):
    x = rng(seed).normal(size=(batch, network.sizes[0]))
    t = rng(seed + 1).uniform(size=(batch, network.sizes[-1]))
    return x, t / t.sum(axis=-1, keepdims=True)


# Numerical derivatives


def sum_of_exp(w):
    return np.exp(w).sum()


@pytest.mark.parametrize("w", [0.0, 1.0, -2.0])
def test_the_central_error_falls_with_the_square_of_the_step(w):
    steps = 10.0 ** -np.arange(0, 4.5, 0.5)
    errors = [numerical_gradient(sum_of_exp, [w], step=h)[0] - np.exp(w) for h in steps]
    # (e^(w+h) − e^(w−h)) / 2h = e^w sinh(h)/h: the error is e^w (h²/6 + h⁴/120 + ...)
    expected = np.exp(w) * (steps**2 / 6 + steps**4 / 120)
    np.testing.assert_allclose(errors, expected, rtol=2e-3, atol=1e-11)
    slopes = np.diff(np.log10(errors)) / np.diff(np.log10(steps))
    np.testing.assert_allclose(slopes[1:7], 2.0, atol=0.02)


def test_a_forward_difference_would_fail_the_test_of_order():
    steps = 10.0 ** -np.arange(1, 4.0)
    errors = [(np.exp(h) - 1) / h - 1 for h in steps]
    slopes = np.diff(np.log10(errors)) / np.diff(np.log10(steps))
    assert np.abs(slopes - 2).min() > 0.9


def test_below_its_best_step_the_central_error_grows_again():
    errors = [
        abs(numerical_gradient(sum_of_exp, [1.0], step=h)[0] - np.e)
        for h in (1e-5, 1e-9, 1e-12)
    ]
    assert errors[0] < 1e-9 < errors[1] < errors[2]


def test_the_default_central_step_is_near_the_best():
    for w in (-3.0, 0.0, 0.5, 50.0):
        error = abs(numerical_gradient(sum_of_exp, [w])[0] / np.exp(w) - 1)
        # h = ∛ε · max(1, |w|): truncation h²/6 and rounding ε/h, relative to e^w
        h = np.cbrt(2.0**-52) * max(1, abs(w))
        assert error < h**2 / 6 + 2 * 2.0**-52 * max(1, abs(w)) / h
    large = numerical_gradient(lambda w: (w**2).sum(), [1e9])[0]
    assert large == pytest.approx(2e9, rel=1e-9)


def test_the_complex_step_is_exact_to_a_few_ulp():
    def function(w):
        return (np.exp(w) / (1 + w * w)).sum()

    w = rng().uniform(-3, 3, 30)
    computed = numerical_gradient(function, w, method="complex")
    for c, v in zip(computed, map(mpmath.mpf, w), strict=True):
        # (e^w / (1 + w²))′ = e^w (1 − w)² / (1 + w²)²
        exact = mpmath.exp(v) * (1 - v) ** 2 / (1 + v * v) ** 2
        # Two terms of the quotient rule cancel near w = 1.
        scale = mpmath.exp(v) * (1 + v * v + 2 * abs(v)) / (1 + v * v) ** 2
        assert abs(c - exact) <= 8 * 2.0**-53 * scale


@pytest.mark.parametrize("method", ["central", "complex"])
def test_every_shape_of_parameters_is_differentiated_in_place(method):
    for shape in [(), (1,), (4,), (2, 3), (2, 3, 4)]:
        w = rng().normal(size=shape)
        result = numerical_gradient(lambda w: (w**3).sum(), w, method)
        assert result.shape == shape
        assert result.dtype == np.float64
        np.testing.assert_allclose(result, 3 * w**2, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("method", ["central", "complex"])
@pytest.mark.parametrize("stack", [(1,), (3,), (2, 2)])
def test_a_stack_is_differentiated_at_the_price_of_one(method, stack):
    w, calls = rng().normal(size=(*stack, 5)), []

    def function(w):
        calls.append(1)
        return (w**3).sum(axis=-1)

    result = numerical_gradient(function, w, method)
    np.testing.assert_allclose(result, 3 * w**2, rtol=1e-7, atol=1e-8)
    # One to see the shape, and one or two for each of the five parameters.
    assert len(calls) == 1 + 5 * (2 if method == "central" else 1)


@pytest.mark.parametrize("method", ["central", "complex"])
def test_parameters_are_left_as_they_are(method):
    w = rng().normal(size=4)
    kept = w.copy()
    w.flags.writeable = False

    def spoils_its_argument(w):
        value = (w**2).sum()
        w[...] = 0
        return value

    result = numerical_gradient(spoils_its_argument, w, method)
    np.testing.assert_allclose(result, 2 * kept, rtol=1e-8)
    np.testing.assert_array_equal(w, kept)


@pytest.mark.parametrize("method", ["central", "complex"])
@pytest.mark.parametrize(
    "given", [[1, 2], (1.0, 2.0), np.float32([1, 2]), np.array([[1, 0], [2, 0]])[:, 0]]
)
def test_numbers_of_every_kind_are_differentiated_as_float64(method, given):
    result = numerical_gradient(lambda w: (w**2).sum(), given, method)
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, [2, 4], rtol=1e-9)


def test_a_function_may_return_a_list():
    result = numerical_gradient(lambda w: list((w**2).sum(-1)), [[1.0], [2.0]])
    np.testing.assert_allclose(result, [[2], [4]], rtol=1e-9)


def recurrent(**settings):
    return bp.RecurrentNetwork([2, 3, 1], rng=rng(), **settings)


def sequences(steps=5, loss_at="last"):
    shape = (4, 1) if loss_at == "last" else (steps, 4, 1)
    return rng(1).normal(size=(steps, 4, 2)), rng(2).normal(size=shape)


def square(w):
    return (w**2).sum()


REFUSED = [
    (lambda: numerical_gradient(square, [1.0], "forward"), "'forward'", "'central' or"),
    (lambda: numerical_gradient(square, [1.0], step=0.0), "step is 0.0", "above 0"),
    (lambda: numerical_gradient(square, [1.0], step=-1), "step is -1", "above 0"),
    (lambda: numerical_gradient(square, [1.0], step="h"), "step is 'h'", "above 0"),
    (
        lambda: numerical_gradient(square, [1.0, 1e9], step=1e-12),
        "step is 1e-12.*beside a parameter of 1e.09",
        "a larger one",
    ),
    (lambda: numerical_gradient(square, [1.0, np.nan]), "not finite", "expected real"),
    (lambda: numerical_gradient(square, [1.0, 1j]), "complex", "expected real"),
    (
        lambda: numerical_gradient(lambda w: w, [1.0, 2.0]),
        r"shape \(2,\) for parameters of shape \(2,\)",
        "expected a number",
    ),
    (
        lambda: numerical_gradient(lambda w: np.ones(3), np.ones((2, 4))),
        r"shape \(3,\) for parameters of shape \(2, 4\)",
        "one number for each network",
    ),
    (
        lambda: numerical_gradient(lambda w: abs(w).sum(), [1.0], "complex"),
        "returned float64 for complex parameters",
        "expected complex.*method='central'",
    ),
    (lambda: compare([1.0, 2.0], [1.0]), r"shape \(2,\)", r"expected \(1,\)"),
    (
        lambda: check_gradient(make(), *data(make()), np.zeros(5)),
        r"gradient has shape \(5,\)",
        r"expected \(26,\)",
    ),
    (
        lambda: diagnose(make(), *data(make()), np.zeros(5)),
        r"gradient has shape \(5,\)",
        r"expected \(26,\)",
    ),
    (
        lambda: check_gradient("n", *data(make())),
        "network is of type str",
        "a Network or RecurrentNetwork",
    ),
    (
        lambda: diagnose("n", *data(make()), np.zeros(26)),
        "network is of type str",
        "a Network or RecurrentNetwork",
    ),
    (
        lambda: check_gradient(make(), *data(make()), np.array(["a"] * 26)),
        "gradient holds <U1",
        "real numbers",
    ),
    (
        lambda: diagnose(make(), *data(make()), np.full(26, 1j)),
        "gradient holds complex128",
        "real numbers",
    ),
    *(
        (
            lambda tolerance=tolerance: check_gradient(
                make(), *data(make()), tolerance=tolerance
            ),
            f"tolerance is {tolerance!r}",
            "from 0 up",
        )
        for tolerance in (np.nan, np.inf, -1.0, "x", True)
    ),
    (
        lambda: check_gradient(make(), *data(make()), method="forward"),
        "'forward'",
        "'central' or 'complex'",
    ),
    (
        lambda: check_gradient(make(), np.ones((5, 4)), np.ones((5, 2))),
        r"x has shape \(5, 4\)",
        r"\(batch, 3\)",
    ),
    (
        lambda: diagnose(make(), np.ones((5, 3)), np.ones((4, 2)), np.zeros(26)),
        "t has 4 rows",
        "expected 5",
    ),
]


@pytest.mark.parametrize(("call", "came", "expected"), REFUSED)
def test_bad_input_is_refused_with_what_came_and_what_was_expected(
    call, came, expected
):
    with pytest.raises(ValueError, match=rf"(?s){came}.*{expected}"):
        call()


# What a complex step has lost


def net_of(w):
    return w[0] * w[1] - 3.0


LOST = {
    "absolute value": lambda w: abs(net_of(w)) + 0j,
    "real part": lambda w: complex(np.real(net_of(w)) ** 2),
    "modulus squared": lambda w: abs(net_of(w)) ** 2 + 0j,
    "conjugate": lambda w: complex(np.vdot(net_of(w), net_of(w))),
    "of one parameter": lambda w: w[0] ** 2 + w[1].real ** 2 + 0j,
    "of a stack": lambda w: (w**2).real.sum(axis=-1).astype(complex),
}


@pytest.mark.parametrize("name", LOST)
def test_a_slope_that_a_complex_step_loses_whole_is_refused(name):
    w = np.array([[0.7, -1.2]] * 3 if "stack" in name else [0.7, -1.2])
    with pytest.raises(
        ValueError, match=r"(?s)imaginary part of 0.*expected an analytic.*'central'"
    ):
        numerical_gradient(LOST[name], w, "complex")
    numerical_gradient(lambda w: LOST[name](w).real, w)


LEVEL = {
    "constant": (lambda w: 3.0 + 0 * w.sum(), [0.7, -1.2]),
    "minimum": (lambda w: (w**2).sum(), [0.0, 0.0]),
    "saddle": (lambda w: w[0] * w[1] + w[0] ** 3, [0.0, 0.0]),
    "inflexion": (lambda w: 5.0 + (w**3).sum(), [0.0, 0.0]),
    "underflow": (lambda w: 1e-150 * w.sum(), [1.0, 2.0]),
    "kink": (lambda w: np.where(w.real > 0, w, 0).sum(), [0.0, 0.0]),
    "beside a kink": (lambda w: np.where(w.real > 1e-6, w, 0).sum(), [0.0, 0.0]),
    "level side": (lambda w: np.where(w.real > 0, w, 0).sum(), [-1.0, -2.0]),
    "rounding": (lambda w: 1e6 * (1 + 0 * w.sum()) + (w.real * 1e-12).sum(), [1, 2]),
}


@pytest.mark.parametrize("name", LEVEL)
def test_a_slope_of_0_that_is_right_is_not_refused(name):
    function, w = LEVEL[name]
    slopes = numerical_gradient(function, np.array(w), "complex")
    np.testing.assert_array_equal(slopes, 0.0)


def test_networks_whose_slopes_are_0_are_not_refused():
    x, t = bp.datasets.xor()
    for settings in (
        {"init": 0.0},
        {"activation": "relu"},
        {"activation": ["relu", "sigmoid"], "init": 30.0},
    ):
        network = bp.Network([2, 3, 1], rng=rng(3), **settings)
        for shift in (0.0, -0.7):
            network.biases[0][...] = shift

            def loss(p, network=network):
                return network.with_parameters(p).loss(x, t)

            found = numerical_gradient(loss, network.parameters, "complex")
            right = backward(network, x, t).flat
            np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-15)


# Comparison


def test_compare_is_the_largest_difference_by_the_largest_entry():
    assert compare([1.0, 3.0], [1.0, 4.0]) == 0.25
    assert compare([1.0, -4.0], [1.0, 4.0]) == 2.0
    assert compare([0.0, 0.0], [0.0, 0.0]) == 0.0
    assert compare([0.0], [1e-300]) == 1.0
    assert type(compare([1.0], [1.0])) is float


def test_compare_by_axis_keeps_the_others():
    a, b = rng().normal(size=(2, 3, 4, 5))
    errors = compare(a, b, axis=(-2, -1))
    assert errors.tolist() == [compare(a[i], b[i]) for i in range(3)]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_infinitely_wrong(bad):
    assert compare([1.0, bad], [1.0, 2.0]) == np.inf
    assert compare([1.0, 2.0], [1.0, bad]) == np.inf
    assert compare([1.0, bad], [1.0, bad]) == np.inf
    assert compare([[1.0, bad], [1.0, 1.0]], np.ones((2, 2)), axis=1).tolist() == [
        np.inf,
        0,
    ]


def test_compare_takes_whole_numbers_of_any_kind():
    assert compare(np.uint8([1, 2]), np.uint8([2, 2])) == 0.5
    assert compare([True, False], [True, True]) == 1.0


# The report

NETWORKS = [
    {"sizes": [3, 4, 2]},
    {"sizes": [2, 3, 3, 1], "activation": "tanh", "loss": "squared_error"},
    {"sizes": [3, 5, 2], "loss": "binary_cross_entropy"},
    {"sizes": [3, 3, 4], "activation": ["relu", "softmax"], "loss": "cross_entropy"},
    {"sizes": [3, 3, 4], "activation": ["leaky_relu", "softmax"]},
    {"sizes": [2, 1], "activation": "identity"},
    {"sizes": [3, 4, 2], "stack": (2, 3)},
]


@pytest.mark.parametrize("method", ["central", "complex"])
@pytest.mark.parametrize("settings", NETWORKS)
def test_the_true_gradient_is_found_correct(settings, method):
    network = make(**settings)
    x, t = data(network)
    before = network.parameters.copy()
    report = check_gradient(network, x, t, method=method)
    assert report.ok
    assert report.verdict == "correct"
    assert len(report.relative_error) == len(network.sizes) - 1
    assert report.method == method
    np.testing.assert_array_equal(network.parameters, before)
    gradient = backward(network, x, t)
    assert check_gradient(network, x, t, gradient).ok
    assert check_gradient(network, x, t, gradient.flat.tolist()).ok
    assert diagnose(network, x, t, gradient) == "correct"


@pytest.mark.parametrize("method", ["central", "complex"])
@pytest.mark.parametrize(
    "cell", ["simple", pytest.param("gru", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize("stack", [(), (2,)])
def test_a_recurrent_gradient_is_checked_to_its_last_number(
    stack, loss_at, cell, method
):
    network = recurrent(cell=cell, loss_at=loss_at, stack=stack)
    x, t = sequences(loss_at=loss_at)
    gradient = backward(network, x, t)
    for given in (None, gradient, gradient.flat):
        report = check_gradient(network, x, t, given, method=method)
        assert report.ok
        assert report.verdict == "correct"
    places = network.with_parameters(np.arange(float(gradient.flat.shape[-1])))
    ends = {int(e) for a in (*places.weights, *places.biases) for e in a.flat[[0, -1]]}
    assert {0, gradient.flat.shape[-1] - 1} <= ends
    for place in ends:
        wrong = gradient.flat.copy()
        wrong[..., place] += np.abs(wrong).max()
        report = check_gradient(network, x, t, wrong, method=method)
        # The last layer's bias and weights are the last four numbers.
        within = [error <= report.tolerance for error in report.relative_error]
        last = place >= wrong.shape[-1] - 4
        assert within == [last, not last]
        assert report.verdict == "unknown"


def test_a_float32_network_is_held_to_what_float32_has():
    network = make(dtype=np.float32)
    x, t = data(network)
    report = check_gradient(network, x, t)
    assert report.ok
    assert report.tolerance == 1e-4
    assert diagnose(network, x, t, backward(network, x, t)) == "correct"
    wrong = 1.001 * backward(network, x, t).flat
    assert not check_gradient(network, x, t, wrong).ok
    assert diagnose(network, x, t, wrong) == "unknown"
    twice = 2 * backward(network, x, t).flat
    assert diagnose(network, x, t, twice) == "is twice the gradient: a ½ is missing"


@pytest.mark.parametrize(
    ("method", "factor"), [("complex", 1 + 1e-9), ("central", 1 + 1e-5)]
)
def test_a_gradient_slightly_off_is_refused_in_its_layer_alone(method, factor):
    network = make([3, 4, 4, 2])
    x, t = data(network)
    for layer in range(3):
        gradient = backward(network, x, t)
        gradient.weights[layer][...] *= factor
        report = check_gradient(network, x, t, gradient, method=method)
        within = [error <= report.tolerance for error in report.relative_error]
        assert within == [other != layer for other in range(3)]
        assert not report.ok
        assert report.verdict == "unknown"
        expected = factor - 1
        if np.abs(gradient.weights[layer]).max() < np.abs(gradient.biases[layer]).max():
            assert report.relative_error[layer] < expected
        else:
            assert report.relative_error[layer] == pytest.approx(expected, rel=1e-2)


def test_one_wrong_network_in_a_stack_is_found():
    network = make(stack=(2, 3))
    x, t = data(network)
    gradient = backward(network, x, t)
    gradient.flat[1, 2] *= -1
    report = check_gradient(network, x, t, gradient)
    assert report.relative_error == pytest.approx((2.0, 2.0))
    assert report.verdict == "unknown"


def test_a_gradient_that_is_not_finite_is_refused():
    network = make()
    x, t = data(network)
    gradient = backward(network, x, t)
    gradient.weights[1][0, 0] = np.nan
    report = check_gradient(network, x, t, gradient)
    assert report.relative_error[1] == np.inf
    assert not report.ok
    assert report.verdict == "unknown"


def test_the_tolerance_can_be_chosen():
    network = make()
    x, t = data(network)
    gradient = 1.01 * backward(network, x, t).flat
    report = check_gradient(network, x, t, gradient, tolerance=0.1)
    assert report.ok
    assert report.verdict == "correct"
    assert not check_gradient(network, x, t, gradient, tolerance=1e-3).ok


def test_the_report_reads_well():
    network = make([2, 3, 1])
    x, t = bp.datasets.xor()
    assert repr(check_gradient(network, x, t)) == (
        "gradient against complex differences\n"
        "layer  relative error\n"
        "0 -> 1  below 1e-10\n"
        "1 -> 2  below 1e-10\n"
        "verdict: correct"
    )
    wrong = -backward(network, x, t).flat
    assert repr(check_gradient(network, x, t, wrong, method="central")) == (
        "gradient against central differences\n"
        "layer  relative error\n"
        "0 -> 1  2\n"
        "1 -> 2  2\n"
        "verdict: has the wrong sign"
    )


# The classic mistakes

ARCHITECTURES = [
    {"sizes": [3, 4, 5, 2]},
    {"sizes": [3, 3, 3, 3], "activation": "tanh"},
    {"sizes": [4, 4, 4, 2], "activation": ["tanh", "sigmoid", "sigmoid"],
     "loss": "binary_cross_entropy"},
    {"sizes": [2, 5, 5, 3], "activation": ["sigmoid", "tanh", "softmax"],
     "loss": "cross_entropy"},
    {"sizes": [3, 3, 3], "activation": ["tanh", "softmax"]},
    {"sizes": [3, 3, 2], "activation": ["relu", "identity"]},
    {"sizes": [2, 1]},
    {"sizes": [3, 3, 3], "stack": (2, 3)},
]  # fmt: skip


def named(verdict):
    """Return the names that a verdict leaves open, and what would tell them apart."""
    names, _, apart = verdict.partition("; ")
    names = names.split(" or ")
    assert bool(apart) == (len(names) > 1)
    return set(names), apart


def same(a, b):
    return bool(np.allclose(a, b, rtol=1e-8, atol=1e-10 * np.abs(b).max()))


@pytest.mark.parametrize("settings", ARCHITECTURES)
def test_every_mistake_is_named(settings):
    network = make(**settings)
    x, t = data(network)
    seen = list(mistaken_gradients(network, x, t, rate=0.1))
    for _, gradient in seen:
        # Two mistakes with one and the same effect are told apart by nobody.
        alike = {name for name, other in seen if same(other, gradient)}
        alike = {"correct"} if "correct" in alike else alike
        verdict = diagnose(network, x, t, gradient)
        assert named(verdict)[0] == alike
        report = check_gradient(network, x, t, gradient)
        assert report.verdict == verdict
        assert report.ok == (verdict == "correct")
    names = [name for name, _ in seen]
    assert len(set(names)) == len(names)
    assert names[0] == "correct"
    assert np.array_equal(seen[0][1].shape, network.parameters.shape)


def test_the_mistakes_of_smooth_layers_all_differ():
    for sizes, settings in (
        ([3, 4, 5, 3], {}),
        ([3, 3, 3, 3], {"activation": "tanh"}),
        ([4, 4, 4, 3], {"loss": "binary_cross_entropy"}),
    ):
        network = make(sizes, **settings)
        x, t = data(network)
        found = list(mistaken_gradients(network, x, t))
        assert len(found) > 20
        for (_, a), (_, b) in itertools.combinations(found, 2):
            assert not same(a, b)


def test_the_mistakes_listed_are_those_that_can_be_made():
    def kinds(**settings):
        network = make(**settings)
        names = [name for name, _ in mistaken_gradients(network, *data(network))]
        return " | ".join(names)

    plain = kinds(sizes=[3, 4, 5, 2])
    for absent in ("transpose", "own weights", "cancels", "broadcasts"):
        assert absent not in plain
    square = kinds(sizes=[3, 3, 3])
    for present in ("transposed the gradient", "not transpose", "own weights"):
        assert present in square
    fused = kinds(sizes=[3, 4, 2], loss="binary_cross_entropy")
    assert "left out the activation's derivative in layer 1" in fused
    assert "derivative in layer 2, which binary_cross_entropy cancels" in fused
    assert "softmax" not in plain + square + fused
    softmax = kinds(sizes=[3, 4], activation="softmax")
    assert "outputs of softmax as independent of each other in layer 1" in softmax
    assert "derivative at out" not in softmax
    alone = kinds(sizes=[3, 1])
    for absent in ("sent the error back", "outputs too", "weights on the way"):
        assert absent not in alone
    assert "as (batch, 1) - (batch,) broadcasts" in alone


@pytest.mark.parametrize("settings", ARCHITECTURES)
@pytest.mark.parametrize("seed", range(3))
def test_noise_is_not_taken_for_a_mistake(settings, seed):
    network = make(**settings)
    x, t = data(network)
    noise = rng(seed).normal(size=network.parameters.shape)
    assert diagnose(network, x, t, noise) == "unknown"
    nearly = backward(network, x, t).flat * (1 + 1e-6 * noise)
    assert diagnose(network, x, t, nearly) == "unknown"


# Wrong backward passes written by hand, by someone who never saw the library's


def sigmoid(net):
    return 1 / (1 + np.exp(-net))


def by_hand(network, x, t, mistake=None, at=None):
    """A textbook pass for sigmoid layers and ½(o − t)², with one thing done wrong."""
    weights, biases = [w.copy() for w in network.weights], network.biases
    out, net = [x], [x]
    for w, b in zip(weights, biases, strict=True):
        net.append(out[-1] @ w + b)
        out.append(sigmoid(net[-1]))
    batch, last = len(x), len(weights)
    slope = [out[l] * (1 - out[l]) for l in range(last + 1)]  # noqa: E741
    if mistake == "slope of sigmoid(out)":
        slope[at] = sigmoid(out[at]) * (1 - sigmoid(out[at]))
    if mistake == "no slope":
        slope[at] = np.ones_like(slope[at])
    if mistake == "no slope anywhere":
        slope = [np.ones_like(s) for s in slope]
    if mistake == "slope squared":
        slope[at] = slope[at] ** 2
    if mistake == "sigmoid for its slope":
        slope[at] = out[at]
    if mistake == "o (1 + o)":
        slope[at] = out[at] * (1 + out[at])
    if mistake == "slope of the layer above":
        slope[at] = slope[at + 1]
    t = np.roll(t, 1, axis=0) if mistake == "target before" else t
    t = np.roll(t, -1, axis=0) if mistake == "target after" else t
    error = t - out[last] if mistake == "t - o" else out[last] - t
    error = 2 * error if mistake == "no half" else error
    error = error / 2 if mistake == "two halves" else error
    error = error / t.shape[-1] if mistake == "mean over outputs" else error
    error = error if mistake == "sum" else error / batch
    error = error / batch if mistake == "mean of a mean" else error
    if mistake in ("= for += over the batch", "first example"):
        kept = [batch - 1] if "=" in mistake else [0]
        error = error * np.isin(np.arange(batch), kept)[:, None]
    flat, signals = [], {}
    for l in range(last, 0, -1):  # noqa: E741
        delta = signals[l] = slope[l] * error
        inputs, here = out[l - 1], at == l
        if here and mistake == "net as input":
            inputs = net[l - 1]
        if here and mistake == "next layer's out as input":
            inputs = out[l]
        if here and mistake == "layer off by one":
            inputs = out[l - 2]
        if here and mistake == "signal of the layer above":
            grad_w = inputs.T @ signals[l + 1]
        else:
            grad_w = inputs.T @ delta
        grad_b = delta.sum(axis=0)
        if here and mistake == "transposed gradient":
            grad_w = grad_w.T
        if here and mistake == "no gradient of the weights":
            grad_w = np.zeros_like(grad_w)
        if here and mistake == "no bias gradient":
            grad_b = np.zeros_like(grad_b)
        if here and mistake == "mean bias gradient":
            grad_b = delta.mean(axis=0)
        if here and mistake == "thresholds":
            grad_b = -grad_b
        if here and mistake == "no slope in the biases":
            grad_b = error.sum(axis=0)
        if here and mistake == "one number for the biases":
            grad_b = np.full_like(grad_b, delta.sum())
        if here and mistake == "biases of the first example":
            grad_b = delta[0]
        flat = [grad_b, grad_w.ravel(), *flat]
        back, below = weights[l - 1].T, at == l - 1
        if below and mistake == "weights not transposed":
            back = weights[l - 1]
        if below and mistake == "no weights":
            back = np.ones_like(back)
        if mistake == "weights updated":
            back = (weights[l - 1] - at * grad_w).T
        if mistake == "error sent back without slope" and here:
            delta = error
        error = delta @ back
        if below and mistake == "only the first path":
            error = delta[:, :1] * back[0]
        if below and mistake == "= for += at a fork":
            for j in range(delta.shape[1]):
                error = delta[:, j : j + 1] * back[j]
        if below and mistake == "mean over the paths":
            error = (delta[:, :, None] * back).mean(axis=1)
        if below and mistake == "sign on the way back":
            error = -error
        if below and mistake == "outputs for weights":
            error = delta.sum(axis=1, keepdims=True) * out[at]
    return np.concatenate(flat)


AT_RATE = "through weights already updated (learning rate 0.3)"
BY_HAND = [
    (None, None, "correct"),
    (
        "target before",
        None,
        "compared each example with the target of the example before it",
    ),
    (
        "target after",
        None,
        "compared each example with the target of the example after it",
    ),
    (
        "= for += over the batch",
        None,
        "counted only the last example of the batch",
    ),
    ("first example", None, "counted only the first example of the batch"),
    (
        "sigmoid for its slope",
        2,
        "took the activation itself for its derivative in layer 2",
    ),
    (
        "slope squared",
        1,
        "multiplied by the activation's derivative twice in layer 1",
    ),
    ("o (1 + o)", 3, "has a + for the - in the activation's derivative in layer 3"),
    ("slope of the layer above", 1, "took the slope of layer 2 in layer 1"),
    (
        "thresholds",
        1,
        "has the wrong sign in the biases into layer 1, as of thresholds",
    ),
    (
        "no slope in the biases",
        3,
        "left out the activation's derivative in the biases into layer 3",
    ),
    (
        "one number for the biases",
        2,
        "gave the biases into layer 2 one number, the sum over all neurons",
    ),
    (
        "biases of the first example",
        2,
        "took the biases into layer 2 of the first example only",
    ),
    (
        "no gradient of the weights",
        1,
        "left the gradient of the weights into layer 1 at zero",
    ),
    (
        "layer off by one",
        3,
        "used the outputs of layer 1 as the input of the weights into layer 3",
    ),
    (
        "signal of the layer above",
        1,
        "used the error signal of layer 2 for the weights into layer 1",
    ),
    (
        "= for += at a fork",
        1,
        "counted only the last path on the way to layer 1, with = for +=",
    ),
    ("only the first path", 2, "counted only the first path on the way to layer 2"),
    (
        "mean over the paths",
        1,
        "took the mean, not the sum, over the paths on the way to layer 1",
    ),
    ("sign on the way back", 2, "has the wrong sign on the way to layer 2"),
    (
        "outputs for weights",
        1,
        "took outputs for the weights on the way to layer 1",
    ),
    ("weights updated", 0.3, f"sent the error back to every layer {AT_RATE}"),
    ("t - o", None, "has the wrong sign"),
    ("no half", None, "is twice the gradient: a ½ is missing"),
    ("two halves", None, "is half the gradient: a ½ too many"),
    ("mean over outputs", None, "averaged over the outputs too"),
    (
        "error sent back without slope",
        3,
        "sent the error back from layer 3 without its activation's derivative",
    ),
    (
        "error sent back without slope",
        2,
        "sent the error back from layer 2 without its activation's derivative",
    ),
    ("sum", None, "summed over the batch instead of averaging"),
    ("mean of a mean", None, "averaged over the batch twice"),
    ("no slope", 1, "left out the activation's derivative in layer 1"),
    ("no slope", 3, "left out the activation's derivative in layer 3"),
    (
        "no slope anywhere",
        None,
        "left out the activation's derivative in every layer",
    ),
    (
        "slope of sigmoid(out)",
        2,
        "took the activation's derivative at out, not at net, in layer 2",
    ),
    (
        "weights not transposed",
        1,
        "did not transpose the weights on the way to layer 1",
    ),
    ("no weights", 2, "left out the weights on the way back to layer 2"),
    ("no bias gradient", 1, "left the gradient of the biases into layer 1 at zero"),
    (
        "mean bias gradient",
        2,
        "averaged the biases into layer 2 over the batch a second time",
    ),
    ("transposed gradient", 2, "transposed the gradient of the weights into layer 2"),
    (
        "net as input",
        2,
        "used net, not out, as the input of the weights into layer 2",
    ),
    (
        "net as input",
        3,
        "used net, not out, as the input of the weights into layer 3",
    ),
    (
        "next layer's out as input",
        2,
        "used the outputs of layer 2 as the input of its own weights",
    ),
]


@pytest.mark.parametrize(("mistake", "at", "verdict"), BY_HAND)
def test_a_pass_that_was_written_wrong_by_hand_is_diagnosed(mistake, at, verdict):
    network = make([3, 4, 4, 3])
    x, t = data(network)
    gradient = by_hand(network, x, t, mistake, at)
    assert diagnose(network, x, t, gradient) == verdict
    # A different layer, or a different network, and the verdict does not stand.
    other = make([3, 4, 4, 3], rng=rng(5))
    assert diagnose(other, x, t, gradient) == "unknown"


def test_every_kind_of_mistake_by_hand_is_one_the_library_knows():
    network = make([3, 4, 4, 3])
    found = mistaken_gradients(network, *data(network), rate=0.3)
    known = [name for name, _ in found]
    assert {verdict for _, _, verdict in BY_HAND} <= set(known)
    kinds = {re.sub(r"layer \d|every layer", "layer", name) for name in known}
    by_hand_kinds = {re.sub(r"layer \d|every layer", "layer", v) for *_, v in BY_HAND}
    assert kinds == by_hand_kinds


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_a_slope_that_cancels_but_was_kept_is_diagnosed(loss):
    last = "sigmoid" if loss == "binary_cross_entropy" else "softmax"
    network = make([3, 2], activation=last, loss=loss)
    x, t = data(network)
    out = network.predict(x)
    delta = out * (1 - out) * (out - t) / len(x)
    gradient = np.concatenate([delta.sum(axis=0), (x.T @ delta).ravel()])
    assert diagnose(network, x, t, gradient) == (
        f"multiplied by the activation's derivative in layer 1, which {loss} cancels"
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mistake_that_cancels_but_for_rounding_is_diagnosed(dtype):
    network = make(
        [3, 4, 5], activation=["tanh", "softmax"], loss="cross_entropy", dtype=dtype
    )
    x, t = data(network)
    gradient = backward(network, x, t)
    # Without the weights, Σ_j δ_j = Σ_j (o_j − t_j) goes back: 0 but for rounding.
    gradient.weights[0][...] = 1e-17 * rng(3).normal(size=(3, 4))
    gradient.biases[0][...] = 1e-17
    names, _ = named(diagnose(network, x, t, gradient))
    # So does anything else that gives the layer above no weights of its own.
    assert names == {
        "left out the weights on the way back to layer 1",
        "took outputs for the weights on the way to layer 1",
    }
    gradient.biases[0][...] = 1e-3
    assert diagnose(network, x, t, gradient) == "unknown"


@pytest.mark.parametrize("stack", [(3,), (2, 3), (1, 1, 2)])
@pytest.mark.parametrize("own_t", [False, True])
def test_mistakes_are_diagnosed_in_stacks_of_any_depth(stack, own_t):
    network = make(stack=stack)
    x, t = data(network, batch=7)
    t = np.broadcast_to(t, (*stack, *t.shape)) if own_t else t
    flat = backward(network, x, t).flat
    verdicts = [diagnose(network, x, t, factor * flat) for factor in (7, 1 / 7, -1)]
    assert verdicts == [
        "summed over the batch instead of averaging",
        "averaged over the batch twice",
        "has the wrong sign",
    ]
    flat = flat.copy()
    flat[(0,) * len(stack)] *= -1
    assert diagnose(network, x, t, flat) == "unknown"


# Nothing to see here

METHODS = ["central", "complex"]
by_method = pytest.mark.parametrize("method", METHODS)


def at_a_kink(activation="relu", **settings):
    """XOR's first row is 0, and so are the biases: so is every net of that row."""
    x, t = bp.datasets.xor()
    sizes = [2, 3, 3, 1]
    names = [activation, activation, "sigmoid"]
    # With targets that differ from 1/2 on average, dead neurons leave a gradient, too.
    return bp.Network(sizes, activation=names, rng=rng(), **settings), x, 0.7 * t


def choosing(network, x, t, slope):
    """The gradient of an own pass for rectifiers, with a slope of one's choice at 0."""
    leak = 0.01 if network.activations[0] == "leaky_relu" else 0.0
    net, out = [None], [x]
    for w, b in zip(network.weights, network.biases, strict=True):
        net.append(out[-1] @ w + b[..., None, :])
        out.append(np.where(net[-1] > 0, net[-1], leak * net[-1]))
    out[-1] = sigmoid(net[-1])
    delta = (out[-1] - t) * out[-1] * (1 - out[-1]) / len(x)
    flat = []
    for l in range(len(network.weights), 0, -1):  # noqa: E741
        back = delta.swapaxes(-1, -2)
        weights = (back @ out[l - 1]).swapaxes(-1, -2)
        rows = weights.reshape(*network.stack, -1)
        flat = [delta.sum(axis=-2), rows, *flat]
        if l > 1:
            at_0 = leak + slope * (1 - leak)
            slopes = np.where(
                net[l - 1] > 0, 1.0, np.where(net[l - 1] == 0, at_0, leak)
            )
            delta = slopes * (delta @ network.weights[l - 1].swapaxes(-1, -2))
    return np.concatenate(flat, axis=-1)


@by_method
@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("stack", [(), (2, 3)])
@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_at_a_kink_every_slope_between_is_right_and_none_is_seen(
    slope, stack, activation, method
):
    network, x, t = at_a_kink(activation, stack=stack)
    gradient = choosing(network, x, t, slope)
    report = check_gradient(network, x, t, gradient, method=method)
    assert report.states == ("unseen", "unseen", "right")
    assert not report.ok
    first = [0] * len(stack) + [0, 0]
    assert report.verdict.startswith(
        f"nothing to see here: in layers 0 -> 1 and 1 -> 2 net[1]{first} = 0 is on the "
        f"kink of {activation} ("
    )
    assert diagnose(network, x, t, gradient) == report.verdict
    shown = "0 -> 1  nothing to see\n1 -> 2  nothing to see\n2 -> 3  below"
    assert shown in repr(report)


@by_method
def test_what_is_wrong_beside_a_kink_or_beyond_it_is_still_wrong(method):
    network, x, t = at_a_kink()
    right = backward(network, x, t)
    beside = backward(network, x, t)
    beside.weights[0][...] *= 1.001
    # Further than the slope 1 throughout could move a bias: Σ |δ| |w| ... < 1
    beyond = backward(network, x, t)
    beyond.biases[0][1] += 1.0
    for wrong in (beside, beyond):
        report = check_gradient(network, x, t, wrong, method=method)
        assert report.states == ("wrong", "unseen", "right")
        assert report.verdict == "unknown"
        assert diagnose(network, x, t, wrong) == "unknown"
    sign = check_gradient(network, x, t, -right.flat, method=method)
    assert sign.verdict == "has the wrong sign"
    assert "wrong" in sign.states


def test_a_net_within_a_central_step_of_a_kink_is_told_from_one_on_it():
    network = bp.Network([1, 1], activation="relu", rng=rng())
    network.parameters = [1e-7, 1.0]
    report = check_gradient(network, [[0.0]], [[1.0]], method="central")
    assert "net[1][0, 0] = 1e-07 is within a step of the kink" in report.verdict
    assert check_gradient(network, [[0.0]], [[1.0]]).ok
    # 0.1 + 0.2 − 0.3 is 0 but for rounding: on the kink, whatever its sign
    network = bp.Network([3, 1], activation="relu", rng=rng())
    network.parameters = [0.0, 1.0, 1.0, -1.0]
    for row in ([0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]):
        report = check_gradient(network, [row], [[1.0]])
        assert "is on the kink" in report.verdict
        for right in (
            np.zeros(4),
            -np.array([1, *row]) * [1, 1, 1, -1] * [1, 1, 1, -1],
        ):
            assert check_gradient(network, [row], [[1.0]], right).states == ("unseen",)


@by_method
@pytest.mark.parametrize("cell", ["simple", "gru"])
def test_a_recurrent_kink_is_named_and_what_it_touches_is_not_judged(cell, method):
    network = bp.RecurrentNetwork(
        [2, 3, 1], cell=cell, activation=["relu", "identity"], rng=rng()
    )
    x, t = rng(1).normal(size=(4, 2, 2)), rng(2).normal(size=(2, 1))
    assert check_gradient(network, x, t).ok
    x[:, 0] = 0.0
    report = check_gradient(network, x, t, method=method)
    assert report.states == ("unseen", "right")
    column = 6 if cell == "gru" else 0
    assert f"net[1][0, {column}] = 0 is on the kink of relu" in report.verdict
    wrong = backward(network, x, t)
    wrong.biases[1][...] *= 1.01
    report = check_gradient(network, x, t, wrong, method=method)
    assert report.states == ("unseen", "wrong")
    assert report.verdict == "unknown"


@by_method
def test_a_gradient_of_0_throughout_says_nothing(method):
    x, t = bp.datasets.xor()
    network = bp.Network([2, 3, 1], init=0.0, rng=rng())
    for name, gradient in mistaken_gradients(network, x, t):
        if gradient.any():
            assert diagnose(network, x, t, gradient) not in ("correct", "unknown"), name
            continue
        report = check_gradient(network, x, t, gradient, method=method)
        assert report.states == ("unseen", "unseen")
        assert not report.ok
        # A central difference of 0 is 0 but for rounding.
        assert report.verdict.startswith("nothing to see here: in layer")
        assert diagnose(network, x, t, gradient) == (
            "nothing to see here: in layers 0 -> 1 and 1 -> 2 the gradient is 0 "
            "throughout"
        )
    # In one layer only: what the others show counts.
    t = t + 0.25
    right = backward(network, x, t).flat
    report = check_gradient(network, x, t, right, method=method)
    assert report.states == ("unseen", "right")
    report = check_gradient(network, x, t, -right, method=method)
    assert report.states == ("unseen", "wrong")
    assert report.verdict == "has the wrong sign"


def test_the_network_of_the_stack_whose_gradient_is_0_is_named():
    network = bp.Network([2, 3, 1], init=np.array([1.0, 0.0]), stack=(2,), rng=rng())
    x, t = bp.datasets.xor()
    verdict = check_gradient(network, x, t).verdict
    assert "the gradient is 0 throughout in network [1] of the stack" in verdict


def test_a_value_below_what_a_method_resolves_is_neither_right_nor_wrong():
    network = bp.Network([1, 1], rng=rng())
    network.parameters = [0.0, 40.0]
    x, t = [[1.0]], [[0.0]]
    right = backward(network, x, t)
    assert right.flat[0] == pytest.approx(np.exp(-40), rel=1e-15)
    assert check_gradient(network, x, t).ok
    for given in (right, np.zeros(2)):
        report = check_gradient(network, x, t, given, method="central")
        assert report.states == ("unseen",)
        assert report.verdict.startswith("nothing to see here: in layer 0 -> 1 ")
    said = check_gradient(network, x, t, right, method="central").verdict
    assert "at most 4.2e-18, and central differences can tell 1e-06 of it" in said
    # What rounding and the method cannot explain is wrong here, too.
    report = check_gradient(network, x, t, [1e-3, 1e-3], method="central")
    assert report.states == ("wrong",)
    # σ(1 − σ) is 0 in floating point; that much rounding may take.
    assert check_gradient(network, x, t, np.zeros(2)).states == ("unseen",)
    assert check_gradient(network, x, t, [1e-12, 1e-12]).states == ("wrong",)


def test_a_gradient_that_cancels_is_not_called_wrong_for_its_rounding():
    # One row twice, with targets on both sides of the output: the two cancel.
    network = bp.Network([3, 4, 2], rng=rng())
    x = np.repeat(rng(1).normal(size=(1, 3)), 2, axis=0)
    out = network.predict(x)
    t = out + np.array([[0.3], [-0.3]])
    noise = 1e-18 * rng(2).normal(size=network.parameters.shape)
    report = check_gradient(network, x, t, noise)
    assert set(report.states) == {"unseen"}
    assert check_gradient(network, x, t, noise * 1e10).states == ("wrong", "wrong")


def test_a_central_difference_of_steep_data_is_not_taken_for_an_error():
    network = bp.Network([1, 2, 1], activation="tanh", rng=rng())
    x, t = [[3000.0], [2000.0]], [[0.3], [0.1]]
    network.weights[0][...] *= 1e-3
    assert check_gradient(network, x, t).ok
    assert check_gradient(network, x, t, method="central").verdict != "unknown"


# However it is packed


def pieces(gradient):
    return list(gradient.weights), list(gradient.biases)


ORDERS = {
    "by turns": lambda w, b: [part for pair in zip(w, b, strict=True) for part in pair],
    "by turns, biases first": lambda w, b: [
        part for pair in zip(b, w, strict=True) for part in pair
    ],
    "weights, then biases": lambda w, b: [*w, *b],
    "biases, then weights": lambda w, b: [*b, *w],
    "two lists": lambda w, b: (w, b),
    "a list of pairs": lambda w, b: list(zip(w, b, strict=True)),
    "backwards": lambda w, b: [*w[::-1], *b[::-1]],
    "transposed": lambda w, b: [*(np.swapaxes(a, -1, -2) for a in w), *b],
    "biases as rows": lambda w, b: [*w, *(a[..., None, :] for a in b)],
    "biases as columns": lambda w, b: [*w, *(a[..., None] for a in b)],
}


@pytest.mark.parametrize("stack", [(), (2,), (2, 3)])
@pytest.mark.parametrize("order", ORDERS)
def test_a_list_of_arrays_is_read_by_its_shapes(order, stack):
    network = make([3, 4, 2], stack=stack)
    x, t = data(network)
    given = ORDERS[order](*pieces(backward(network, x, t)))
    assert check_gradient(network, x, t, given).verdict == "correct"
    assert diagnose(network, x, t, given) == "correct"
    gradient = backward(network, x, t)
    gradient.flat[...] *= -1
    given = ORDERS[order](*pieces(gradient))
    assert diagnose(network, x, t, given) == "has the wrong sign"


@pytest.mark.parametrize("order", list(ORDERS)[:5])
def test_a_recurrent_list_of_arrays_is_read_by_its_shapes(order):
    network = recurrent()
    x, t = sequences()
    (from_x, from_state, last), biases = pieces(backward(network, x, t))
    groups = [[from_x, from_state], [last]]
    if "turns" in order:
        listed = ORDERS[order](groups, biases)
        listed = [
            a for part in listed for a in (part if type(part) is list else [part])
        ]
    else:
        listed = ORDERS[order]([from_x, from_state, last], biases)
    assert check_gradient(network, x, t, listed).verdict == "correct"


def flat_by_hand(parts):
    return np.concatenate([np.ravel(part) for part in parts])


PACKED = {
    "weights before biases": lambda w, b: ORDERS["by turns"](w, b),
    "all weights before all biases": lambda w, b: [*w, *b],
    "all biases before all weights": lambda w, b: [*b, *w],
    "with each matrix transposed": lambda w, b: ORDERS["by turns, biases first"](
        [a.T for a in w], b
    ),
    "weights before biases, with each matrix transposed": lambda w, b: ORDERS[
        "by turns"
    ]([a.T for a in w], b),
    "from the last layer to the first": lambda w, b: ORDERS["by turns, biases first"](
        w[::-1], b[::-1]
    ),
}


def test_recurrent_weights_may_come_before_those_from_the_input():
    network = recurrent()
    x, t = sequences()
    (from_x, from_state, last), (b, c) = pieces(backward(network, x, t))
    given = [b, from_state, from_x, c, last]
    assert check_gradient(network, x, t, given).verdict == "correct"
    assert check_gradient(network, x, t, flat_by_hand(given)).verdict == (
        "is right, but packed with the recurrent weights before those from the input"
    )


@by_method
@pytest.mark.parametrize("packing", PACKED)
def test_a_vector_that_is_right_but_packed_otherwise_is_told_so(packing, method):
    network = make([3, 4, 2])
    x, t = data(network)
    given = flat_by_hand(PACKED[packing](*pieces(backward(network, x, t))))
    report = check_gradient(network, x, t, given, method=method)
    assert report.verdict == f"is right, but packed {packing}"
    assert not report.ok
    assert diagnose(network, x, t, given) == report.verdict
    given[0] *= 1.1
    assert diagnose(network, x, t, given) == "unknown"


@pytest.mark.parametrize(
    ("spoil", "came"),
    [
        (lambda w, b: w, r"shapes \(3, 4\) \(4, 2\);"),
        (lambda w, b: [w[0][:2], *w[1:], *b], r"shapes \(2, 4\)"),
        (lambda w, b: [*w, *b, b[0]], r"\(2,\) \(4,\);"),
        (lambda w, b: [w[0], w[1].T, *b], r"\(3, 4\) \(2, 4\) \(4,\)"),
        (lambda w, b: [1j * w[0], w[1], *b], "complex128"),
        (lambda w, b: [None, w[1], *b], "object"),
    ],
)
def test_a_list_that_no_order_explains_is_refused(spoil, came):
    network = make([3, 4, 2])
    x, t = data(network)
    given = spoil(*pieces(backward(network, x, t)))
    expected = r"expected (real|those of the weights \(3, 4\) \(4, 2\), biases \(4,\))"
    for check in (check_gradient, diagnose):
        with pytest.raises(ValueError, match=f"(?s){came}.*{expected}"):
            check(network, x, t, given)


# Two at once, and two alike


def test_two_factors_at_once_are_both_named():
    network = make([3, 4, 3])
    x, t = data(network, batch=4)
    right = backward(network, x, t).flat
    sign, summed = "has the wrong sign", "summed over the batch instead of averaging"
    twice = "is twice the gradient: a ½ is missing"
    assert diagnose(network, x, t, -4 * right) == f"{sign}, and {summed}"
    assert diagnose(network, x, t, 8 * right) == f"{summed}, and {twice}"
    assert diagnose(network, x, t, right / 3) == "averaged over the outputs too"
    outputs = "averaged over the outputs too"
    assert diagnose(network, x, t, -right / 3) == f"{sign}, and {outputs}"
    assert diagnose(network, x, t, 5 * right) == "unknown"


def test_a_factor_and_a_wrong_line_are_both_named():
    network = make([3, 4, 4, 3])
    x, t = data(network)
    wrong = by_hand(network, x, t, "no slope", 2)
    assert diagnose(network, x, t, -wrong) == (
        "left out the activation's derivative in layer 2, and has the wrong sign"
    )


def test_mistakes_that_coincide_on_the_data_are_both_named():
    network = make([3, 4, 3])
    x, t = data(network, batch=2)
    assert diagnose(network, x, t, 2 * backward(network, x, t).flat) == (
        "summed over the batch instead of averaging or "
        "is twice the gradient: a ½ is missing; "
        "another number of rows would tell them apart"
    )


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_a_slope_left_out_where_the_loss_would_cancel_it_is_diagnosed(loss):
    last = "sigmoid" if loss == "binary_cross_entropy" else "softmax"
    network = make([3, 4, 3], activation=["tanh", last], loss=loss)
    x, t = data(network)
    h, o = network.forward(x).out[1:]
    error = (o - t) / (o * (1 - o)) if last == "sigmoid" else -t / o
    error = error / len(x)
    right = (o - t) / len(x)

    def gradient(delta, sent):
        below = (1 - h**2) * (sent @ network.weights[1].T)
        return flat_by_hand([below.sum(0), x.T @ below, delta.sum(0), h.T @ delta])

    assert diagnose(network, x, t, gradient(right, right)) == "correct"
    assert diagnose(network, x, t, gradient(error, error)) == (
        "left out the activation's derivative in layer 2"
    )
    assert diagnose(network, x, t, gradient(right, error)) == (
        "sent the error back from layer 2 without its activation's derivative"
    )
    if last == "softmax":
        alone = o * (1 - o) * error
        assert diagnose(network, x, t, gradient(alone, alone)) == (
            "took the outputs of softmax as independent of each other in layer 2"
        )

"""What the library refuses, and in which words: "X is Y; expected Z".

A row holds a call, what came and what was expected: together the whole message, where
"…" stands for anything.  What came names the row, too.
"""

import ast
import copy
import functools
import pickle
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from _networks import make, make_recurrent, rng

import backprop_lib as bp
from backprop_lib import datasets

# The modules whose every refusal has a row here
MODULES = """
    _checks _model network recurrent training optimizers datasets
""".split()
BOTH = [make, make_recurrent]
DIALECT = re.compile(
    r"(the |a row of )?[a-z]\w*(['\[ ].+)? "
    r"(is|are|has|have|hold|holds|names|goes|runs|sums|returned) .+; expected .+[^.]",
    re.DOTALL,
)


class Row(NamedTuple):
    call: object
    came: str
    expected: str
    kind: type = ValueError


def asked(act, build=make, **settings):
    """Return a call that asks a network, and fails if that changed its parameters."""

    def call():
        given = build(**settings)
        place, kept = given.parameters, given.parameters.copy()
        try:
            act(given)
        finally:
            assert given.parameters is place
            np.testing.assert_array_equal(place, kept)
            for view in (*given.weights, *given.biases):
                assert np.shares_memory(view, place)

    return call


# A new network, of either kind

NAMES = "one of sigmoid, tanh, relu, leaky_relu, identity, softmax"
LOSSES = "one of squared_error, binary_cross_entropy, cross_entropy"
RULES = "one of xavier, he, normal or a number, or an array over the stack"
LISTED = "a list like [2, 3, 1]"
ONE_UP = "whole numbers from 1 up"
A_LAYER = "a name such as 'sigmoid', or one name a layer"
DEVIATION = "a name, or finite numbers from 0 up"
SOURCE = "a numpy.random.Generator, such as numpy.random.default_rng(0)"
FLOATS = "float64 or float32"
NETWORKS = [
    ({"sizes": 3}, "sizes is 3", LISTED),
    ({"sizes": b"ab"}, "sizes is b'ab'", LISTED),
    ({"sizes": {2, 3}}, "sizes is {2, 3}", LISTED),
    ({"sizes": {2: 3, 3: 1}}, "sizes is {2: 3, 3: 1}", LISTED),
    ({"sizes": [3]}, "sizes is [3]", "at least two layers, like [2, 1]"),
    ({"sizes": []}, "sizes is []", "at least two layers, like [2, 1]"),
    ({"sizes": [2, 0, 1]}, "sizes is [2, 0, 1]", ONE_UP),
    ({"sizes": [2, -1]}, "sizes is [2, -1]", ONE_UP),
    ({"sizes": [2.0, 1]}, "sizes is [2.0, 1]", ONE_UP),
    ({"sizes": [True, 1]}, "sizes is [True, 1]", ONE_UP),
    ({"sizes": "23"}, "sizes is ['2', '3']", ONE_UP),
    ({"activation": {"tanh"}}, "activation is {'tanh'}", A_LAYER),
    ({"activation": 3}, "activation is 3", A_LAYER),
    ({"activation": "swish"}, "activation 'swish' is unknown", NAMES),
    ({"activation": [None, None]}, "activation None is unknown", NAMES),
    ({"activation": [["tanh"], "tanh"]}, "activation ['tanh'] is unknown", NAMES),
    (
        {"activation": ["tanh"]},
        "activation names 1 layers, ['tanh']",
        "one name, or one for each of the 2 layers after the input",
    ),
    (
        {"activation": ["tanh"] * 3},
        "activation names 3 layers, ['tanh', 'tanh', 'tanh']",
        "one name, or one for each of the 2 layers after the input",
    ),
    *(
        (
            {"activation": given},
            f"activation is ['softmax', '{last}']",
            "softmax on the last layer only, and one name a layer, such as "
            f"['sigmoid', '{last}']",
        )
        for given, last in [
            ("softmax", "softmax"),
            (["softmax", "tanh"], "tanh"),
            (["softmax", "identity"], "identity"),
        ]
    ),
    ({"loss": "hinge"}, "loss 'hinge' is unknown", LOSSES),
    ({"loss": None}, "loss None is unknown", LOSSES),
    ({"loss": ["squared_error"]}, "loss ['squared_error'] is unknown", LOSSES),
    (
        {"loss": "cross_entropy", "activation": "sigmoid"},
        "loss 'cross_entropy' goes with a softmax last layer, which is 'sigmoid' here",
        "loss 'squared_error' or 'binary_cross_entropy', or the last layer 'softmax'",
    ),
    (
        {"loss": "cross_entropy", "activation": "relu"},
        "loss 'cross_entropy' goes with a softmax last layer, which is 'relu' here",
        "loss 'squared_error', or the last layer 'softmax'",
    ),
    (
        {"loss": "binary_cross_entropy", "activation": ["tanh", "softmax"]},
        "loss 'binary_cross_entropy' goes with a sigmoid last layer, which is "
        "'softmax' here",
        "loss 'squared_error' or 'cross_entropy', or the last layer 'sigmoid'",
    ),
    (
        {"loss": "binary_cross_entropy", "activation": "identity"},
        "loss 'binary_cross_entropy' goes with a sigmoid last layer, which is "
        "'identity' here",
        "loss 'squared_error', or the last layer 'sigmoid'",
    ),
    ({"init": "glorot"}, "init 'glorot' is unknown", RULES),
    ({"init": "best"}, "init 'best' is unknown", RULES),
    ({"init": "1.0"}, "init '1.0' is unknown", RULES),
    ({"init": None}, "init is None", DEVIATION),
    ({"init": True}, "init is True", DEVIATION),
    ({"init": ["1", "2"], "stack": 2}, "init is ['1', '2']", DEVIATION),
    ({"init": np.array([1, 2j]), "stack": 2}, "init is array(…)", DEVIATION),
    ({"init": 10**400}, "init is 1000…", DEVIATION),
    ({"init": -1.0}, "init is -1.0", DEVIATION),
    ({"init": np.nan}, "init is nan", DEVIATION),
    ({"init": [1j]}, "init is [1j]", DEVIATION),
    *(
        (
            {"init": init, "dtype": dtype},
            f"init is {init!r}, which overflows {dtype}",
            "smaller numbers",
        )
        for init, dtype in [(1e300, "float32"), (1e39, "float32"), (1.7e308, "float64")]
    ),
    ({"init": [1.0, 2.0]}, "init has shape (2,)", "a number"),
    (
        {"init": [1.0, 2.0], "stack": (3,)},
        "init has shape (2,)",
        "a number or an array over the stack, (3,)",
    ),
    ({"stack": (0,)}, "stack is (0,)", ONE_UP),
    ({"stack": True}, "stack is (True,)", ONE_UP),
    ({"stack": 2.5}, "stack is 2.5", "a tuple like (10,)"),
    ({"rng": None}, "rng is None", SOURCE),
    ({"rng": 0}, "rng is 0", SOURCE),
    ({"rng": np.random}, "rng is <module…", SOURCE),
    ({"dtype": int}, "dtype is int64", FLOATS),
    ({"dtype": "half"}, "dtype is float16", FLOATS),
    ({"dtype": complex}, "dtype is complex128", FLOATS),
    ({"dtype": "nonsense"}, "dtype is 'nonsense'", FLOATS),
]
CELLS = "one of simple, gru"
ROWS = [
    *(
        Row(functools.partial(build, **settings), *words)
        for build in BOTH
        for settings, *words in NETWORKS
    ),
    *(
        Row(functools.partial(make_recurrent, **{name: given}), *words)
        for name, given, *words in [
            ("sizes", [2, 3], "sizes is [2, 3]", "3, [n_in, n_hidden, n_out]"),
            ("sizes", [2, 3, 4, 1], "sizes is [2, 3, 4, 1]",
             "3, [n_in, n_hidden, n_out]"),
            ("cell", "lstm", "cell 'lstm' is unknown", CELLS),
            ("cell", ["gru"], "cell ['gru'] is unknown", CELLS),
            ("loss_at", "first", "loss_at 'first' is unknown", "one of last, every"),
        ]
    ),
]  # fmt: skip


# Inputs

REAL = "integers or floating-point numbers"
FINITE = "finite numbers"


def forward(x, build=make, **settings):
    return asked(lambda network: network.forward(x), build, **settings)


ROWS += [
    Row(forward(x, **settings), *words)
    for x, settings, *words in [
        (np.ones((4, 2)), {}, "x has shape (4, 2)", "(batch, 3)"),
        (
            np.ones(3), {}, "x has shape (3,)",
            "(batch, 3); for one example write x[None, :]",
        ),
        (
            np.ones(7), {"sizes": [1, 1]}, "x has shape (7,)",
            "(batch, 1); for a column write x[:, None]",
        ),
        (2.0, {}, "x has shape ()", "(batch, 3)"),
        (None, {}, "x has shape ()", "(batch, 3)"),
        (np.ones((2, 4, 3)), {}, "x has shape (2, 4, 3)", "(batch, 3)"),
        (
            np.ones((2, 4, 3)), {"stack": (5,)}, "x has shape (2, 4, 3)",
            "(batch, 3) or (5, batch, 3)",
        ),
        (
            np.ones((3, 4, 3)), {"stack": (2, 3)}, "x has shape (3, 4, 3)",
            "(batch, 3) or (2, 3, batch, 3)",
        ),
        (
            np.ones((0, 3)), {}, "x has shape (0, 3), an empty batch",
            "at least one row",
        ),
        ([[1, 2, np.nan]], {}, "x[0, 2] is nan as float64", FINITE),
        ([[1, -np.inf, 0]], {}, "x[0, 1] is -inf as float64", FINITE),
        (
            [[1, 2, 3], [1, 1e300, 0]], {"dtype": np.float32},
            "x[1, 1] is inf as float32", FINITE,
        ),
    ]
]  # fmt: skip
STEPS = "(steps, batch, 2)"
STEPS_OR_STACK = f"{STEPS} or (2, steps, batch, 2)"
ROWS += [
    Row(forward(x, make_recurrent, stack=stack), *words)
    for x, stack, *words in [
        (np.ones((3, 2)), (), "x has shape (3, 2)", STEPS),
        (np.ones((3, 2)), (2,), "x has shape (3, 2)", STEPS_OR_STACK),
        (np.ones((4, 3, 5)), (2,), "x has shape (4, 3, 5)", STEPS_OR_STACK),
        (np.ones((7, 4, 3, 2)), (2,), "x has shape (7, 4, 3, 2)", STEPS_OR_STACK),
        (
            np.ones((0, 3, 2)), (2,), "x has shape (0, 3, 2), no time step",
            "at least one",
        ),
        (
            np.ones((4, 0, 2)), (2,), "x has shape (4, 0, 2), an empty batch",
            "at least one row",
        ),
        (np.full((4, 3, 2), np.nan), (2,), "x[0, 0, 0] is nan as float64", FINITE),
    ]
]  # fmt: skip
# What these hold is no number, whatever the axes before it; `what` says so.
NO_NUMBERS = [
    ([[1, 2, 1j]], "it holds complex128"),
    ([["1", "2", "3"]], "it holds <U1"),
    ([["a", "b", "c"]], "it holds <U1"),
    ([[1, 2, 10**400]], "…too large…"),
    ([[1, 2, 3], [4]], "…inhomogeneous…"),
    ([[{}, 2, 3]], "[…0, 0] is of type dict"),
    (np.array([[1, 2, 3], [4, "5", 6]], object), "[…1, 1] is of type str"),
    (np.array([[1, 2, None]], object), "[…0, 2] is of type NoneType"),
    (np.array([[1, np.complex128(2), 3]], object), "[…0, 1] is of type complex128"),
]
ROWS += [
    Row(call, f"x is no array of real numbers: {what}", REAL)
    for given, what in NO_NUMBERS
    for call in (
        forward(given),
        forward([given], make_recurrent, sizes=[3, 4, 2], stack=(2,)),
    )
]


# Targets: of the loss and of the backward pass

TENTHS = {"loss": "binary_cross_entropy", "activation": "sigmoid"}
SHARES = {"loss": "cross_entropy", "activation": ["tanh", "softmax"]}
LABELS = {"sizes": [3, 3], "loss": "cross_entropy", "activation": "softmax"}
EYE = "(batch, 3); for class labels write one-hot rows, np.eye(3)[t]"
WITHIN = "targets in [0, 1] for binary_cross_entropy"
ONE_HOT = (
    "rows that sum to 1 and are nowhere negative, such as one-hot rows, for "
    "cross_entropy"
)
EVERY = {"loss_at": "every"}
TARGETS = [
    (np.ones((2, 3)), {}, "t has shape (2, 3)", "(batch, 2)"),
    (np.ones((3, 2)), {}, "t has 3 rows", "2, one for each row of x"),
    (
        np.ones(2), {}, "t has shape (2,)",
        "(batch, 2); for one example write t[None, :]",
    ),
    (
        np.ones(2), {"sizes": [3, 1]}, "t has shape (2,)",
        "(batch, 1); for a column write t[:, None]",
    ),
    (
        [0, 1, 2], LABELS, "t has shape (3,)",
        f"{EYE}; for one example write t[None, :]",
    ),
    ([0, 1, 2, 1], LABELS, "t has shape (4,)", EYE),
    ([[1, 2], [3, np.nan]], {}, "t[1, 1] is nan as float64", FINITE),
    (np.empty((0, 2)), {}, "t has shape (0, 2), an empty batch", "at least one row"),
    ([[0, 1], [0, 1.5]], TENTHS, "t runs from 0.0 to 1.5", WITHIN),
    ([[0, 1], [0, -0.5]], TENTHS, "t runs from -0.5 to 1.0", WITHIN),
    (
        [[0, 1], [1, 1]], SHARES,
        "a row of t sums to 2.0, and the least value in t is 0.0", ONE_HOT,
    ),
    (
        [[0, 1], [2, -1]], SHARES,
        "a row of t sums to 1.0, and the least value in t is -1.0", ONE_HOT,
    ),
]  # fmt: skip
RECURRENT_TARGETS = [
    (np.ones((4, 2)), {}, "t has 4 rows", "3, one for each sequence"),
    (np.ones((3, 1)), {}, "t has shape (3, 1)", "(batch, 2)"),
    (np.ones((4, 3, 2)), {}, "t has shape (4, 3, 2)", "(batch, 2)"),
    (np.full((3, 2), np.inf), {}, "t[0, 0] is inf as float64", FINITE),
    (np.ones((3, 2)), EVERY, "t has shape (3, 2)", STEPS),
    (np.ones((5, 3, 2)), EVERY, "t has 5 steps", "4, one for each of x"),
    (np.ones((4, 2, 2)), EVERY, "t has 2 rows", "3, one for each sequence"),
    (np.full((3, 2), 2.0), TENTHS, "t runs from 2.0 to 2.0", WITHIN),
    (
        [0, 1, 2], SHARES | {"sizes": [2, 3, 3]}, "t has shape (3,)",
        f"{EYE}; for one example write t[None, :]",
    ),
]  # fmt: skip
ROWS += [
    Row(asked(act, build, **settings), *words)
    for build, x, table in [
        (make, np.ones((2, 3)), TARGETS),
        (make_recurrent, np.ones((4, 3, 2)), RECURRENT_TARGETS),
    ]
    for t, settings, *words in table
    for act in (
        lambda network, x=x, t=t: network.loss(x, t),
        lambda network, x=x, t=t: network.backward(network.forward(x), t),
    )
]


# Parameters, weights and biases: both kinds of network have 26 numbers here

FOR_FLOATS = "numbers for float64"
RAGGED = [[1] * 20, [1] * 6]
NOT_THESE = [
    *((np.zeros(s), f"parameters have shape {s}", "(26,)") for s in [(), (5,), (2, 3)]),
    (np.zeros(26, complex), "parameters hold complex128", FOR_FLOATS),
    (["a"] * 26, "parameters hold <U1", FOR_FLOATS),
    (RAGGED, "parameters are no array of numbers: …inhomogeneous…", FOR_FLOATS),
]
NOT_WITH = [
    *(
        (
            np.zeros(shape),
            f"parameters have shape {shape}",
            "(..., 26), of one network or more",
        )
        for shape in [(), (3,), (2, 3), (3, 5), (0, 26)]
    ),
    (np.array(["1"] * 26), "parameters hold <U1", FOR_FLOATS),
    (np.array(["2020"] * 26, "M8[Y]"), "parameters hold datetime64[Y]", FOR_FLOATS),
    (np.array([None] * 26), "parameters hold object", FOR_FLOATS),
    (np.ones(26, bool), "parameters hold bool", FOR_FLOATS),
    (RAGGED, "parameters are no array of numbers: …inhomogeneous…", FOR_FLOATS),
]


def assign(values):
    return lambda network: setattr(network, "parameters", values)


def assign_all_layers(network):
    network.weights[:] = [2 * weights for weights in network.weights]


def with_parameters(values):
    return lambda network: network.with_parameters(values)


for build in BOTH:
    ROWS += [Row(asked(assign(p), build), *words) for p, *words in NOT_THESE]
    ROWS += [Row(asked(with_parameters(p), build), *words) for p, *words in NOT_WITH]
    ROWS += [
        Row(
            asked(assign([0] * 25 + [1e300]), build, dtype=np.float32),
            "parameters hold 1e+300, which overflows float32",
            "smaller numbers",
        ),
        Row(
            asked(assign_all_layers, build),
            "the place is slice(None, None, None)",
            "one layer at a time, as in weights[0] = 0",
            TypeError,
        ),
    ]


@pytest.mark.parametrize("build", BOTH)
def test_a_view_takes_no_array_of_another_shape(build):
    """NumPy says so, in words of its own."""
    network = build()
    kept = network.parameters.copy()
    with pytest.raises(ValueError, match="broadcast"):
        network.weights[0] = np.zeros((4, 3))
    np.testing.assert_array_equal(network.parameters, kept)


@pytest.mark.parametrize("build", BOTH)
def test_what_is_read_only_cannot_be_assigned(build):
    network = build()
    names = {"weights", "biases", "sizes", "activations", "loss_name", "stack", "dtype"}
    if build is make_recurrent:
        names |= {"cell", "loss_at"}
    for name in names:
        with pytest.raises(AttributeError):
            setattr(network, name, getattr(network, name))


# Traces and gradients

X = {make: np.ones((4, 3)), make_recurrent: np.ones((4, 3, 2))}
LONGER = {make: np.ones((5, 3)), make_recurrent: np.ones((5, 3, 2))}
KIND = {
    make: "(sizes, activations, loss_name, weight_decay, stack, dtype)",
    make_recurrent: "(sizes, cell, activations, loss_name, loss_at, weight_decay, "
    "stack, dtype)",
}
SHARED = [
    ({"activation": "tanh"}, "'tanh', 'tanh'"),
    ({"loss": "binary_cross_entropy", "activation": "sigmoid"}, "binary"),
    ({"stack": (2,)}, "(2,)"),
    ({"dtype": np.float32}, "float32"),
]
OTHERS = {
    make: [({"sizes": [3, 5, 2]}, "3, 5, 2"), *SHARED],
    make_recurrent: [
        ({"sizes": [2, 4, 2]}, "2, 4, 2"),
        ({"sizes": [2, 3, 1]}, "2, 3, 1"),
        ({"cell": "gru"}, "gru"),
        ({"loss_at": "every"}, "every"),
        *SHARED,
    ],
}
COPIES = [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))]


def aim(network, x):
    """Return targets that suit the network."""
    return np.ones_like(network.predict(x))


def back(network, x, trace=None, **given):
    """Ask for the gradient, of a trace of its own if none is given."""
    trace = network.forward(x) if trace is None else trace
    return network.backward(trace, aim(network, x), **given)


def left_alone(arrays, act):
    """Ask something that is refused, and fail if it changed these arrays."""
    kept = [array.copy() for array in arrays]
    try:
        act()
    finally:
        for array, before in zip(arrays, kept, strict=True):
            np.testing.assert_array_equal(array, before)


def fills_trace(x, make_trace):
    def act(network):
        trace = make_trace(network)
        left_alone(trace.out, lambda: network.forward(x, trace=trace))

    return act


def reads_trace(x, make_trace):
    return lambda network: back(network, x, make_trace(network))


def fills_gradient(x, make_gradient):
    def act(network):
        gradient = make_gradient(network)
        left_alone([gradient.flat], lambda: back(network, x, gradient=gradient))

    return act


def of(build, x, **settings):
    """Return what makes a trace, and what makes a gradient, of another network."""

    def trace(network):
        return build(**settings).forward(x)

    def gradient(network):
        return back(build(**settings), x)

    return trace, gradient


def refilled(build, ours, x, trace, gradient):
    """Yield the name of what is given back to a pass, and a call that does it."""
    yield "trace", asked(fills_trace(x, trace), build, **ours)
    yield "gradient", asked(fills_gradient(x, gradient), build, **ours)


def of_other_kinds(build):
    x, named = X[build], KIND[build]
    for settings, differs in OTHERS[build]:
        # This network is given what the other made, and the other what this one did
        for ours, theirs, came, expected in [
            ({}, settings, f"(…{differs}…)", "(…)"),
            (settings, {}, "(…)", f"(…{differs}…)"),
        ]:
            trace, gradient = of(build, x, **theirs)
            calls = [*refilled(build, ours, x, trace, gradient)]
            calls += [("trace", asked(reads_trace(x, trace), build, **ours))]
            for what, call in calls:
                yield Row(call, f"the {what} is of a network {named} {came}", expected)


def of_other_passes(build):
    x, longer = X[build], LONGER[build]
    for what, call in refilled(build, {}, x, *of(build, longer)):
        came = f"the {what} is of inputs of shape {longer.shape}"
        yield Row(call, came, str(x.shape))
    for again in COPIES:
        for what, call in refilled(
            build,
            {},
            x,
            lambda network, again=again: again(network.forward(x)),
            lambda network, again=again: again(back(network, x)),
        ):
            came = (
                f"the {what} is a copy, whose arrays are no longer views of each other"
            )
            yield Row(call, came, "the original, to be filled again")
    other, _ = of(build, x, rng=rng(5))
    yield Row(
        asked(reads_trace(x, other), build),
        "the trace is of other parameters than the network has now",
        "one of forward with these",
    )


def of_other_types(build, wrong, prefix):
    x = X[build]
    foreign = wrong().forward(X[wrong])
    trace = f"a {prefix}Trace that forward returns"
    gradient = f"a {prefix}Gradient that backward returns"
    for what, act, came, expected in [
        ("trace", lambda n: back(n, x, x), "ndarray", trace),
        ("trace", lambda n: n.forward(x, trace=x), "ndarray", trace),
        ("trace", lambda n: n.backward([], [[1.0]]), "list", trace),
        ("trace", lambda n: back(n, x, foreign), type(foreign).__name__, trace),
        ("gradient", lambda n: back(n, x, gradient=n.parameters), "ndarray", gradient),
    ]:
        yield Row(asked(act, build), f"{what} is of type {came}", expected)


for build in BOTH:
    ROWS += [*of_other_kinds(build), *of_other_passes(build)]
ROWS += of_other_types(make, make_recurrent, "")
ROWS += of_other_types(make_recurrent, make, "Recurrent")


def of_another_cell():
    """As many parameters, and other widths."""
    for simple, gated in [([1, 3, 1], [3, 1, 1]), ([1, 6, 1], [5, 2, 1])]:
        pair = {"sizes": simple}, {"sizes": gated, "cell": "gru"}
        for ours, theirs in [pair, pair[::-1]]:
            x, t = np.ones((4, 3, theirs["sizes"][0])), np.ones((3, 1))
            trace, _ = of(make_recurrent, x, **theirs)
            yield Row(
                asked(
                    lambda n, trace=trace, t=t: n.backward(trace(n), t),
                    make_recurrent,
                    **ours,
                ),
                f"the trace is of a network {KIND[make_recurrent]} "
                f"({tuple(theirs['sizes'])}, …)",
                f"({tuple(ours['sizes'])}, …)",
            )


ROWS += of_another_cell()


def step_a_layer(network):
    network.weights[0] -= 0.1


def set_the_parameters(network):
    network.parameters = 2 * network.parameters


def move_a_bias(network):
    network.biases[1][:] = 0.5


def train_a_step(network):
    recurrent = isinstance(network, bp.RecurrentNetwork)
    x = rng(1).normal(size=X[make_recurrent if recurrent else make].shape)
    t = rng(2).uniform(size=(x.shape[-2], 2))
    bp.train(network, x, t, optimizer=bp.GradientDescent(0.1), epochs=1)


@pytest.mark.parametrize(
    "move", [step_a_layer, set_the_parameters, move_a_bias, train_a_step]
)
@pytest.mark.parametrize("stack", [(), (2,)])
@pytest.mark.parametrize("build", BOTH)
def test_a_trace_from_before_the_parameters_moved_is_refused(build, stack, move):
    network = build(stack=stack)
    x = rng(1).normal(size=X[build].shape)
    trace, before = network.forward(x), network.parameters.copy()
    expected = back(network, x, trace).flat
    move(network)
    assert (network.parameters != before).any()
    with pytest.raises(ValueError, match="of other parameters than the network has"):
        back(network, x, trace)
    # Once they are what they were, it is that trace again.
    network.parameters = before
    np.testing.assert_array_equal(back(network, x, trace).flat, expected)
    network.forward(x, trace=trace)
    back(network, x, trace)


@pytest.mark.parametrize("build", BOTH)
def test_a_refused_input_leaves_the_trace_as_it_was(build):
    network, x = build(), X[build]
    trace = network.forward(x)
    with pytest.raises(ValueError, match="nan"):
        left_alone(trace.out, lambda: network.forward(x * np.nan, trace=trace))
    back(network, x, trace)


# Training


def bad(network=None, **given):
    """Return a call to train that fails if it changed the network."""
    settings = {"optimizer": bp.GradientDescent(0.1), "epochs": 2, "rng": rng()}
    settings |= {"x": rng(1).normal(size=(10, 3)), "t": rng(1).uniform(size=(10, 2))}
    settings |= given
    return asked(lambda n: bp.train(n, **settings), **network or {})


class Idle:
    """An optimiser whose start gives no step."""

    def start(self, parameters):
        return None


EPOCHS = "a whole number from 1 up"
UP_TO_10 = "None or a whole number from 1 to 10, the number of examples"
LIKES = "the likes of GradientDescent(learning_rate=0.1) or Adam()"
TOLD = "None or a function of (epoch, network)"
SINGLE = {"dtype": np.float32}
ROWS += [
    Row(
        lambda: bp.train("net", [[0.0]], [[0.0]], optimizer=bp.Adam(), epochs=1),
        "network is of type str",
        "a Network or RecurrentNetwork",
    ),
    Row(
        bad({"build": make_recurrent, "sizes": [3, 4, 2]}),
        "x has shape (10, 3)",
        "(steps, batch, 3)",
    ),
    Row(bad(x=np.ones((10, 4))), "x has shape (10, 4)", "(batch, 3)"),
    Row(
        bad(x=np.empty((0, 3))), "x has shape (0, 3), an empty batch",
        "at least one row",
    ),
    Row(bad(t=np.ones((9, 2))), "t has 9 rows", "10, one for each row of x"),
    Row(bad(t=np.full((10, 2), np.nan)), "t[0, 0] is nan as float64", FINITE),
    Row(bad(callback=5), "callback is 5", TOLD),
    Row(bad(callback="tell"), "callback is 'tell'", TOLD),
    Row(bad(epochs=0), "epochs is 0", EPOCHS),
    Row(bad(epochs=-1), "epochs is -1", EPOCHS),
    Row(bad(epochs=2.0), "epochs is 2.0", EPOCHS),
    Row(bad(epochs=True), "epochs is True", EPOCHS),
    Row(bad(epochs=None), "epochs is None", EPOCHS),
    Row(bad(batch_size=0), "batch_size is 0", UP_TO_10),
    Row(bad(batch_size=11), "batch_size is 11", UP_TO_10),
    Row(bad(batch_size=2.5), "batch_size is 2.5", UP_TO_10),
    Row(bad(batch_size=True), "batch_size is True", UP_TO_10),
    Row(
        bad(batch_size=4, rng=None),
        "rng is None, but mini-batches are shuffled",
        "rng=numpy.random.default_rng(0) or the like",
    ),
    Row(bad(batch_size=4, rng=3), "rng is 3", SOURCE),
    Row(bad(rng="seed"), "rng is 'seed'", SOURCE),
    Row(bad(optimizer="adam"), "optimizer is 'adam'", LIKES),
    Row(bad(optimizer=0.1), "optimizer is 0.1", LIKES),
    Row(bad(optimizer=bp.Adam), "optimizer is <class …>", LIKES),
    Row(
        bad(optimizer=Idle()),
        "the optimizer's start returned None",
        "a function step(gradient)",
    ),
    Row(
        bad(optimizer=bp.Adam([0.1, 0.2])), "learning_rate has shape (2,)", "a number"
    ),
    Row(
        bad({"stack": (3,)}, optimizer=bp.Adam([0.1, 0.2])),
        "learning_rate has shape (2,)",
        "a number or an array over the stack, (3,)",
    ),
    *(
        Row(bad(SINGLE, optimizer=o), f"{came} as float32", "finite numbers above 0")
        for o, came in [
            (bp.Adam(1e39), "learning_rate is inf"),
            (bp.GradientDescent(1e-60), "learning_rate is 0.0"),
            (bp.Adam(epsilon=1e-60), "epsilon is 0.0"),
        ]
    ),
]  # fmt: skip


# Optimisers

PLACE = "a writeable array of floating-point numbers, such as network.parameters"
RATES = "finite numbers above 0"
FRACTION = "a number from 0 to below 1"
ABOVE_0 = "a number above 0"
OPTIMIZERS = [
    bp.GradientDescent(0.1),
    bp.GradientDescent(0.1, momentum=0.9),
    bp.Adam(0.1),
]
ROWS += [
    *(
        Row(functools.partial(optimizer.start, given), f"parameters is a {came}", PLACE)
        for optimizer in OPTIMIZERS
        for given, came in [
            ([1.0], "list"),
            (make(), "Network"),
            (np.array([1, 2]), "int64 array"),
            (np.broadcast_to(1.0, 3), "read-only float64 array"),
        ]
    ),
    *(
        Row(functools.partial(kind, rate), f"learning_rate is {came}", RATES)
        for kind in (bp.GradientDescent, bp.Adam)
        for rate, came in [
            (0.0, "0.0"),
            (-1.0, "-1.0"),
            ([0.1, 0], "[0.1, 0]"),
            ([], "[]"),
            (np.inf, "inf"),
            (np.nan, "nan"),
            ("fast", "'fast'"),
            ("0.1", "'0.1'"),
            (["1"], "['1']"),
            (None, "None"),
            (True, "True"),
            (10**400, "1000…"),
            ([[1], [2, 3]], "[[1], [2, 3]]"),
            (np.array([1 + 2j]), "array(…)"),
        ]
    ),
    *(
        Row(lambda m=m: bp.GradientDescent(0.1, m), f"momentum is {m!r}", FRACTION)
        for m in (1.0, -0.1, "x", None, [0.5], False)
    ),
    *(
        Row(functools.partial(bp.Adam, **{name: beta}), f"{name} is {beta!r}", FRACTION)
        for name, beta in [("beta1", 1.0), ("beta2", -0.5), ("beta2", 1j)]
    ),
    *(
        Row(functools.partial(bp.Adam, epsilon=e), f"epsilon is {came}", ABOVE_0)
        for e, came in [
            (0.0, "0.0"), ([1], "[1]"), ("x", "'x'"), (True, "True"), (10**400, "1000…")
        ]
    ),
]  # fmt: skip


def step_with(give, optimizer):
    """Return what takes a step with this instead of the gradient, and then another.

    What was refused must leave no trace in the memory between the steps.
    """

    def act(network):
        kept = network.parameters.copy()
        step = optimizer.start(network.parameters)
        gradient = back(network, X[make])
        try:
            step(give(gradient))
        finally:
            np.testing.assert_array_equal(network.parameters, kept)
            step(gradient.flat)
            expected = kept.copy()
            optimizer.start(expected)(gradient.flat)
            np.testing.assert_array_equal(network.parameters, expected)
            network.parameters = kept

    return act


ROWS += [
    Row(
        asked(step_with(give, optimizer), stack=(2,)),
        f"gradient {came}",
        "an array of shape (2, 26), that of the parameters, such as "
        "network.backward(trace, t).flat",
    )
    for optimizer in OPTIMIZERS
    for give, came in [
        (lambda gradient: gradient, "is a Gradient"),
        (lambda gradient: gradient.flat.tolist(), "is a list"),
        (lambda gradient: gradient.flat[0], "has shape (26,)"),
        (lambda gradient: np.ones(1), "has shape (1,)"),
    ]
]


# Data

COUNT = "a whole number from 2 up"
FROM_0 = "a number from 0 up"
ROWS += [
    *(
        Row(functools.partial(draw, **{"rng": rng(), name: given}), came, expected)
        for draw in (datasets.moons, datasets.spirals)
        for name, values, expected in [
            ("n", [1, 10.0, True, None], COUNT),
            ("noise", [-0.1, np.nan, np.inf, "much", None], FROM_0),
            ("rng", [0, None], SOURCE),
        ]
        for given in values
        for came in [f"{name} is {given!r}"]
    ),
    *(
        Row(
            functools.partial(datasets.spirals, 10, turns=turns, rng=rng()),
            f"turns is {turns!r}",
            ABOVE_0,
        )
        for turns in [0, -1, np.nan, np.inf, "one", None, [1]]
    ),
]


# All of them


def pattern(text):
    """Return the regular expression of a text in which "…" stands for anything."""
    return ".*".join(map(re.escape, text.split("…")))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.came)
def test_bad_input_is_refused_with_what_came_and_what_was_expected(row):
    with pytest.raises(row.kind) as caught:
        row.call()
    assert type(caught.value) is row.kind
    message = str(caught.value)
    whole = f"{pattern(row.came)}; expected {pattern(row.expected)}"
    assert re.fullmatch(whole, message, re.DOTALL), message
    assert DIALECT.fullmatch(message), message
    assert message.count("; expected ") == 1


@pytest.mark.parametrize(
    "message",
    [
        "x is nan",
        "x is nan; use finite numbers",
        "x is nan, but expected finite numbers",
        "x is nan; expected ",
        "x is nan; expected finite numbers.",
        "nan; expected finite numbers",
        "X is nan; expected finite numbers",
    ],
)
def test_another_dialect_is_noticed(message):
    assert not DIALECT.fullmatch(message)


def raised():
    """Yield file, first and last line of each statement that raises a refusal."""
    for name in MODULES:
        path = Path(bp.__file__).with_name(f"{name}.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise):
                yield str(path), node.lineno, node.end_lineno


def places(error):
    """Yield the file and line from which an error came, and those behind it."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
            trace = trace.tb_next
        error = error.__context__


def test_every_refusal_of_these_modules_has_a_row():
    reached = set()
    for row in ROWS:
        try:
            row.call()
        except row.kind as error:
            reached.update(places(error))
    missing = [
        f"{Path(file).name}:{first}"
        for file, first, last in raised()
        if not any((file, line) in reached for line in range(first, last + 1))
    ]
    assert missing == []

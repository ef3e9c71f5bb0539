"""The backward pass against routes to the gradient that know nothing of it.

Complex-step differences call the loss alone; HIPS autograd differentiates the plain
formulas below; `SymbolicNetwork` derives the gradient in SymPy.
"""

import _plain
import autograd.numpy as anp
import numpy as np
import pytest
from _networks import backward
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_lib as bp
from backprop_lib.gradcheck import compare, numerical_gradient

# A few dozen roundings; where the gradient itself is well conditioned, as it is here.
TOLERANCE = 1e-12
FUNCTIONS = bp.activations.ACTIVATIONS
HIDDEN = ["sigmoid", "tanh", "relu", "leaky_relu", "identity"]
LAST = {
    "squared_error": [*HIDDEN, "softmax"],
    "binary_cross_entropy": ["sigmoid"],
    "cross_entropy": ["softmax"],
}


@st.composite
def cases(draw, max_depth=5, max_width=5, stacks=((), (1,), (3,), (2, 2))):
    """Draw a network with biases, and a batch of inputs and of targets for it."""
    depth = draw(st.integers(1, max_depth))
    width = st.integers(1, max_width)
    sizes = draw(st.lists(width, min_size=depth + 1, max_size=depth + 1))
    loss = draw(st.sampled_from(sorted(LAST)))
    hidden = [draw(st.sampled_from(HIDDEN)) for _ in sizes[1:-1]]
    activation = [*hidden, draw(st.sampled_from(LAST[loss]))]
    if activation[-1] == "softmax":
        # Of one output it is the constant 1: a gradient of 0 has no relative error.
        sizes[-1] = max(2, sizes[-1])
    stack = draw(st.sampled_from(stacks))
    batch = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = bp.Network(
        sizes, activation=activation, loss=loss, stack=stack, init=0.8, rng=rng
    )
    network.parameters += 0.3 * rng.standard_normal(network.parameters.shape)
    own = draw(st.booleans())
    leading = (*stack, batch) if own else (batch,)
    x = rng.standard_normal((*leading, sizes[0]))
    return network, x, _targets(rng, loss, (*leading, sizes[-1]))


def _targets(rng, loss, shape):
    if loss == "cross_entropy":
        return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]
    if loss == "binary_cross_entropy":
        return rng.integers(2, size=shape).astype(float)
    return rng.standard_normal(shape)


def worst(network, gradient, reference):
    """Return the worst relative error of a layer's block, of any network."""
    blocks = zip(
        network.layers(gradient),
        network.layers(reference),
        strict=True,
    )
    return max(float(np.max(compare(a, b, axis=(-2, -1)))) for a, b in blocks)


# The cross-entropies in the form that loses no digits where an output is close to 1.
AUTOGRAD_LOSSES = {
    "squared_error": lambda net, out, t: (out - t) ** 2 / 2,
    "binary_cross_entropy": lambda net, out, t: (
        t * anp.log(1 + anp.exp(-net)) + (1 - t) * anp.log(1 + anp.exp(net))
    ),
    "cross_entropy": lambda net, out, t: (
        t
        * anp.log1p(
            anp.sum(
                anp.exp(net[:, None, :] - net[:, :, None]) * (1 - anp.eye(t.shape[-1])),
                axis=-1,
            )
        )
    ),
}


# The losses as the book states them, functions of the outputs alone.
LOSSES_OF_OUT = {
    "squared_error": lambda out, t: (out - t) ** 2 / 2,
    "binary_cross_entropy": lambda out, t: -np.log(np.where(t == 1, out, 1 - out)),
    "cross_entropy": lambda out, t: -t * np.log(out),
}


def autograd_gradient(network, x, t):
    """Differentiate the plain formulas, one network at a time, with autograd."""

    def loss(flat, x, t):
        out, start = x, 0
        for n_in, n_out, name in zip(
            network.sizes, network.sizes[1:], network.activations, strict=False
        ):
            biases = flat[start : start + n_out]
            stop = start + (1 + n_in) * n_out
            weights = anp.reshape(flat[start + n_out : stop], (n_in, n_out))
            net = out @ weights + biases
            out, start = _plain.FUNCTIONS[name](net), stop
        return anp.sum(AUTOGRAD_LOSSES[network.loss_name](net, out, t)) / x.shape[0]

    result = np.empty_like(network.parameters)
    for place in np.ndindex(network.stack):
        rows = [a[place] if a.ndim > 2 else a for a in (x, t)]
        result[place] = grad(loss)(network.parameters[place], *rows)
    return result


@settings(max_examples=150, deadline=None)
@given(cases())
def test_backward_agrees_with_complex_step(case):
    network, x, t = case

    def loss(parameters):
        return network.with_parameters(parameters).loss(x, t)

    reference = numerical_gradient(loss, network.parameters, method="complex")
    assert worst(network, backward(network, x, t).flat, reference) < TOLERANCE


@settings(max_examples=150, deadline=None)
@given(cases())
def test_backward_agrees_with_autograd(case):
    network, x, t = case
    reference = autograd_gradient(network, x, t)
    assert worst(network, backward(network, x, t).flat, reference) < TOLERANCE


@settings(max_examples=25, deadline=None)
@given(cases(max_depth=2, max_width=3, stacks=((),)))
def test_backward_agrees_with_the_symbolic_network(case):
    from backprop_lib.symbolic import SymbolicNetwork

    network, x, t = case
    symbolic = SymbolicNetwork(
        network.sizes, activation=network.activations, loss=network.loss_name
    )
    reference = symbolic.gradient_at(network.parameters, x, t)
    assert worst(network, backward(network, x, t).flat, reference) < TOLERANCE


@settings(max_examples=60, deadline=None)
@given(cases(stacks=((),)))
def test_delta_and_out_are_the_derivatives_they_are_called(case):
    """∂L/∂net and ∂L/∂out of every neuron, by a complex push on that neuron alone."""
    network, x, t = case
    gradient = backward(network, x, t)
    trace = network.forward(x)

    def loss_from(layer, out):
        # Runs on from the outputs of a layer, by the plain recursion.
        net = None
        for k in range(layer, len(network.sizes) - 1):
            net = out @ network.weights[k] + network.biases[k]
            out = FUNCTIONS[network.activations[k]].function(net)
        return LOSSES_OF_OUT[network.loss_name](out, t).sum(axis=-1).mean()

    for layer in range(len(network.sizes)):
        reference = numerical_gradient(
            lambda out, layer=layer: loss_from(layer, out), trace.out[layer], "complex"
        )
        assert compare(gradient.out[layer], reference) < TOLERANCE
        if layer > 0:
            function = FUNCTIONS[network.activations[layer - 1]].function
            reference = numerical_gradient(
                lambda net, layer=layer, f=function: loss_from(layer, f(net)),
                trace.net[layer],
                "complex",
            )
            assert compare(gradient.delta[layer], reference) < TOLERANCE


@settings(max_examples=60, deadline=None)
@given(cases())
def test_check_gradient_accepts_what_is_right(case):
    report = bp.check_gradient(*case)
    assert "wrong" not in report.states
    # Of a layer of dead neurons there is nothing to see.
    assert report.ok or "0 throughout" in report.verdict


@pytest.mark.parametrize("scale", [1 + 1e-11, 1 - 1e-11])
def test_agreement_notices_one_part_in_a_hundred_billion(scale):
    """Negative control: the tolerance is not so wide that a small error slips in."""
    rng = np.random.default_rng(0)
    network = bp.Network([3, 4, 2], rng=rng)
    x, t = rng.standard_normal((3, 3)), rng.standard_normal((3, 2))
    gradient = backward(network, x, t).flat * scale
    assert worst(network, gradient, autograd_gradient(network, x, t)) > TOLERANCE

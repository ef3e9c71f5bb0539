"""Backpropagation through time against routes that know nothing of it.

Complex-step differences call the loss alone, and HIPS autograd differentiates the plain
recursion below.  Errors seeded in a copy of the module must all be noticed.
"""

import copy
import inspect
import pickle
import types

import _plain
import autograd.numpy as anp
import numpy as np
import pytest
from _networks import backward, rng
from _networks import make_recurrent as make
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_lib as bp
from backprop_lib.gradcheck import compare, numerical_gradient

# A few dozen roundings; where the gradient itself is well conditioned, as it is here.
TOLERANCE = 1e-12
HIDDEN = ["sigmoid", "tanh", "relu", "leaky_relu", "identity"]
LAST = {
    "squared_error": ["sigmoid", "tanh", "identity", "softmax"],
    "binary_cross_entropy": ["sigmoid"],
    "cross_entropy": ["softmax"],
}
# In terms of net, so that no digits are lost where an output is close to 1.
LOSSES = {
    "squared_error": lambda net, out, t: anp.sum((out - t) ** 2) / 2,
    "binary_cross_entropy": lambda net, out, t: anp.sum(
        t * anp.log1p(anp.exp(-net)) + (1 - t) * anp.log1p(anp.exp(net))
    ),
    "cross_entropy": lambda net, out, t: anp.sum(
        t * (anp.log(anp.sum(anp.exp(net), axis=-1, keepdims=True)) - net)
    ),
}


@st.composite
def cases(draw, stacks=((), (1,), (3,), (2, 2))):
    """Draw a network with biases, and sequences and targets for it."""
    sizes = [draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 3))]
    loss = draw(st.sampled_from(sorted(LAST)))
    last = draw(st.sampled_from(LAST[loss]))
    # A softmax of one output is the constant 1: a gradient of 0 has no relative error.
    sizes[-1] = max(2, sizes[-1]) if last == "softmax" else sizes[-1]
    stack = draw(st.sampled_from(stacks))
    source = rng(draw(st.integers(0, 2**32 - 1)))
    network = make(
        sizes,
        cell=draw(st.sampled_from(["simple", "gru"])),
        activation=(draw(st.sampled_from(HIDDEN)), last),
        loss=loss,
        loss_at=draw(st.sampled_from(["last", "every"])),
        stack=stack,
        init=0.7,
        rng=source,
    )
    network.parameters += 0.3 * source.standard_normal(network.parameters.shape)
    steps, batch = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    lead = stack if draw(st.booleans()) else ()
    return network, *data(network, steps, batch, lead, source)


def data(network, steps=4, batch=3, lead=(), source=None):
    source = rng(1) if source is None else source
    x = source.standard_normal((*lead, steps, batch, network.sizes[0]))
    times = (steps,) if network.loss_at == "every" else ()
    shape = (*lead, *times, batch, network.sizes[-1])
    if network.loss_name == "cross_entropy":
        t = np.eye(shape[-1])[source.integers(shape[-1], size=shape[:-1])]
    elif network.loss_name == "binary_cross_entropy":
        t = source.integers(2, size=shape).astype(float)
    else:
        t = source.standard_normal(shape)
    return x, t


def by_complex_step(network, x, t):
    def loss(parameters):
        return network.with_parameters(parameters).loss(x, t)

    return numerical_gradient(loss, network.parameters, method="complex")


def plain_loss(network, flat, x, t):
    """The loss of one network by the book's recursion, for autograd."""
    n_in, n_hidden, n_out = network.sizes
    hidden, last = (_plain.FUNCTIONS[name] for name in network.activations)
    gated, start, blocks = network.cell == "gru", 0, []
    width = 3 * n_hidden if gated else n_hidden
    for rows, columns in [(1, width), (n_in, width), (n_hidden, width),
                          (1, n_out), (n_hidden, n_out)]:  # fmt: skip
        stop = start + rows * columns
        blocks.append(anp.reshape(flat[start:stop], (rows, columns)))
        start = stop
    b, w, u, last_b, last_w = blocks
    cut = n_hidden * (2 if gated else 0)
    out, losses = np.zeros((x.shape[1], n_hidden)), []
    for k in range(len(x)):
        if gated:
            gates = 1 / (1 + anp.exp(-((x[k] @ w + b)[:, :cut] + out @ u[:, :cut])))
            z, r = gates[:, :n_hidden], gates[:, n_hidden:]
            heard = (r * out) @ u[:, cut:]
            out = z * out + (1 - z) * hidden((x[k] @ w + b)[:, cut:] + heard)
        else:
            out = hidden(x[k] @ w + out @ u + b)
        net = out @ last_w + last_b
        if network.loss_at == "every":
            losses.append(LOSSES[network.loss_name](net, last(net), t[k]))
    if network.loss_at == "last":
        losses = [LOSSES[network.loss_name](net, last(net), t)]
    return sum(losses) / len(losses) / x.shape[1]


def by_autograd(network, x, t):
    result = np.empty_like(network.parameters)
    stacked = x.ndim > 3
    for place in np.ndindex(network.stack):
        own = (x[place], t[place]) if stacked else (x, t)
        flat = network.parameters[place]
        result[place] = grad(lambda p, own=own: plain_loss(network, p, *own))(flat)
    return result


def worst(gradient, reference):
    """The worst error of a network of the stack, relative to its largest entry."""
    return np.max(compare(gradient, reference, axis=-1))


@settings(max_examples=150)
@given(cases())
def test_backward_agrees_with_complex_step(case):
    gradient = backward(*case).flat
    assert worst(gradient, by_complex_step(*case)) < TOLERANCE


@settings(max_examples=150)
@given(cases())
def test_backward_agrees_with_autograd(case):
    assert worst(backward(*case).flat, by_autograd(*case)) < TOLERANCE


@settings(max_examples=40)
@given(cases())
def test_weights_and_biases_are_views_in_the_order_of_the_parameters(case):
    network, x, t = case
    gradient = backward(network, x, t)
    like = network.with_parameters(gradient.flat)
    for mine, theirs in zip(
        [*gradient.weights, *gradient.biases], [*like.weights, *like.biases]
    ):
        assert np.shares_memory(mine, gradient.flat)
        np.testing.assert_array_equal(mine, theirs)
    network.weights[1][...] = 0.0
    network.biases[1][...] = 5.0
    assert np.count_nonzero(network.parameters == 0.0) >= network.weights[1].size


@settings(max_examples=40)
@given(cases(stacks=((),)))
def test_delta_and_out_are_the_derivatives_they_are_called(case):
    """∂L/∂net[k] and ∂L/∂out[k] of a simple cell, by a complex push at one step."""
    network, x, t = case
    if network.cell != "simple":
        return
    gradient, trace = backward(network, x, t), network.forward(x)
    hidden, last = (bp.activations.ACTIVATIONS[n].function for n in network.activations)
    value = bp.losses.LOSSES[network.loss_name].value

    def loss_from(step, pushed, of_net):
        out, losses = (hidden(pushed) if of_net else pushed), []
        for k in range(1, len(trace.out)):
            net, real = trace.last_net[k], k < step
            if k > step:
                sums = x[k - 1] @ network.weights[0] + out @ network.weights[1]
                out = hidden(sums + network.biases[0])
            if network.loss_at == "every" or k == len(x):
                if not real:
                    net = out @ network.weights[2] + network.biases[1]
                target = t[k - 1] if network.loss_at == "every" else t
                losses.append(value(net, last(net), target).mean())
        return sum(losses) / len(losses)

    for k in range(1, len(trace.out)):
        by_out = numerical_gradient(
            lambda o, k=k: loss_from(k, o, False), trace.out[k], "complex"
        )
        by_net = numerical_gradient(
            lambda n, k=k: loss_from(k, n, True), trace.net[k], "complex"
        )
        assert compare(gradient.out[k], by_out) < TOLERANCE
        assert compare(gradient.delta[k], by_net) < TOLERANCE


@settings(max_examples=40)
@given(cases())
def test_a_stack_computes_what_each_of_its_networks_does(case):
    network, x, t = case
    whole, losses = backward(network, x, t), network.loss(x, t)
    outputs = network.predict(x)
    for place in np.ndindex(network.stack):
        alone = network.with_parameters(network.parameters[place].copy())
        own = (x[place], t[place]) if x.ndim > 3 else (x, t)
        assert compare(whole.flat[place], backward(alone, *own).flat) < TOLERANCE
        assert np.isclose(np.asarray(losses)[place], alone.loss(*own), rtol=TOLERANCE)
        assert compare(outputs[place], alone.predict(own[0])) < TOLERANCE


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu", "identity"])
def test_the_gradient_by_the_state_is_the_product_of_the_slopes(name):
    """∂out[T]/∂out[k] of one neuron is Π f′(net) u: here from the trace alone."""
    network = make([1, 1, 1], activation=(name, "identity"))
    network.parameters = [0.2, 1.1, 0.9, 0.0, 1.0]
    x = 0.3 + 0.1 * rng().uniform(size=(12, 1, 1))
    trace = network.forward(x)
    error = trace.last_out[-1] - 2.0
    gradient = network.backward(trace, [[2.0]])
    slope = bp.activations.ACTIVATIONS[name].derivative
    for k in range(13):
        product = np.prod([0.9 * slope(net) for net in trace.net[k + 1 :]])
        assert compare(gradient.out[k], error * product) < TOLERANCE


def test_a_gate_that_keeps_everything_passes_the_gradient_unchanged():
    network = make([1, 3, 1], cell="gru")
    network.biases[0][:3] = 800.0  # z = 1 in floating point
    x, t = rng(2).normal(size=(200, 4, 1)), np.ones((4, 1))
    gradient = network.backward(network.forward(x), t)
    np.testing.assert_array_equal(gradient.out[0], gradient.out[200])
    assert np.abs(gradient.out[0]).max() > 0


def test_a_step_with_a_loss_at_every_step_is_the_feedforward_network():
    """Over one step, with no state yet, the network is a Network of two layers."""
    network = make(loss_at="every")
    plain = bp.Network([2, 3, 2], activation=["tanh", "identity"], rng=rng())
    for layer, k in ((0, 0), (1, 2)):
        plain.weights[layer][...] = network.weights[k]
    x, t = data(network, steps=1)
    ours = backward(network, x, t)
    theirs = plain.backward(plain.forward(x[0]), t[0])
    assert compare(ours.weights[0], theirs.weights[0]) < TOLERANCE
    assert compare(ours.weights[2], theirs.weights[1]) < TOLERANCE
    assert not ours.weights[1].any()


@pytest.mark.parametrize("cell", ["simple", "gru"])
def test_float32_stays_float32(cell):
    network = make(cell=cell, dtype=np.float32)
    x, t = data(network)
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    arrays = [*trace.net[1:], *trace.out, *gradient.delta[1:], *gradient.out]
    assert {a.dtype for a in [*arrays, gradient.flat]} == {np.dtype(np.float32)}
    exact = network.with_parameters(network.parameters.astype(float))
    # 4 steps of a few roundings each
    assert compare(gradient.flat, backward(exact, x, t).flat) < 1e-5


@pytest.mark.parametrize(
    "duplicate",
    [
        bp.RecurrentNetwork.copy,
        copy.deepcopy,
        lambda network: pickle.loads(pickle.dumps(network)),
    ],
)
def test_a_copy_is_equal_and_independent(duplicate):
    network = make(cell="gru", loss_at="every", stack=(2,))
    twin = duplicate(network)
    x, t = data(network)
    np.testing.assert_array_equal(twin.loss(x, t), network.loss(x, t))
    assert repr(twin) == repr(network)
    twin.weights[0][...] += 1.0
    assert np.shares_memory(twin.weights[0], twin.parameters)
    assert not np.array_equal(twin.parameters, network.parameters)


def test_traces_and_gradients_compare_by_identity():
    """Arrays have no single truth: == of the fields would raise."""
    network = make()
    x, t = data(network)
    trace, gradient = network.forward(x), backward(network, x, t)
    assert trace != network.forward(x)
    assert gradient != backward(network, x, t)
    assert len({trace, gradient}) == 2


def test_the_same_rng_gives_the_same_network():
    np.testing.assert_array_equal(make().parameters, make().parameters)
    assert not np.array_equal(make(rng=rng(1)).parameters, make().parameters)
    assert make(init=0.0).parameters.any() == np.False_


def test_an_array_over_the_stack_gives_each_network_its_own_deviation():
    network = make([3, 40, 2], stack=(2,), init=np.array([0.0, 2.0]))
    assert not network.parameters[0].any()
    assert abs(network.weights[1][1].std() - 2.0) < 0.2


def test_an_optimizer_moves_it():
    network = make()
    x, t = data(network)
    before = network.loss(x, t)
    step = bp.GradientDescent(learning_rate=0.1).start(network.parameters)
    for _ in range(20):
        step(backward(network, x, t).flat)
    assert network.loss(x, t) < before


# Errors seeded in a copy of the module: each must be noticed.

MUTATIONS = {
    "slope of the activation dropped": (
        "np.multiply(trace.slope[k], gradient.out[k], out=gradient.delta[k])",
        "np.copyto(gradient.delta[k], gradient.out[k])",
    ),
    "slope of the step before": (
        "np.multiply(trace.slope[k], gradient",
        "np.multiply(trace.slope[max(k - 1, 1)], gradient",
    ),
    "recurrent weights not transposed": (
        "self.block, self.back, self.write = block, from_state.swapaxes(-1, -2), write",
        "self.block, self.back, self.write = block, from_state, write",
    ),
    "nothing comes back in time": (
        "out=gradient.out[k - 1])",
        "out=np.empty_like(gradient.out[k - 1]))",
    ),
    "blame of the loss overwrites that of the step after": (
        "gradient.out[k][...] += delta",
        "gradient.out[k][...] = delta",
    ),
    "blame of an earlier batch left over": (
        "gradient.out[steps].fill(0.0)",
        "gradient.out[steps].fill(0.1)",
    ),
    "gradient of an earlier batch left over": (
        "gradient.flat.fill(0.0)",
        "gradient.flat.fill(0.1)",
    ),
    "only the last step's use of the weights": (
        "block += trace.heard[k - 1]",
        "block[...] = trace.heard[k - 1]",
    ),
    "state of this step instead of the one before": (
        "block += trace.heard[k - 1]",
        "block += trace.heard[k]",
    ),
    "last layer's weights of one step only": (
        "last[..., 1:, :] += trace.out[k]",
        "last[..., 1:, :] = trace.out[k]",
    ),
    "last layer's bias forgotten": (
        "last[..., 0, :] += delta.sum(axis=-2)",
        "pass",
    ),
    "last layer's bias left out of the forward pass": (
        "trace.last_net[k][...] += self.biases[1][..., None, :]",
        "pass",
    ),
    "not averaged over the steps": ("batch * len(last[0])", "batch"),
    "not averaged over the batch": (
        "batch * len(last[0])",
        "len(last[0])",
    ),
    "the first step left out": (
        "for k in range(steps, 0, -1):",
        "for k in range(steps, 1, -1):",
    ),
    "gru: the path that adds left out": ("z * by_out + r * by_gated", "r * by_gated"),
    "gru: reset gate left out of the way back": (
        "r * by_gated + delta_z",
        "by_gated + delta_z",
    ),
    "gru: keep gate's own path left out": (" + delta_z @ back_z", ""),
    "gru: reset gate's own path left out": (
        "by_before + delta_r @ back_r",
        "by_before",
    ),
    "gru: keep gate the wrong way round": (
        "by_out * (before - c)",
        "by_out * (c - before)",
    ),
    "gru: candidate gets the kept share": ("by_out * (1 - z)", "by_out * z"),
    "gru: slope of the wrong gate": (
        "np.multiply(slope_r, by_gated",
        "np.multiply(slope_z, by_gated",
    ),
    "gru: candidate hears the whole state": (
        "block[..., both:] += gated",
        "block[..., both:] += heard",
    ),
}


def module_with(source):
    """Return the module that this source makes."""
    module = types.ModuleType("mutated")
    # Dataclasses look their module up by name.
    module.__dict__["__name__"] = bp.recurrent.__name__
    exec(compile(source, "recurrent.py", "exec"), module.__dict__)
    return module


def agrees(module):
    """Whether a module's backward pass agrees with complex-step differences."""
    for cell in ("simple", "gru"):
        for loss_at in ("last", "every"):
            network = module.RecurrentNetwork(
                [2, 3, 2], cell=cell, loss_at=loss_at, init=0.7, rng=rng()
            )
            network.parameters += 0.3 * rng(1).normal(size=network.parameters.shape)
            x, t = data(network)
            gradient = network.backward(network.forward(x), t).flat
            if not compare(gradient, by_complex_step(network, x, t)) < TOLERANCE:
                return False
    return True


SOURCE = inspect.getsource(bp.recurrent)


def test_the_unchanged_module_agrees():
    """Negative control: what fails below fails because of the mutation."""
    assert agrees(module_with(SOURCE))


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_seeded_error_is_noticed(name):
    before, after = MUTATIONS[name]
    assert SOURCE.count(before) == 1, f"recurrent.py has changed; seed {name!r} anew"
    with np.errstate(all="ignore"):
        assert not agrees(module_with(SOURCE.replace(before, after)))


@pytest.mark.parametrize("scale", [1 + 1e-11, 1 - 1e-11])
def test_agreement_notices_one_part_in_a_hundred_billion(scale):
    network = make(cell="gru")
    x, t = data(network)
    gradient = backward(network, x, t).flat * scale
    assert worst(gradient, by_autograd(network, x, t)) > TOLERANCE

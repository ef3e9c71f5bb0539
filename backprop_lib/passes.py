"""Backpropagation: the forward and the backward pass, and nothing else.

The equations are those of chapter 5, and ``l`` is the layer as in the text.  Arrays
hold an example in each *column*, (*stack, neurons, batch), so that what a layer says
lies in one piece behind its row of ones; a product is therefore written from right to
left, (out · weights)ᵀ = weightsᵀ · outᵀ.  The bias is the weight from a neuron 0 whose
output is always 1: ``heard[l]`` is out[l] behind that row of ones, and a block of
parameters is a layer's weights behind its row of biases.

Nothing is checked and nothing allocated here: views are bound once, in the network, the
trace and the gradient, and so a training loop of these two is quick.

Source: D. E. Rumelhart, G. E. Hinton and R. J. Williams, Learning representations
by back-propagating errors, Nature 323 (1986), 533-536.
"""

import numpy as np


def forward(network, trace):
    """Fill the trace's nets, outputs and slopes, from what layer 0 says on."""
    product, blocks, heard = network.product, network.blocks, trace.heard
    net, out, slope, rest = trace.columns
    for l, write in enumerate(network.writers):
        # net[l+1] = out[l] · weights[l] + 1 · biases[l]
        product(blocks[l], heard[l], net[l + 1])
        # out[l+1] = f(net[l+1]), and beside it the slope ∂o/∂net
        write(net[l + 1], out[l + 1], slope[l + 1], rest[l + 1])


def backward(network, trace, t, gradient):
    """Fill the gradient's error signals and its derivatives by every parameter."""
    product, weights, heard = network.product, network.alone, trace.heard
    slope, (delta, blame) = trace.columns[2], gradient.columns
    last = len(heard)
    # δ[last] = ∂o/∂net · ∂L/∂o, where the loss begins
    network.start(trace.end, t, blame[last], delta[last])
    for l in range(last - 1, -1, -1):
        # ∂L/∂w_ij = o_i δ_j, summed over the batch; with o_0 = 1, the biases
        product(heard[l], gradient.delta[l + 1], gradient.blocks[l])
        if l > 0:
            # ∂L/∂o_i = Σ_j w_ij δ_j
            product(weights[l], delta[l + 1], blame[l])
            # δ_i = ∂o_i/∂net_i · ∂L/∂o_i
            np.multiply(slope[l], blame[l], out=delta[l])

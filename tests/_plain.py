"""The activations as plain formulas, for HIPS autograd to differentiate."""

import autograd.numpy as anp

FUNCTIONS = {
    "sigmoid": lambda net: 1 / (1 + anp.exp(-net)),
    "tanh": anp.tanh,
    "relu": lambda net: anp.where(net > 0, net, 0.0),
    "leaky_relu": lambda net: anp.where(net > 0, net, 0.01 * net),
    "identity": lambda net: net,
    "softmax": lambda net: anp.exp(net) / anp.sum(anp.exp(net), axis=-1, keepdims=True),
}

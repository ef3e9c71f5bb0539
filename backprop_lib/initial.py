"""How large the first weights are: a rule gives each layer's standard deviation.

Too small, and signals fade from layer to layer; too large, and neurons saturate.
Chapter 14 derives both rules.  Biases start at 0.
"""

from math import sqrt


def xavier(n_in, n_out):
    """Return √(2 / (n_in + n_out)): between what keeps signals and gradients level.

    Source: X. Glorot and Y. Bengio, Understanding the difficulty of training deep
    feedforward neural networks, AISTATS 2010, 249-256.

    Examples
    --------
    >>> xavier(4, 4)
    0.5
    """
    return sqrt(2 / (n_in + n_out))


def he(n_in, n_out):
    """Return √(2 / n_in): a rectifier passes half of the mean square.

    Source: K. He et al., Delving deep into rectifiers, ICCV 2015, 1026-1034.

    Examples
    --------
    >>> he(8, 100)
    0.5
    """
    return sqrt(2 / n_in)


def normal(n_in, n_out):
    """Return 1, whatever the widths.

    Examples
    --------
    >>> normal(8, 100)
    1.0
    """
    return 1.0


INITIAL = {rule.__name__: rule for rule in (xavier, he, normal)}

"""Data to train on: made from an explicit rng, or real and shipped by scikit-learn."""

from typing import NamedTuple

import numpy as np

from backprop_lib import _checks


class Split(NamedTuple):
    """Training and held-out examples, rows of inputs x and of targets t.

    Attributes
    ----------
    x_train, x_test : arrays, (examples, n_in)
    t_train, t_test : arrays, (examples, n_out)
    """

    x_train: np.ndarray
    t_train: np.ndarray
    x_test: np.ndarray
    t_test: np.ndarray


def xor():
    """Return the four points of exclusive or: x (4, 2) and t (4, 1), all 0 or 1.

    Examples
    --------
    >>> x, t = xor()
    >>> print(np.hstack([x, t]))
    [[0. 0. 0.]
     [0. 1. 1.]
     [1. 0. 1.]
     [1. 1. 0.]]
    """
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    t = (x[:, :1] != x[:, 1:]).astype(float)
    return x, t


def moons(n=200, *, noise=0.2, rng):
    """Return two interleaved half circles (scikit-learn's ``make_moons``).

    Parameters
    ----------
    n : int
        Number of points, half of them of each class.
    noise : float
        Standard deviation of the normal noise on each coordinate.
    rng : numpy.random.Generator

    Returns
    -------
    x : array, (n, 2)
    t : array, (n, 1)
        0 or 1.

    Examples
    --------
    >>> x, t = moons(100, rng=np.random.default_rng(0))
    >>> x.shape, t.shape, float(t.mean())
    ((100, 2), (100, 1), 0.5)
    """
    from sklearn.datasets import make_moons

    _check_made(n, noise, rng)
    seed = int(rng.integers(2**32))
    x, labels = make_moons(n, noise=noise, random_state=seed)
    return x, labels[:, None].astype(float)


def spirals(n=200, *, turns=1.0, noise=0.05, rng):
    """Return two spirals around each other, in the square from -1 to 1 but for noise.

    Parameters
    ----------
    n : int
        Number of points, half of them of each class.
    turns : float
        Turns of each arm around the origin.
    noise : float
        Standard deviation of the normal noise on each coordinate.
    rng : numpy.random.Generator

    Returns
    -------
    x : array, (n, 2)
    t : array, (n, 1)
        0 or 1.

    Examples
    --------
    >>> x, t = spirals(100, rng=np.random.default_rng(0))
    >>> x.shape, t.shape, float(t.mean())
    ((100, 2), (100, 1), 0.5)
    """
    _check_made(n, noise, rng)
    _checks.number("turns", turns, lambda n: 0 < n < np.inf, "above 0")
    t = (np.arange(n) % 2).astype(float)
    # √ of a uniform number: the points are spread evenly along the arms
    radius = np.sqrt(rng.uniform(0.01, 1.0, n))
    angle = 2 * np.pi * turns * radius + np.pi * t
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x + noise * rng.standard_normal(x.shape), t[:, None]


def digits():
    """Return the handwritten digits of UCI as scikit-learn ships them.

    1,797 images of 8 by 8 pixels, grey in 0, 1, ..., 16, scaled to [0, 1]; the targets
    are one-hot.  A quarter is held out; the split is fixed and keeps the classes'
    shares.  Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten
    Digits, UCI Machine Learning Repository, 1998 (its test part).

    Returns
    -------
    Split
        x of width 64, t of width 10.

    Examples
    --------
    >>> data = digits()
    >>> data.x_train.shape, data.t_train.shape, data.x_test.shape
    ((1347, 64), (1347, 10), (450, 64))
    """
    from sklearn.datasets import load_digits

    x, labels = load_digits(return_X_y=True)
    x_train, x_test, train, test = _fixed_split(x / 16.0, labels)
    return Split(x_train, np.eye(10)[train], x_test, np.eye(10)[test])


def breast_cancer():
    """Return the Wisconsin diagnostic breast cancer data as scikit-learn ships them.

    569 tumours with 30 measured features; each feature has mean 0 and standard
    deviation 1 over the training part.  t is 1 for a malignant tumour, else 0.  A
    quarter is held out; the split is fixed and keeps the classes' shares.  Source:
    W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin
    (Diagnostic), UCI Machine Learning Repository, 1993.

    Returns
    -------
    Split
        x of width 30, t of width 1.

    Examples
    --------
    >>> data = breast_cancer()
    >>> data.x_train.shape, data.t_train.shape, data.x_test.shape
    ((426, 30), (426, 1), (143, 30))
    """
    from sklearn.datasets import load_breast_cancer

    x, labels = load_breast_cancer(return_X_y=True)
    x_train, x_test, train, test = _fixed_split(x, labels)
    # scikit-learn's label 0 is malignant.
    train, test = (1.0 - labels[:, None] for labels in (train, test))
    # Scaled by what the training part shows: the held-out part stays unseen.
    centre, spread = x_train.mean(axis=0), x_train.std(axis=0)
    return Split((x_train - centre) / spread, train, (x_test - centre) / spread, test)


def _fixed_split(x, labels):
    from sklearn.model_selection import train_test_split

    return train_test_split(x, labels, test_size=0.25, random_state=0, stratify=labels)


def _check_made(n, noise, rng):
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 2:
        raise ValueError(f"n is {n!r}; expected a whole number from 2 up")
    _checks.number("noise", noise, lambda n: 0 <= n < np.inf, "from 0 up")
    _checks.rng(rng)

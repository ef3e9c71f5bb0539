"""What may go into a network: each check returns it clean, or says what came."""

from collections.abc import Mapping, Set
from numbers import Integral

import numpy as np

from backprop_lib.activations import ACTIVATIONS, surely_finite
from backprop_lib.initial import INITIAL
from backprop_lib.losses import LOSSES


def sizes(given, names=None):
    """Return the layer sizes as a tuple of ints, at least two, each at least 1.

    With ``names``, there is one size for each of them.
    """
    given = _listed("sizes", given, "a list like [2, 3, 1]")
    if len(given) < 2:
        raise ValueError(f"sizes is {given}; expected at least two layers, like [2, 1]")
    if not all(is_whole(n, 1) for n in given):
        raise ValueError(f"sizes is {given}; expected whole numbers from 1 up")
    if names is not None and len(given) != len(names):
        raise ValueError(
            f"sizes is {given}; expected {len(names)}, [{', '.join(names)}]"
        )
    return tuple(int(n) for n in given)


def _listed(name, given, expected):
    """Return the list of what was given in an order of its own, and not as bytes."""
    try:
        if isinstance(given, bytes | bytearray | Mapping | Set):
            raise TypeError
        return list(given)
    except TypeError:
        raise ValueError(f"{name} is {given!r}; expected {expected}") from None


def stack(given):
    """Return the shape of the stack as a tuple of ints, each at least 1."""
    try:
        given = (given,) if isinstance(given, Integral) else tuple(given)
    except TypeError:
        raise ValueError(f"stack is {given!r}; expected a tuple like (10,)") from None
    if not all(is_whole(n, 1) for n in given):
        raise ValueError(f"stack is {given}; expected whole numbers from 1 up")
    return tuple(int(n) for n in given)


def is_whole(n, least):
    """Whether n is a whole number, from ``least`` up."""
    return isinstance(n, Integral) and not isinstance(n, bool) and n >= least


def whole(name, given, least):
    """Refuse what is not a whole number from ``least`` up."""
    if not is_whole(given, least):
        raise ValueError(
            f"{name} is {given!r}; expected a whole number from {least} up"
        )


def activations(given, layers):
    """Return one known activation name for each layer after the input."""
    one_for_all = isinstance(given, str)
    expected = "a name such as 'sigmoid', or one name a layer"
    names = [given] * layers if one_for_all else _listed("activation", given, expected)
    if len(names) != layers:
        raise ValueError(
            f"activation names {len(names)} layers, {names}; expected one name, "
            f"or one for each of the {layers} layers after the input"
        )
    for name in names:
        one_of("activation", name, ACTIVATIONS)
    if "softmax" in names[:-1]:
        better = [name if name != "softmax" else "sigmoid" for name in names[:-1]]
        raise ValueError(
            f"activation is {names}; expected softmax on the last layer only, and "
            f"one name a layer, such as {[*better, names[-1]]}"
        )
    return tuple(str(name) for name in names)


def loss(given, names):
    """Return the loss's name, known and fit for the last layer's activation."""
    needed = one_of("loss", given, LOSSES).activation
    if needed is not None and names[-1] != needed:
        fitting = [known.name for known in LOSSES.values()]
        fitting = [n for n in fitting if LOSSES[n].activation in (None, names[-1])]
        raise ValueError(
            f"loss {given!r} goes with a {needed} last layer, which is "
            f"{names[-1]!r} here; expected loss {' or '.join(map(repr, fitting))}, "
            f"or the last layer {needed!r}"
        )
    return given


def deviations(init, fans, stack_shape):
    """Return each matrix's standard deviation of the weights, fit for the stack."""
    if isinstance(init, str):
        rule = one_of("init", init, INITIAL, " or a number, or an array over the stack")
        return [rule(n_in, n_out) for n_in, n_out in fans]
    values = reals(init)
    if values is None or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(
            f"init is {init!r}; expected a name, or finite numbers from 0 up"
        )
    if values.shape not in ((), stack_shape):
        raise ValueError(
            f"init has shape {values.shape}; expected a number"
            + (f" or an array over the stack, {stack_shape}" if stack_shape else "")
        )
    return [values[..., None, None] for _ in fans]


def parameters(values, dtype):
    """Return an array of numbers in the machine's byte order."""
    try:
        values = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"parameters are no array of numbers: {error}; expected numbers for {dtype}"
        ) from None
    if values.dtype.kind not in "iufc":
        raise ValueError(
            f"parameters hold {values.dtype}; expected numbers for {dtype}"
        )
    native = values.dtype.isnative
    return values if native else values.astype(values.dtype.newbyteorder("="))


def fitting(values, dtype):
    """Return parameters in this dtype, or say which number it cannot hold."""
    if values.dtype == dtype:
        return values
    if not np.can_cast(values.dtype, dtype, "same_kind"):
        raise ValueError(
            f"parameters hold {values.dtype}; expected numbers for {dtype}"
        )
    with np.errstate(over="ignore"):
        fitted = values.astype(dtype)
    too_large = np.isinf(fitted) & ~np.isinf(values)
    if too_large.any():
        raise ValueError(
            f"parameters hold {values[too_large][0]}, which overflows {dtype}; "
            "expected smaller numbers"
        )
    return fitted


def one_of(name, given, table, more=""):
    """Return what the table has under this name, or say which names it has."""
    if not isinstance(given, str) or given not in table:
        raise ValueError(
            f"{name} {given!r} is unknown; expected one of {', '.join(table)}{more}"
        )
    return table[given]


def rows(name, given, width, stack_shape, dtype, loss_name=None):
    """Return a finite (batch, width) or (*stack, batch, width) array of this dtype."""
    fits = type(given) is np.ndarray and given.dtype == dtype
    array = given if fits else _as_reals(name, given, dtype)
    leading = array.shape[:-2]
    if array.ndim < 2 or array.shape[-1] != width or leading not in ((), stack_shape):
        raise ValueError(
            f"{name} has shape {array.shape}; expected "
            f"{_shapes(width, stack_shape)}{_hint(name, array, width, loss_name)}"
        )
    if array.shape[-2] == 0:
        raise ValueError(
            f"{name} has shape {array.shape}, an empty batch; expected at least one row"
        )
    if not surely_finite(array) and not np.isfinite(array).all():
        place = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
        raise ValueError(
            f"{name}{place} is {array[tuple(place)]} as {array.dtype}; "
            "expected finite numbers"
        )
    return array


def _as_reals(name, given, dtype):
    """Return an array of this dtype; what is too large for it becomes infinite."""
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "buifO":
            raise ValueError(f"it holds {array.dtype}")
        if array.dtype.kind == "O" and array.ndim:
            _refuse_what_is_no_number(array)
        with np.errstate(over="ignore"):
            return array.astype(dtype, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise no_reals(name, error) from None


def no_reals(name, error):
    """Return the refusal of what is no array of real numbers, and why it is none."""
    return ValueError(
        f"{name} is no array of real numbers: {error}; "
        "expected integers or floating-point numbers"
    )


def _refuse_what_is_no_number(objects):
    """Refuse what NumPy would read a number out of: "1", None, 1 + 0j."""
    for place, entry in np.ndenumerate(objects):
        readable = isinstance(entry, str | bytes | np.complexfloating)
        if readable or not hasattr(entry, "__float__"):
            raise ValueError(f"{list(place)} is of type {type(entry).__name__}")


def _shapes(width, stack_shape):
    alone = f"(batch, {width})"
    if not stack_shape:
        return alone
    return f"{alone} or ({', '.join(map(str, stack_shape))}, batch, {width})"


def _hint(name, array, width, loss_name):
    if array.ndim != 1:
        return ""
    if width == 1:
        return f"; for a column write {name}[:, None]"
    hint = ""
    if loss_name == "cross_entropy":
        hint = f"; for class labels write one-hot rows, np.eye({width})[{name}]"
    if len(array) == width:
        hint += f"; for one example write {name}[None, :]"
    return hint


def targets(t, loss_name):
    """Refuse targets that are none for this loss."""
    if loss_name == "binary_cross_entropy" and (t.min() < 0 or t.max() > 1):
        raise ValueError(
            f"t runs from {t.min()} to {t.max()}; "
            "expected targets in [0, 1] for binary_cross_entropy"
        )
    if loss_name == "cross_entropy":
        sums = t.sum(axis=-1).ravel()
        worst = sums[np.argmax(abs(sums - 1))]
        if t.min() < 0 or abs(worst - 1) > 1e-5:
            raise ValueError(
                f"a row of t sums to {worst}, and the least value in t is {t.min()}; "
                "expected rows that sum to 1 and are nowhere negative, such as "
                "one-hot rows, for cross_entropy"
            )


def dtype(given):
    """Return float64 or float32 as a numpy.dtype."""
    try:
        known = np.dtype(given)
    except TypeError:
        raise ValueError(f"dtype is {given!r}; expected float64 or float32") from None
    if known not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise ValueError(f"dtype is {known}; expected float64 or float32")
    return known


def reals(given):
    """Return the real numbers as float64, or None if something else came."""
    try:
        array = np.asarray(given)
    except ValueError:
        return None
    if array.dtype.kind not in "uif":
        return None
    with np.errstate(over="ignore"):
        return array.astype(float)


def number(name, given, fits, expected):
    """Refuse what is not one real number, or does not fit."""
    array = reals(given)
    if array is None or array.ndim or not fits(given):
        raise ValueError(f"{name} is {given!r}; expected a number {expected}")


def decay(given):
    """Return the factor of the weights' squares as a float, finite and from 0 up."""
    number("weight_decay", given, lambda n: 0 <= n < np.inf, "from 0 up")
    return float(given)


def instance(name, given, kind, expected=None):
    """Refuse what is not of this class."""
    if not isinstance(given, kind):
        raise ValueError(
            f"{name} is of type {type(given).__name__}; "
            f"expected a {expected or kind.__name__}"
        )


def rng(given):
    """Return the generator, or say that something else came."""
    if not isinstance(given, np.random.Generator):
        raise ValueError(
            f"rng is {given!r}; expected a numpy.random.Generator, "
            "such as numpy.random.default_rng(0)"
        )
    return given

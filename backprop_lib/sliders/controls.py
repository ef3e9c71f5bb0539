"""What the reader moves: the values of a control, and how they are written."""

from dataclasses import dataclass
from numbers import Real

import numpy as np

MOST_BUTTONS = 4


@dataclass(frozen=True)
class Control:
    """A slider over numbers or a choice of strings; `start` is a place on the list."""

    name: str
    label: str
    values: tuple
    texts: tuple
    start: int
    plays: bool = False

    @property
    def kind(self):
        """Return "slider", "buttons" or "list"."""
        if not isinstance(self.values[0], str):
            return "slider"
        return "buttons" if len(self.values) <= MOST_BUTTONS else "list"


def read_controls(values, start=None, labels=None, play=None):
    """Return the controls in the order in which they were named."""
    if not 1 <= len(values) <= 3:
        raise ValueError(
            f"explore takes one to three controls, such as weight=[-1, 0, 1]; got "
            f"{len(values)}: {', '.join(values) or 'none'}"
        )
    start, labels = dict(start or {}), dict(labels or {})
    for what, names in (("start", start), ("labels", labels), ("play", _one(play))):
        for name in names:
            if name not in values:
                raise ValueError(
                    f"{what} names {name!r}; expected one of {', '.join(values)}"
                )
    controls = []
    for name, given in values.items():
        items = _read_values(name, given)
        label = labels.get(name, name.replace("_", " "))
        at = _place(name, items, start[name]) if name in start else 0
        controls.append(
            Control(name, label, items, _write(items), at, plays=name == play)
        )
        if name == play and controls[-1].kind != "slider":
            raise ValueError(f"play names {play!r}, a choice; expected numbers")
    return tuple(controls)


def _one(name):
    return [] if name is None else [name]


def _read_values(name, given):
    if isinstance(given, str):
        raise ValueError(f"{name} is the string {given!r}; expected a list of values")
    try:
        items = tuple(v.item() if isinstance(v, np.generic) else v for v in given)
    except TypeError:
        raise ValueError(f"{name} is {given!r}; expected a list of values") from None
    if len(items) < 2:
        count = "no values" if not items else f"the one value {items[0]!r}"
        raise ValueError(f"{name} has {count}; a control needs at least two")
    words = [isinstance(v, str) for v in items]
    numbers = [isinstance(v, Real) and not isinstance(v, bool) for v in items]
    if not (all(words) or all(numbers)):
        raise ValueError(
            f"{name} is {list(items)}; expected all numbers or all strings"
        )
    if all(numbers) and not np.isfinite(items).all():
        raise ValueError(f"{name} is {list(items)}; expected finite numbers")
    if len(set(items)) < len(items):
        raise ValueError(f"{name} repeats a value: {list(items)}")
    return items


def _place(name, items, value):
    if value in items:
        return items.index(value)
    if isinstance(value, Real) and not isinstance(items[0], str):
        gaps = abs(np.subtract(items, value))
        if gaps.min() <= 1e-9 * max(abs(np.array(items))):  # 0.3 and 0.1 + 0.2
            return int(gaps.argmin())
    known = ", ".join(map(str, items))
    raise ValueError(f"{name} starts at {value!r}, which is not on its list: {known}")


def _write(items):
    """Return the values as texts: three digits, or as many as tell them apart."""
    if isinstance(items[0], str):
        return items
    for digits in range(3, 18):
        texts = tuple(write_number(value, digits) for value in items)
        if len(set(texts)) == len(items):
            return texts
    return tuple(map(str, items))


def write_number(value, digits=3):
    """Return a number to so many digits, with a true minus and no trailing zeros.

    >>> write_number(-3.5), write_number(0.30000000000000004), write_number(1200)
    ('−3.5', '0.3', '1200')
    >>> write_number(0.00215443), write_number(2e-7), write_number(-0.0)
    ('0.00215', '2e−7', '0')
    """
    if isinstance(value, int):
        text = str(value)
    elif value == 0 or 1e-4 <= abs(value) < 1e6:
        before = len(str(int(abs(value))))
        text = np.format_float_positional(
            abs(value) if value == 0 else value,
            precision=max(digits, before),
            fractional=False,
            trim="-",
        )
    else:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "\N{MINUS SIGN}")

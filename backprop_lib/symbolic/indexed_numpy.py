"""Lines over indices as NumPy functions: an axis for each index."""

from sympy import Add, Mul, Symbol, lambdify
from sympy.core.function import AppliedUndef, Function, UndefinedFunction

from .entries import Entry, Quantity
from .forms import D, _Product, _Total
from .matrices import Matrix
from .printing import to_text
from .ranges import Index, Width, affine
from .scanning import free_indices
from .sums import _SlopeAt, _Sum


def numpy_line(line, free, arguments):
    """Return a function of arrays, by position or by the quantities' names.

    Parameters
    ----------
    line : expression or Matrix
    free : tuple of Index
        The axes of an indexed line's result, in order.
    arguments : tuple of Quantity, Symbol and Width
        What the function takes; if empty, what the line shows, by name. Widths are
        read off the arrays' shapes, and so need not be given.

    Raises
    ------
    ValueError
        If the line shows what is not among the arguments, or if it holds a `D` or an
        undefined function.
    """
    shown = _shown(line)
    arguments = arguments or tuple(sorted(shown, key=_name))
    missing = sorted(_name(thing) for thing in shown if thing not in arguments)
    if missing:
        raise ValueError(
            f"the result depends on {', '.join(missing)} too: name it among the "
            "arguments"
        )
    _refuse_unknown(line)
    names = [_name(thing) for thing in arguments]

    def result(*values, **named):
        given = dict(zip(names, values, strict=False)) | named
        if len(values) > len(names) or set(given) != set(names):
            raise TypeError(f"takes {', '.join(names)}, not {', '.join(given)}")
        return _calculated(line, free, dict(zip(arguments, map(given.get, names))))

    result.__doc__ = f"Return {to_text(line)} for arrays."
    return result


def _name(thing):
    return thing.name


def _shown(line):
    """Return the quantities and single symbols that a line shows."""
    if isinstance(line, Quantity):
        return {line}
    if isinstance(line, Matrix):
        found = set().union(*map(_shown, line.parts()))
        number = getattr(line.operation, "number", None)
        return found | (_shown(number) if number is not None else set())
    symbols = line.free_symbols
    things = {getattr(symbol, "quantity", symbol) for symbol in symbols}
    return {thing for thing in things if not isinstance(thing, (Width, Index))}


def _refuse_unknown(line):
    if isinstance(line, Matrix):
        row, column = (Index(name, 1, 1) for name in "rc")
        try:
            line = line.element(row, column)
        except ValueError:
            return
    unknown = sorted({str(call.func) for call in line.atoms(AppliedUndef)})
    unknown += sorted(to_text(part) for part in line.atoms(D))
    if unknown:
        raise ValueError(f"NumPy has no {', '.join(unknown)}: work it out first")


def _calculated(line, free, values):
    import numpy as np

    values = {thing: np.asarray(value) for thing, value in values.items()}
    sizes = _sizes(values)

    def calculate(what, array=None):
        if array is not None:
            return _apply(what, array)
        return _Array(values, sizes, ()).of(what)

    if isinstance(line, Matrix):
        array = line.to_array(values, calculate)
        return array[0] if len(free) == 1 else array
    return _Array(values, sizes, free).of(line)


def _sizes(values):
    """Return {width: number} as the arrays' shapes say, or say that they disagree."""
    sizes = {}
    for thing, array in values.items():
        axes = getattr(thing, "ranges", ())
        if len(axes) != array.ndim:
            raise ValueError(f"{thing.name} has {len(axes)} axes, not {array.ndim}")
        for ((_, first), (width, last)), length in zip(axes, array.shape, strict=True):
            size = length + first - 1 - last
            if width and sizes.setdefault(width, size) != size:
                raise ValueError(
                    f"{thing.name} says that {width} is {size}, and another array "
                    f"says {sizes[width]}"
                )
    return sizes


def _apply(function, array):
    stand_in = Symbol("z", real=True)
    expression = function(stand_in)
    if isinstance(expression, _SlopeAt):
        expression = _derived(expression, stand_in)
    return lambdify([stand_in], expression, modules="numpy")(array)


def _derived(slope, argument):
    if isinstance(slope.function, UndefinedFunction):
        raise ValueError(f"NumPy has no {slope.function}: work it out first")
    stand_in = Symbol("z", real=True)
    return slope.function(stand_in).diff(stand_in).subs(stand_in, argument)


class _Array:
    """Calculates expressions with an array axis for each index in `axes`."""

    def __init__(self, values, sizes, axes):
        self._values, self._sizes, self._axes = values, sizes, axes

    def of(self, expression):
        """Return the array of an expression's values."""
        import numpy as np

        if isinstance(expression, Entry):
            return self._entry(expression)
        if isinstance(expression, Width):
            if expression.name not in self._sizes:
                raise ValueError(f"no array says how large {expression} is")
            return float(self._sizes[expression.name])
        if expression.is_Symbol:
            return self._values[expression]
        if expression.is_number:
            return float(expression)
        if isinstance(expression, _Sum):
            inner = _Array(self._values, self._sizes, (*self._axes, expression.index))
            shape = (1,) * len(self._axes) + (len(self._run(expression.index)),)
            terms = inner.of(expression.body) * np.ones(shape)
            return terms.sum(axis=-1)
        parts = [self.of(part) for part in expression.args[: _count(expression)]]
        if isinstance(expression, (Add, _Total)):
            return sum(parts)
        if isinstance(expression, (Mul, _Product)):
            return np.prod(np.broadcast_arrays(*parts), axis=0)
        if expression.is_Pow:
            return parts[0] ** parts[1]
        if isinstance(expression, _SlopeAt):
            return _apply(lambda z: _derived(expression, z), parts[0])
        if isinstance(expression, Function) and len(parts) == 1:
            return _apply(expression.func, parts[0])
        raise ValueError(f"{to_text(expression)} cannot be calculated with arrays")

    def _run(self, index):
        import numpy as np

        first, last = map(self._end, index.range)
        return np.arange(first, last + 1)

    def _end(self, place):
        letter, number = place
        return self._sizes[letter] + number if letter else number

    def _entry(self, entry):
        places = []
        for place, ((_, first), _) in zip(entry.places, entry.quantity.ranges):
            own = free_indices(place)
            at = self._end(affine(place)) if not own else None
            if own:
                shape = [1] * len(self._axes)
                shape[self._axes.index(own[0])] = -1
                at = self._run(own[0]).reshape(shape) + int(place - own[0])
            places.append(at - first)
        return self._values[entry.quantity][tuple(places)]


def _count(expression):
    return 1 if isinstance(expression, _SlopeAt) else None

"""What a first line claims over indices, and whether a step equals it."""

from itertools import product

from sympy import Integer

from .deciding import is_zero
from .decimals import exact
from .entries import Entry, Whole, name_of
from .errors import DerivationError
from .forms import D, to_expression
from .indexed_numpy import numpy_line
from .indexed_reading import captured, names_in, read_indexed
from .instances import BOXES, Instance, NoValue, differ
from .known import functions_of
from .mistakes import named_mistake
from .normal import add, scaled
from .printing import to_text
from .ranges import Index, Width
from .scanning import free_indices, widths_in
from .sums import sum_over

_LARGEST = 3  # width of an instance
_MOST_INSTANCES = 81
_MOST_SHOWN = 12  # numbers in an error message


class IndexedPoint:
    """The widths, places and numbers at which two sides differ."""

    def __init__(self, instance, env, widths):
        self.base = {width: instance.sizes[width.name] for width in widths}
        self._places = env
        self._numbers = {
            Entry(thing, places) if places else thing: value
            for (thing, places), value in sorted(instance.used.items(), key=str)
        }
        self.base |= self._numbers

    def __str__(self):
        sizes = [f"{name} = {value}" for name, value in self.base.items()]
        if len(sizes) > _MOST_SHOWN:
            sizes = [*sizes[:_MOST_SHOWN], "..."]
        places = [f"{name} = {place}" for name, place in self._places.items()]
        return ", ".join(places + sizes)


class IndexedClaim:
    """A first line over indices, with the definitions that give it a meaning."""

    def __init__(self, definitions, first_line):
        self.definitions = definitions
        self.first_line = read_indexed(first_line, "the first line")
        self.free = free_indices(self.first_line)
        self._names = definitions.names | names_in(self.first_line)
        self._functions = definitions.functions | functions_of(self.first_line)
        self._check_first_line()
        system = definitions.system
        self._resting = definitions.resting(self.first_line)
        exactly = exact(self.first_line)
        self._form = system.read(exactly)
        self._unrolled = system.unrolled(self._form)
        self._instances = {}

    def read(self, expression, what):
        """Return a step's expression."""
        return to_expression(expression, what)

    def check(self, expression, reason, number):
        """Return how a step was found to be equal, or raise."""
        what = f"step {number}"
        bound = captured(expression, self.free)
        sides = number, reason, self.first_line, expression
        if bound:
            raise DerivationError(
                *sides,
                mistake=f"the letter {bound} is captured: the first line has it free, "
                "and a sum binds it; use another letter for the sum",
            )
        left_out = self._sum_left_out(expression)
        if left_out:
            raise DerivationError(*sides, mistake=left_out)
        read_indexed(expression, what, self.free)
        self._check_known(expression, what)
        try:
            found = self._difference(expression)
            if not found and self._is_proved(expression):
                return self._for_every(expression)
            found = found or self._anywhere(expression)
        except NoValue:
            raise DerivationError(*sides) from None
        if found:
            found = self._smallest(expression, found)
            mistake = named_mistake(self, expression)
            raise DerivationError(*sides, *found, mistake=mistake)
        return f"checked for widths up to {_LARGEST}"

    def check_matrix(self, matrix, reason, number):
        """Return (left side, verdict) of a matrix line whose element is proved."""
        lower = getattr(self.first_line, "lower", self.first_line)
        places = getattr(lower, "places", ())
        if not isinstance(lower, Entry) or set(places) != set(self.free):
            raise ValueError(
                "a matrix line needs a first line that is one entry, or a derivative "
                f"by one, with an index for each axis, not {to_text(self.first_line)}"
            )
        whole = lower.quantity
        if (matrix.rows, matrix.columns) != (whole.rows, whole.columns):
            raise ValueError(
                f"step {number}, {matrix}, is {matrix.shape()}, and {whole} is "
                f"{whole.shape()}"
            )
        row = places[0] if len(places) > 1 else Integer(1)
        element = matrix.element(row, places[-1])
        left = self.first_line.xreplace({lower: Whole(whole)})
        return left, self.check(element, reason, number)

    def to_numpy(self, result, arguments):
        """Return a line as a NumPy function; see `Derivation.to_numpy`."""
        return numpy_line(result, self.free, arguments)

    def agrees(self, expression):
        """Say whether an expression has the first line's values where it was tried."""
        try:
            return self._difference(expression) is None
        except (ValueError, TypeError, NoValue, KeyError):
            return False

    @property
    def letters(self):
        """The widths on which the first line rests, in order of first use."""
        return self._resting[0]

    def _is_proved(self, expression):
        system = self.definitions.system
        step = scaled(system.read(exact(expression)), -1)
        return any(
            is_zero(add(form, step), system)
            for form in dict.fromkeys((self._form, self._unrolled))
        )

    def _for_every(self, expression):
        own = widths_in(expression)
        letters = [w.name for w in dict.fromkeys([*self._resting[0], *own])]
        letters += self._resting[1]
        return f"proved for every {', '.join(letters)}" if letters else "proved"

    def _sum_left_out(self, expression):
        """Return what to say if a step lacks a sum and would be right with it."""
        missing = [i for i in free_indices(expression) if i not in self.free]
        if not missing:
            return ""
        repaired = expression
        for index in missing:
            repaired = sum_over(index, repaired)
        if self.agrees(repaired):
            letters = ", ".join(index.name for index in missing)
            return f"the sum over {letters} is left out"
        return ""

    # Numbers

    def _difference(self, expression):
        """Return where a step differs from the first line, or None."""
        tried = False
        for sizes in self._probes():
            found = self._compare(expression, sizes)
            if found:
                return found
            tried = tried or found is not None
        if not tried:
            raise NoValue(to_text(expression))
        return None

    def _smallest(self, expression, otherwise):
        """Return the point and values where they differ with the least widths."""
        sizes, box, env = self._anywhere(expression) or otherwise
        # Anew, so that only the numbers on which the two sides rest are shown.
        again = self._new_instance(sizes, box)
        values = tuple(again.value(e, env) for e in (self.first_line, expression))
        return IndexedPoint(again, env, self.letters), values

    def _anywhere(self, expression):
        """Return where they differ with the least widths, or None."""
        for sizes in self._all_sizes():
            for box in range(BOXES):
                found = self._compare_in(expression, sizes, box)
                if found:
                    return found
        return None

    def _probes(self):
        count = len(self.letters)
        yield (1,) * count
        yield tuple(2 + k % 2 for k in range(count))
        yield tuple(3 - k % 2 for k in range(count))

    def _all_sizes(self):
        every = product(range(1, _LARGEST + 1), repeat=len(self.letters))
        return sorted(every, key=lambda sizes: (sum(sizes), sizes))[:_MOST_INSTANCES]

    def _compare(self, expression, sizes):
        """Return (sizes, box, env) where the sides differ, () if nowhere.

        None says that there is nothing to compare: no place, or no value.
        """
        found = (self._compare_in(expression, sizes, box) for box in range(BOXES))
        return next((where for where in found if where is not None), None)

    def _compare_in(self, expression, sizes, box):
        instance, values = self._instance(sizes, box)
        try:
            for env, value in values:
                if differ(value, instance.value(expression, env)):
                    return sizes, box, env
        except (NoValue, OverflowError):
            return None
        return () if values else None

    def _instance(self, sizes, box):
        if (sizes, box) not in self._instances:
            instance = self._new_instance(sizes, box)
            try:
                values = [
                    (env, instance.value(self.first_line, env))
                    for env in instance.environments(self.free)
                ]
            except (NoValue, OverflowError):
                values = []
            self._instances[sizes, box] = instance, values
        return self._instances[sizes, box]

    def _new_instance(self, sizes, box):
        named = {w.name: s for w, s in zip(self.letters, sizes, strict=True)}
        named = {w.name: 2 for w in self.definitions.widths} | named
        given = {(n, a): v for (n, a, _), v in self.definitions.given.items()}
        return Instance(self.definitions, given, named, box)

    # What is known

    def _check_first_line(self):
        for derivative in sorted(self.first_line.atoms(D), key=str):
            self._check_known(derivative, "the first line", self.definitions.names)
        if not names_in(self.first_line) & self.definitions.names:
            self._check_known(self.first_line, "the first line", self.definitions.names)

    def _check_known(self, expression, what, names=None):
        names = self._names if names is None else names
        for symbol in sorted(expression.free_symbols, key=str):
            if isinstance(symbol, (Index, Width)):
                continue
            thing = getattr(symbol, "quantity", symbol)
            if (name_of(symbol), thing) not in names:
                alike = name_of(symbol) in {name for name, _ in names}
                hint = "; what they know by that name is declared otherwise" * alike
                raise ValueError(
                    f"{what} uses {name_of(symbol)}, which the definitions do not "
                    f"know{hint}"
                )
        unknown = functions_of(expression) - self._functions
        for function, _ in sorted(unknown, key=str):
            raise ValueError(
                f"{what} uses the function {function}, which the definitions do not "
                "know"
            )

r"""Sums over an index, and slopes of functions, as they are written."""

from sympy import Dummy, Lambda, Symbol
from sympy.core.function import FunctionClass
from sympy.printing.precedence import PRECEDENCE

from .forms import _Form, to_expression
from .ranges import Index


class _Sum(_Form):
    """A sum over one index, from its first place to its last."""

    precedence = PRECEDENCE["Mul"]
    is_open = True  # what follows would be read as summed too

    body = property(lambda self: self.args[0])
    index = property(lambda self: self.args[1])

    @property
    def free_symbols(self):
        ends = self.index.first.free_symbols | self.index.last.free_symbols
        return (self.body.free_symbols - {self.index}) | ends

    def doit(self, **hints):
        """Return the sum as it is: only `Definitions` can work it out."""
        return self

    def _eval_subs(self, old, new):
        return self

    def _inner(self, printer):
        body = self.body
        text = printer._print(body)
        return printer.bracket(text) if body.is_Add or _is_total(body) else text

    def _book_latex(self, printer):
        first, last = map(printer._print, (self.index.first, self.index.last))
        index = printer._print(self.index)
        return rf"\sum_{{{index}={first}}}^{{{last}}} {self._inner(printer)}"

    def _book_text(self, printer):
        ends = f"{self.index.name}={self.index.first}..{self.index.last}"
        return f"Σ_{{{ends}}} {self._inner(printer)}"


def _is_total(expression):
    return getattr(expression, "signed_terms", None) is not None


def sum_over(index, body):
    """Return the sum of an expression over an index, all of its declared range.

    Parameters
    ----------
    index : Index, or tuple of them
        The first of several stands outermost.
    body : expression

    Raises
    ------
    TypeError
        If it is no declared index, or the body is no expression.
    ValueError
        If the body sums over the same index once more.

    Examples
    --------
    >>> from backprop_lib.symbolic import indices, quantity, widths
    >>> n, m = widths("n m")
    >>> (i,), (j,) = indices("i", n), indices("j", m)
    >>> o, w, b = quantity("o", n), quantity("w", n, m), quantity("b", m)
    >>> sum_over(i, o[i] * w[i, j]) + b[j]
    Σ_{i=1..n} o[i]*w[i, j] + b[j]
    """
    if isinstance(index, tuple):
        for one in reversed(index):
            body = sum_over(one, body)
        return body
    if not isinstance(index, Index):
        kind = type(index).__name__
        raise TypeError(
            f"sum_over takes an index with a range, not {kind} ({index}): "
            'declare it with indices("i", n)'
        )
    body = to_expression(body, "what is summed")
    if any(inner.index.name == index.name for inner in body.atoms(_Sum)):
        raise ValueError(
            f"{index} is bound twice, by a sum and by a sum inside it: "
            "use another letter for one of them"
        )
    return _Sum(body, index)


class _SlopeAt(_Form):
    """f'(net), for a function f of one argument."""

    precedence = PRECEDENCE["Atom"]

    argument = property(lambda self: self.args[0])
    function = property(lambda self: self.args[1].expr.func)

    @property
    def free_symbols(self):
        return self.argument.free_symbols

    def doit(self, **hints):
        return self

    def _parts(self, printer):
        text = printer._print(self.function(Symbol("z")))
        head, _, _ = text.partition(r"\left(" if r"\left(" in text else "(")
        head = head.removesuffix("{")
        return head, printer.bracket(printer._print(self.argument))

    def _book_latex(self, printer):
        head, argument = self._parts(printer)
        return f"{head}'{argument}"

    _book_text = _book_latex


def slope(function):
    """Return the derivative of a function of one argument, as a function.

    It takes an expression, or a quantity without its indices, in a matrix line.

    Examples
    --------
    >>> from backprop_lib.symbolic import indices, quantity, sigmoid, widths
    >>> (n,) = widths("n")
    >>> (j,) = indices("j", n)
    >>> net = quantity("net", n)
    >>> slope(sigmoid)(net[j])
    σ'(net[j])
    """
    if not isinstance(function, FunctionClass):
        raise TypeError(f"slope takes a function such as sigmoid, not {function!r}")

    stand_in = Dummy("z")
    applied = Lambda(stand_in, function(stand_in))

    def derivative(argument):
        if hasattr(argument, "each"):
            return argument.each(derivative)
        return _SlopeAt(to_expression(argument, "the argument"), applied)

    return derivative

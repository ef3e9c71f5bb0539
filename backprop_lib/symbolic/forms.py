r"""Forms that stay as they are written: ∂L/∂w, a · b · c, and a + b + c."""

from sympy import Add, Expr, Mul, S, Symbol, sympify
from sympy.core.sympify import SympifyError
from sympy.printing.precedence import PRECEDENCE

from .printing import BookLatexPrinter, BookTextPrinter


def to_expression(value, what):
    """Return `value` as a SymPy expression; `what` names it in the `TypeError`."""
    try:
        expression = sympify(value, strict=True)
    except SympifyError:
        expression = None
    if not isinstance(expression, Expr):
        kind = type(value).__name__
        raise TypeError(f"{what} must be a SymPy expression, not {kind} ({value!r})")
    return expression


class _Form(Expr):
    """An expression that prints in the book's way under any printer."""

    is_commutative = True
    _op_priority = 11.0  # so that symbol + form and symbol * form keep their order

    def __add__(self, other):
        return total(self, other)

    def __radd__(self, other):
        return total(other, self)

    def __sub__(self, other):
        return total(self, -sympify(other))

    def __rsub__(self, other):
        return total(other, -self)

    def __mul__(self, other):
        return product(self, other)

    def __rmul__(self, other):
        return product(other, self)

    def __neg__(self):
        return product(-1, self)

    def _latex(self, printer, exp=None):
        if not isinstance(printer, BookLatexPrinter):
            printer = BookLatexPrinter()
        text = self._book_latex(printer)
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer):
        if not isinstance(printer, BookTextPrinter):
            printer = BookTextPrinter()
        return self._book_text(printer)

    def _pretty(self, printer):
        from sympy.printing.pretty.stringpict import prettyForm

        return prettyForm(self._sympystr(None))


class D(_Form):
    r"""The total derivative of `upper` by `lower`, shown as ∂upper/∂lower.

    It is a name for a derivative that `Definitions` gives a meaning to: `lower` is
    the independent variable, its own definition is set aside, and every path from
    it to `upper` counts.

    Parameters
    ----------
    upper : expression
        What is differentiated, most often a defined symbol.
    lower : Symbol
        The independent variable.

    Raises
    ------
    TypeError
        If `upper` is no expression or `lower` no symbol.

    Examples
    --------
    >>> from sympy import symbols
    >>> from backprop_lib.symbolic import D, Definitions
    >>> w, x, o, L = symbols("w x o L", real=True)
    >>> D(L, w)
    ∂L/∂w
    >>> Definitions({o: w*x, L: o**2 + o}).expand(D(L, w))
    x*(2*w*x + 1)
    """

    precedence = PRECEDENCE["Mul"]

    def __new__(cls, upper, lower):
        upper = to_expression(upper, "what D differentiates")
        if not isinstance(lower, Symbol):
            kind = type(lower).__name__
            raise TypeError(
                f"D differentiates by a symbol, not by {kind} ({lower}); "
                "define a symbol for it first"
            )
        return super().__new__(cls, upper, lower)

    upper = property(lambda self: self.args[0])
    lower = property(lambda self: self.args[1])

    def doit(self, **hints):
        """Return the derivative as it is: only `Definitions` can evaluate it."""
        return self

    def _eval_subs(self, old, new):
        return self

    def _eval_derivative(self, symbol):
        return D(self, symbol)

    def _book_latex(self, printer):
        upper = printer._print(self.upper)
        lower = rf"\partial {printer._print(self.lower)}"
        if self.upper.is_Symbol:
            return rf"\frac{{\partial {upper}}}{{{lower}}}"
        if self.upper.is_Add or isinstance(self.upper, _Total):
            upper = printer.bracket(upper)
        return rf"\frac{{\partial}}{{{lower}}} {upper}"

    def _book_text(self, printer):
        upper = printer._print(self.upper)
        if self.upper.args and not self.upper.is_Function:
            upper = printer.bracket(upper)
        return f"∂{upper}/∂{printer._print(self.lower)}"


class _Product(_Form):
    """Factors in the order in which they were written."""

    precedence = PRECEDENCE["Mul"]

    def doit(self, **hints):
        return Mul(*(factor.doit(**hints) for factor in self.args))

    def _eval_derivative(self, symbol):
        return Mul(*self.args).diff(symbol)

    def _eval_evalf(self, prec):
        return Mul(*self.args)._eval_evalf(prec)

    def _eval_simplify(self, **hints):
        return self.doit().simplify(**hints)

    def dotted_factors(self, printer):
        """Return the printed factors, each but the first with a dot before it."""
        minus = self.args[0] is S.NegativeOne
        texts = list(printer.apart(self.args[minus:], self.precedence, minus))
        first = "-" * minus + texts[0]
        return [first, *(f"{printer.dot} {text}" for text in texts[1:])]

    def _book_latex(self, printer):
        minus = self.args[0] is S.NegativeOne
        factors = self.args[minus:]
        if all(factor.is_Symbol for factor in factors[factors[0].is_Integer :]):
            return "-" * minus + printer.close.join(map(printer._print, factors))
        return " ".join(self.dotted_factors(printer))

    _book_text = _book_latex


class _Total(_Form):
    """Terms in the order in which they were written."""

    precedence = PRECEDENCE["Add"]

    def doit(self, **hints):
        return Add(*(term.doit(**hints) for term in self.args))

    def _eval_derivative(self, symbol):
        return Add(*self.args).diff(symbol)

    def _eval_evalf(self, prec):
        return Add(*self.args)._eval_evalf(prec)

    def _eval_simplify(self, **hints):
        return self.doit().simplify(**hints)

    def signed_terms(self, printer):
        """Return the printed terms, each but the first with its sign before it."""
        level = self.precedence
        texts = [printer.parenthesize(term, level, strict=True) for term in self.args]
        rest = [
            f"- {text[1:].lstrip()}" if text.startswith("-") else f"+ {text}"
            for text in texts[1:]
        ]
        return [texts[0], *rest]

    def _book_latex(self, printer):
        return " ".join(self.signed_terms(printer))

    _book_text = _book_latex


def _flat(values, kind, what):
    """Return the values as expressions, with nested forms of `kind` opened."""
    if not values:
        raise TypeError(f"{what} needs at least one argument")
    parts = []
    for value in values:
        part = to_expression(value, f"every argument of {what}")
        parts.extend(part.args if isinstance(part, kind) else (part,))
    return parts


def product(*factors):
    r"""Return a product that keeps its factors in the order given.

    SymPy sorts the factors of ``a*b*c``; this does not. In every calculation the
    two are equal. Products add up, in order too.

    Parameters
    ----------
    *factors : expressions
        At least one.

    Examples
    --------
    >>> from sympy import latex, symbols
    >>> from backprop_lib.symbolic import D, product
    >>> x, o, t, net, L = symbols("x o t net L", real=True)
    >>> product(D(o, net), D(L, o), x)
    ∂o/∂net · ∂L/∂o · x
    >>> product(x, o - t)
    x · (o - t)
    >>> product(x, o - t) + product(t, x)
    x · (o - t) + t*x
    >>> product(x, o - t).doit() == x*(o - t)
    True
    """
    parts = _flat(factors, _Product, "product")
    return parts[0] if len(parts) == 1 else _Product(*parts)


def total(*terms):
    """Return a sum that keeps its terms in the order given.

    Parameters
    ----------
    *terms : expressions
        At least one. Zeros are left out, so that Python's `sum` works too.

    Examples
    --------
    >>> from sympy import symbols
    >>> from backprop_lib.symbolic import product, total
    >>> a, b, c = symbols("a b c")
    >>> total(c, b, -a)
    c + b - a
    >>> sum(product(second, first) for first, second in [(a, b), (b, c)])
    b*a + c*b
    """
    parts = [part for part in _flat(terms, _Total, "total") if part != 0]
    if len(parts) < 2:
        return parts[0] if parts else S.Zero
    return _Total(*parts)

"""What comes in from outside: checked, its symbols taken as real."""

from functools import cache

from sympy import Derivative, Dummy, Idx, Indexed, IndexedBase, NDimArray, Symbol
from sympy import preorder_traversal as parts_of
from sympy.matrices import MatrixBase
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from .forms import to_expression

_NOT_SCALAR = (
    *(MatrixBase, MatrixExpr, MatrixElement),
    *(Indexed, IndexedBase, Idx, NDimArray),
)
ASSUMPTIONS_DIFFER = (
    "; there is one of that name, but with other assumptions: use one symbol throughout"
)


def read(value, what):
    """Return `value` as an expression in scalar symbols; `what` names it in errors.

    Raises
    ------
    TypeError
        If it is no expression, or holds a matrix, an indexed symbol, or another
        quantity that is no plain number.
    ValueError
        If it holds a symbol that is declared complex, or SymPy's derivative of a
        symbol, which knows of no definitions.
    """
    if isinstance(value, _NOT_SCALAR):
        raise TypeError(_not_scalar(value, what))
    expression = to_expression(value, what)
    for part in parts_of(expression):
        if isinstance(part, _NOT_SCALAR):
            raise TypeError(_not_scalar(part, what))
        if isinstance(part, Derivative) and part.expr.is_Symbol:
            raise ValueError(
                f"{what} holds SymPy's {part}, to which {part.expr} is a constant: "
                f"write D({part.expr}, {part.variables[0]})"
            )
    for symbol in sorted(expression.free_symbols, key=str):
        if not isinstance(symbol, Symbol) or not symbol.is_commutative:
            raise TypeError(_not_scalar(symbol, what))
        if symbol.is_complex and symbol.is_real is None:
            raise ValueError(
                f"{what} uses {symbol}, which is declared complex; derivatives here "
                "are those of real functions: declare it with real=True"
            )
    return expression


def _not_scalar(part, what):
    return (
        f"{what} holds {part} ({type(part).__name__}), and only expressions in single "
        "commuting symbols are supported, no matrices and no indexed symbols: use one "
        "symbol for each entry, such as those of symbols('w_11 w_12', real=True)"
    )


def as_real(expression):
    """Return the expression with a real symbol for each that could be anything."""
    twins = {symbol: real_twin(symbol) for symbol in expression.free_symbols}
    return expression.xreplace({s: twin for s, twin in twins.items() if s != twin})


@cache
def real_twin(symbol):
    """Return the symbol, or if nothing says whether it is real, one that is."""
    if symbol.is_real is not None:
        return symbol
    assumptions = {**symbol.assumptions0, "real": True}
    if isinstance(symbol, Dummy):
        return Dummy(symbol.name, dummy_index=symbol.dummy_index, **assumptions)
    return Symbol(symbol.name, **assumptions)

"""The wrong answers that are to be expected of a question, each with its name.

A right answer is changed in one way after the other, as people change it: its sign, a
factor left out or written twice, one letter for another. What comes out wrong is
recognised by its values, on the page as in the notebook.
"""

from dataclasses import dataclass

from sympy import Add, Mul, Pow, S

from backprop_lib.symbolic import D, product
from backprop_lib.symbolic.printing import to_latex

_MINUS = (
    "Go through the slopes one by one: where did a minus come in, or get lost? The "
    "inside of a bracket, such as $t - o$, has a slope, too."
)
_HALF = (
    "The slope of a square brings down a 2. Is there a ½, or another number, that "
    "meets it?"
)
_FORGOTTEN = (
    "Write down the chain rule first, one factor for each arrow on the way. Then see "
    "to it that each of its factors is in your line."
)
_TWICE = (
    "Each factor of the chain rule stands once. To which one does each of yours belong?"
)
_EXCHANGED = (
    "Hold all letters but one, and ask how much the result moves when that one does: "
    "which letter is it multiplied by?"
)
_INNER = "Take that sum term by term: what does each term give, and with which sign?"
_POWER = "The slope of $y^n$ is $n y^{n-1}$: look at the power."


@dataclass(frozen=True)
class Mistake:
    """A wrong answer: its expression, what is wrong in words, and a hint."""

    expression: object
    words: str
    hint: str = ""


def expected_mistakes(answer, chain, symbols, free):
    """Yield the mistakes that one change of a right answer makes.

    Parameters
    ----------
    answer : expression
        As it was derived, with its factors apart.
    chain : expression or None
        The line of the chain rule, with a `D` for each factor.
    symbols : list of Symbol
        The letters that may be confused with each other.
    free : list of Symbol
        Those that a factor may be wrongly taken from.
    """
    yield Mistake(-answer, "the sign", _MINUS)
    yield Mistake(2 * answer, "a factor 2 too much, or a ½ missing", _HALF)
    yield Mistake(answer / 2, "a factor ½ too much, or a 2 missing", _HALF)
    for factor in _factors(chain):
        rest = product(S.One, *(f for f in _factors(chain) if f is not factor))
        yield Mistake(rest, f"the factor ${to_latex(factor)}$ missing", _FORGOTTEN)
    for words, changed, hint in _inside(answer, symbols):
        yield Mistake(changed, words, hint)
    for old in symbols:
        for new in symbols:
            if old != new and answer.has(old):
                words = f"${to_latex(new)}$ in the place of ${to_latex(old)}$"
                yield Mistake(answer.xreplace({old: new}), words, _EXCHANGED)
    for factor in _too_much(chain, free):
        words = f"the factor ${to_latex(factor)}$ too much"
        yield Mistake(product(factor, answer), words, _TWICE)
    for factor in _too_much(chain, free):
        words = f"the factor ${to_latex(factor)}$ missing"
        yield Mistake(product(answer, 1 / factor), words, _FORGOTTEN)
    for factor in _factors(answer):
        if not factor.is_number:
            words = f"the sign, and the factor ${to_latex(factor)}$ missing"
            yield Mistake(-answer / factor, words, _FORGOTTEN)


def _factors(expression):
    if expression is None:
        return ()
    return getattr(expression, "args", ()) if _is_product(expression) else (expression,)


def _is_product(node):
    # a product of the book's own tells its factors apart
    return isinstance(node, Mul) or hasattr(node, "dotted_factors")


def _is_sum(node):
    return isinstance(node, Add) or hasattr(node, "signed_terms")


def _too_much(chain, free):
    yield from (f for f in _factors(chain) if isinstance(f, D))
    yield from free


def _inside(node, symbols):
    """Yield (words, changed, hint) for each single change at or below a node."""
    yield from _changes(node, symbols)
    if isinstance(node, D):
        return
    for number, part in enumerate(node.args):
        before, after = node.args[:number], node.args[number + 1 :]
        for words, changed, hint in _inside(part, symbols):
            yield words, _rebuilt(node, (*before, changed, *after)), hint


def _rebuilt(node, parts):
    if _is_product(node):
        return product(*parts)
    return Add(*parts) if _is_sum(node) else node.func(*parts)


def _changes(node, symbols):
    if _is_sum(node):
        for term in node.args:
            name = f"${to_latex(-term if _is_negative(term) else term)}$"
            yield f"the sign of {name}", node - 2 * term, _INNER
        for term in node.args:
            name = f"${to_latex(-term if _is_negative(term) else term)}$"
            yield f"the term {name} missing", node - term, _INNER
    elif _is_product(node):
        for number, factor in enumerate(node.args):
            rest = product(*node.args[:number], *node.args[number + 1 :])
            name = f"${to_latex(factor)}$"
            if factor == -1:
                yield "the sign", rest, _MINUS
            else:
                yield f"the factor {name} missing", rest, _FORGOTTEN
                yield f"the factor {name} twice", product(factor, node), _TWICE
    elif isinstance(node, Pow) and node.exp.is_Integer:
        for power in (node.exp - 1, node.exp + 1):
            words = f"the power {power} in the place of {node.exp}"
            yield words, node.base**power, _POWER
    elif node.is_Function and len(node.args) == 1:
        stand_in = symbols[0]
        slope = node.func(stand_in).diff(stand_in).subs(stand_in, node.args[0])
        words = f"${to_latex(slope)}$ in the place of ${to_latex(node)}$"
        yield words, slope, _FORGOTTEN
    if node.is_Symbol:
        for other in symbols:
            if other != node:
                words = f"${to_latex(other)}$ in the place of ${to_latex(node)}$"
                yield words, other, _EXCHANGED


def _is_negative(term):
    return term.could_extract_minus_sign()

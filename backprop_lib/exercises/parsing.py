"""The third stage of reading: tokens into a tree, by the grammar beside this file."""

from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer, v_args
from lark.lexer import Lexer

from .letters import FRACTIONS
from .nodes import Node

_GRAMMAR = Path(__file__).with_name("formula.lark")
_TERMINALS = {
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "OVER",
    "^": "CARET",
    "OPEN": "_OPEN",
    "CLOSE": "_CLOSE",
    "BARCLOSE": "_BARCLOSE",
    "COMMA": "_COMMA",
}


def parse(tokens):
    """Return the tree of tokens that `scan` has passed."""
    return _ended(_parser().parse(tokens))


@cache
def _parser():
    return Lark(
        _GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer=_Passed,
        transformer=_Trees(),
    )


class _Passed(Lexer):
    """Hands the tokens on that there are."""

    def __init__(self, lexer_conf):
        pass

    def lex(self, tokens):
        for token in tokens:
            yield Token(_TERMINALS.get(token.kind, token.kind), token)


def _number(text, place):
    """Return the node of a number's text, which may begin with a sign."""
    if text[0] in "+-":
        inner = _number(text[1:], place)
        return Node("neg", (inner,), place=place) if text[0] == "-" else inner
    return Node("number", (), text, place)


def _ended(node):
    """Return a node; Euler's number alone is exp(1)."""
    if node.kind == "euler":
        return Node("exp", (_number("1", node.place),), place=node.place)
    return node


def _raised(base, exponent, place):
    if base.kind == "euler":
        return Node("exp", (_ended(exponent),), place=base.place)
    return Node("^", (base, _ended(exponent)), place=place)


@v_args(inline=True)
class _Trees(Transformer):
    """Makes a `Node` of each rule; what lark calls a token's value is our token."""

    def _binary(self, first, sign, second):
        kind = sign.value.kind
        parts = (_ended(first), _ended(second))
        return Node(kind, parts, place=sign.value.place)

    add = subtract = multiply = divide = _binary

    def plus(self, _, inner):
        return inner

    def negate(self, sign, inner):
        return Node("neg", (_ended(inner),), place=sign.value.place)

    def power(self, base, sign, exponent):
        return _raised(base, exponent, sign.value.place)

    def superscript(self, base, token):
        token = token.value
        return _raised(base, _number(token.value, token.place), token.place)

    def number(self, token):
        token = token.value
        if token.value in FRACTIONS:
            parts = (_number(str(part), token.place) for part in FRACTIONS[token.value])
            return Node("/", tuple(parts), place=token.place)
        return _number(token.value, token.place)

    def letter(self, token):
        return Node("letter", (), token.value.value, token.value.place)

    def derivative(self, token):
        return Node("D", (), token.value.value, token.value.place)

    def entry(self, token):
        token = token.value
        return Node("at", (), (token.value, token.more), token.place)

    def euler(self, token):
        return Node("euler", place=token.value.place)

    def pi(self, token):
        return Node("pi", place=token.value.place)

    def call(self, function, *arguments):
        token = function.value
        parts = tuple(map(_ended, arguments))
        if token.value.startswith("root"):
            degree = map(_number, ("1", token.value[-1]), (token.place, token.place))
            exponent = Node("/", tuple(degree), place=token.place)
            return Node("^", (*parts, exponent), place=token.place)
        node = Node(token.value, parts, place=token.place)
        power = token.more if token.kind == "FUNC" else None
        if power is None:
            return node
        return Node("^", (node, _number(power.value, power.place)), place=power.place)

    def bracket(self, inner):
        return _ended(inner)

    def absolute(self, bar, inner):
        return Node("abs", (_ended(inner),), place=bar.value.place)

    def fraction(self, sign, above, below):
        return Node("/", (_ended(above), _ended(below)), place=sign.value.place)

    def sum_over(self, head, body):
        token = head.value
        return Node("sum", (_ended(body),), token.value, token.place)

"""Typed formulas: read into a tree, or refused with the place and what to type.

Four stages, and the first error of the earliest stage counts: tokens, their order,
the tree, and what the tree would come to. Nothing is evaluated but numbers, in
doubles; the length, the depth and the powers are bounded, so that every text is
answered at once.
"""

from .letters import SPACES
from .lexing import LONGEST, lex
from .nodes import NoValue, value_of
from .parsing import parse
from .refusals import Refusal
from .scanning import scan

_DEEPEST = 100  # levels of a tree
_HIGHEST = 64  # the product of exponents on any way down


def read_formula(text, letters):
    """Return what was typed as a tree.

    Parameters
    ----------
    text : str
    letters : Letters

    Returns
    -------
    Node

    Raises
    ------
    Refusal
        With a code, the place, and what to type.

    Examples
    --------
    >>> from backprop_lib.exercises.letters import Letters
    >>> letters = Letters({"o": "o", "x": "x", "t": "t"})
    >>> print(read_formula("o(1-o)(o-t)x", letters))
    (* (* (* o (- 1 o)) (- o t)) x)
    """
    try:
        return _read(text, letters)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.place, text) from None


def _read(text, letters):
    if all(character in SPACES for character in text):
        raise Refusal("empty", 0)
    if len(text) > LONGEST:
        raise Refusal("long", LONGEST)
    node = parse(scan(lex(text, letters), len(text)))
    _check_depth(node)
    _check(node, 1, letters.free)
    return node


def _check_depth(node):
    """Refuse a tree that those who walk it down by calls could not."""
    waiting = [(node, 1)]
    while waiting:
        node, level = waiting.pop()
        if level > _DEEPEST:
            raise Refusal("deep", node.place)
        waiting.extend((part, level + 1) for part in reversed(node.parts))


def _check(node, size, bound):
    """Refuse what is too large or has no value, the children of a node first."""
    if node.kind == "^":
        size = _grown(node, size)
        _check(node.parts[0], size, bound)
        _check(node.parts[1], 1, bound)
        for inner in _postorder(node.parts[1]):
            if inner.kind == "^":
                raise Refusal("tower", inner.place)
    elif node.kind == "sum":
        if node.value in bound:
            raise Refusal("limits", node.place)
        _check(node.parts[0], size, (*bound, node.value))
    else:
        for part in node.parts:
            _check(part, size, bound)
    if node.kind == "at":
        _, places = node.value
        if not all(letter.isdigit() or letter in bound for letter, _ in places):
            raise Refusal("index", node.place)
    if node.parts and node.is_constant:
        _check_constant(node)


def _grown(node, size):
    """Return the product of exponents down to below a power."""
    numbers = [float(n.value) for n in node.parts[1].walk() if n.kind == "number"]
    size *= max([1.0, *numbers])
    if size > _HIGHEST:
        raise Refusal("power", node.place)
    return size


def _postorder(node):
    for part in node.parts:
        yield from _postorder(part)
    yield node


def _check_constant(node):
    try:
        value_of(node)
    except NoValue:
        pass
    else:
        return
    try:
        base, *rest = map(value_of, node.parts)
    except NoValue:  # of 1e999
        raise Refusal("value", node.place) from None
    by_zero = node.kind == "/" and rest == [0]
    if by_zero or (node.kind == "^" and base == 0 and rest[0] < 0):
        raise Refusal("zero", node.place)
    raise Refusal("value", node.place)

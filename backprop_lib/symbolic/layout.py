"""The lines of a derivation, aligned, as LaTeX and as plain text."""

import re

from sympy.core.expr import Expr

from .forms import _Product, _Total
from .printing import (
    BookLatexPrinter,
    BookTextPrinter,
    display,
    latex_text,
    ordered_terms,
    plain_words,
)

_TEXT_WIDTH = 60  # characters of plain text after which a formula is broken
_PAGE_WIDTH = 65  # of a set line, between the gaps, in characters of text
_COLUMN_WIDTH = 74  # of all of it; wider than this, verdicts stand below reasons
_WORDS_WIDTH = 40  # of a reason or verdict that is folded
_SHORTEST, _LONGEST = 28, 60  # widths within which a set formula is broken
_PART = r"(\((?:[^()]|\([^()]*\))*\)|[\w∂^]+(?:\([^()]*\))?)"
_FRACTION = re.compile(f"{_PART}/{_PART}")
_PLACES = re.compile(r"\[([^\]]*)\]")
_WORD = r"(?:\$[^$]*\$|[^\s$])+"  # with all that stands between two dollars
_SUM = re.compile(r"Σ_\{[^}]*\}")
_ACCENT = re.compile(r"\\[A-Za-z]+ ?|[{}]")  # of a letter that is named in LaTeX


def latex_table(first_line, steps):
    """Return a derivation as one block of display mathematics."""
    printer = BookLatexPrinter()
    left = printer.doprint(first_line)
    if not steps:
        return display([left])
    rows, (width, words_of) = [], _rooms(first_line, steps)
    for step in steps:
        left = left if step.left is None else printer.doprint(step.left)
        head, *tail = broken(step.expression, printer, width, _set_width)
        lines = [f"{left} &= {head}".lstrip()]
        lines.extend(f"&\\qquad {{}} {line}" for line in tail)
        # the words stand beside the end of the formula
        words, *more = words_of(step)
        lines[-1] += f" && {words}"
        rows.extend([*lines, *(f"& && {line}" for line in more)])
        left = ""
    return display(rows)


def text_table(first_line, steps):
    """Return a derivation as plain text, one line for each step that fits."""
    printer = BookTextPrinter()
    left = printer.doprint(first_line)
    if not steps:
        return left
    formulas = [broken(step.expression, printer, _TEXT_WIDTH) for step in steps]
    reasons = [plain_words(step.reason) for step in steps]
    lefts = [left] + [""] * (len(steps) - 1)
    for number, step in enumerate(steps):
        if step.left is not None:
            lefts[number] = printer.doprint(step.left)
    margin = max(map(len, lefts))
    width = max(len(line) for lines in formulas for line in lines)
    reason_width = max(map(len, reasons))
    rows = []
    parts = zip(lefts, formulas, reasons, steps, strict=True)
    for mark, lines, reason, step in parts:
        block = [f"{mark:{margin}} = {lines[0]:{width}}"]
        block.extend(f"{'':{margin}}   {line:{width}}" for line in lines[1:])
        block[-1] += f"   {reason:{reason_width}}   [{step.check}]"
        rows.extend(line.rstrip() for line in block)
    return "\n".join(rows)


def _rooms(first_line, steps):
    """Return the room for a set formula, and where the words beside it stand.

    A verdict stands beside its reason; where that would not fit on the page, below it.
    """
    plain = BookTextPrinter()
    left = _set_width(plain.doprint(first_line))
    reasons, checks = zip(*((step.reason, step.check) for step in steps), strict=True)
    width = _formula_width(left + _longest(reasons) + _longest(checks))
    formulas = (broken(step.expression, plain, width, _set_width) for step in steps)
    widest = max(_set_width(line) for lines in formulas for line in lines)
    said = (_ACCENT.sub("", plain_words(reason)) for reason in reasons)
    words = _longest(said) + _longest(checks)
    if left + widest + words <= _COLUMN_WIDTH:
        return width, _beside
    lines = (line for text in (*reasons, *checks) for line in _folded(text))
    return _formula_width(left + _longest(lines)), _below


def _formula_width(taken):
    return min(max(_PAGE_WIDTH - taken, _SHORTEST), _LONGEST)


def _longest(texts):
    return max(map(len, texts))


def _beside(step):
    return [f"{latex_text(step.reason)} && \\textit{{{step.check}}}"]


def _below(step):
    verdict = (f"\\textit{{{line}}}" for line in _folded(step.check))
    return [*map(latex_text, _folded(step.reason)), *verdict]


def _folded(words):
    """Return a phrase as short lines, its mathematics in one piece."""
    whole = _WORD if words.count("$") % 2 == 0 else r"\S+"
    lines = []
    for word in re.findall(whole, words):
        if lines and len(lines[-1]) + 1 + len(word) <= _WORDS_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def broken(expression, printer, limit, measure=len):
    """Return a printed expression as lines of at most `limit`, where it can be."""
    plain = BookTextPrinter()
    if measure(plain.doprint(expression)) <= limit:
        return [printer.doprint(expression)]
    lines, room = [], 0
    widths = map(measure, _pieces(expression, plain))
    for piece, width in zip(_pieces(expression, printer), widths, strict=True):
        if lines and width < room:
            lines[-1] += " " + piece
            room -= width + 1
        else:
            lines.append(piece)
            room = limit - width
    return lines


def _set_width(text):
    """Return the width of a plain formula once it is set, in characters of text.

    Fractions are stacked, indices are small, exp(x) is e with x above it, and the
    limits of a sum stand above and below a sign as wide as three letters.
    """
    text = _PLACES.sub(lambda match: re.sub("[ ,]", "", match[1]), text)
    text = _ACCENT.sub("", _SUM.sub("ΣΣΣ", text))
    stacked = _FRACTION.sub(lambda match: max(match.groups(), key=len), text)
    stacked = stacked.replace("exp", "e")
    small = sum(map(stacked.count, "_^()*"))
    return len(stacked) - small


def _pieces(expression, printer):
    """Return the parts between which a printed expression may be broken."""
    if not isinstance(expression, Expr):
        return [printer.doprint(expression)]
    if expression.is_Add:
        expression = _Total(*ordered_terms(expression))
    if isinstance(expression, _Total):
        return expression.signed_terms(printer)
    if isinstance(expression, _Product):
        return expression.dotted_factors(printer)
    return [printer.doprint(expression)]

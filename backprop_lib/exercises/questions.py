"""The kinds of question, each written once, by its definitions and its mistakes."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from sympy import Symbol, nan, oo, zoo

from backprop_lib.symbolic import (
    D,
    Definitions,
    Derivation,
    DerivationError,
    product,
)
from backprop_lib.symbolic.printing import to_latex

from .expressions import canonical, to_sympy
from .letters import Letters
from .naming import Mistake, expected_mistakes
from .nodes import NoValue, latex_of, value_of
from .reading import read_formula
from .refusals import Refusal
from .replies import Reply, Where, told_apart
from .tables import TOLERANCE, make_table

_NAMED = 1e-6  # to which an answer's values must be a mistake's
_MOST_NAMED = 60  # mistakes of a question, the likeliest first
_NUMBERS = Letters({})
_GAP = Symbol(r"\square")

__all__ = [
    "Choice",
    "Code",
    "Formula",
    "Lines",
    "Mistake",
    "Number",
    "Option",
    "Order",
    "Slip",
    "with_a_gap",
]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every question has.

    Attributes
    ----------
    id : str
        What `ask` is called with; it begins with ``ex-``.
    title, prompt : str
        ``$...$`` is maths, backquotes hold code.
    hint : str
        Given at the second wrong try, unless the mistake has its own.
    right : str
        Said after success.
    exercise : str
        The label of the exercise whose solution then opens; else empty.
    predict : bool
        Whether it is asked before what it asks for is shown: no answer counts as
        wrong.
    """

    id: str
    title: str
    prompt: str
    hint: str = ""
    right: str = ""
    exercise: str = ""
    predict: bool = False

    kind = ""


@dataclass(frozen=True, kw_only=True)
class Formula(Question):
    """A formula, judged by proof in a notebook and at points on the page.

    Attributes
    ----------
    definitions : Definitions or dict
    asked : expression
        Most often a `D(L, x)`.
    answer : expression
        As it was derived, with its factors apart by `product`.
    over : tuple of Symbol
        The letters that may be left in an answer.
    chain : expression, optional
        The line of the chain rule, whose factors may be forgotten.
    mistakes : tuple of Mistake
        Beside those that one change of the answer makes.
    domain : dict
        Base symbol to the lowest and highest value it is tried with.
    """

    definitions: object
    asked: object
    answer: object
    over: tuple
    chain: object = None
    mistakes: tuple = ()
    domain: dict = field(default_factory=dict)

    kind = "formula"

    @cached_property
    def system(self):
        """The definitions, as `Definitions`."""
        given = self.definitions
        return given if isinstance(given, Definitions) else Definitions(given)

    @cached_property
    def symbols(self):
        """Canonical name to symbol, of every letter that may be typed."""
        own = sorted(self.asked.free_symbols - set(self.system.symbols), key=str)
        return {canonical(s): s for s in (*self.system.symbols, *own)}

    @cached_property
    def base(self):
        """The letters that nothing defines."""
        return [s for s in self.symbols.values() if s not in self.system]

    @cached_property
    def letters(self):
        """What may be typed."""
        return Letters({name: to_latex(s) for name, s in self.symbols.items()})

    @cached_property
    def table(self):
        """The letters' values at the question's points, and the truth."""
        parts = self.system, self.symbols, self.base
        return make_table(*parts, self.asked, self.domain)

    @cached_property
    def named(self):
        """The mistakes that can be told from the truth and from each other.

        As a list of (mistake, its values), the question's own first.
        """
        letters = list(dict.fromkeys([*self.over, *self.base]))
        expected = expected_mistakes(self.answer, self.chain, letters, self.over)
        mistakes = [
            mistake
            for mistake in (*self.mistakes, *expected)
            if not mistake.expression.has(nan, oo, zoo)
        ]
        expressions = [mistake.expression for mistake in mistakes]
        values = self.table.values_of(expressions, self.symbols)
        found = []
        for mistake, row in zip(mistakes, values, strict=True):
            others = (self.table.truth, *(other for _, other in found))
            # further apart than rounding to eight digits can bring them together
            if np.all(np.isfinite(row)) and not any(
                np.all(self.table.agrees(row, other, 10 * _NAMED)) for other in others
            ):
                found.append((mistake, row))
        return found[:_MOST_NAMED]

    def check(self):
        """Raise a DerivationError if the answer, or the chain, is none."""
        derivation = Derivation(self.system, self.asked)
        if self.chain is not None:
            derivation.step(self.chain, "the chain rule")
        derivation.step(self.answer, "the answer")
        left = self.answer.free_symbols - set(self.over) | self.answer.atoms(D)
        if left:
            raise ValueError(f"the answer of {self.id} holds {left} as well")

    def judge(self, text):
        """Return the reply to what was typed.

        Raises
        ------
        Refusal
            If it is no formula.
        """
        node = read_formula(text, self.letters)
        read = latex_of(node, self.letters)
        values = self._values(node)
        there = np.isfinite(values)
        if 2 * np.count_nonzero(there) < len(there):
            return Reply("nowhere", read=read, hint=self.hint)
        apart = there & ~self.table.agrees(values, self.table.truth)
        if not apart.any():
            return self._right(node, read)
        return self._wrong(node, read, values, there, int(np.argmax(apart)))

    def _values(self, node):
        found = []
        for number in range(len(self.table)):
            try:
                found.append(value_of(node, self.table.point(number)))
            except NoValue:
                found.append(math.nan)
        return np.array(found)

    def _right(self, node, read):
        derivation = Derivation(self.system, self.asked)
        try:
            derivation.step(to_sympy(node, self.symbols), "as typed")
        except DerivationError:
            # equal to nine digits at all points, and yet another function
            return Reply("different", read=read, hint=self.hint)
        over = set(map(canonical, self.over))
        for part in node.walk():
            if part.kind == "D" or (part.kind == "letter" and part.value not in over):
                left = latex_of(part, self.letters)
                return Reply("unfinished", read=read, left=left)
        proved = derivation.steps[-1].check == "proved"
        return Reply("proved" if proved else "points", read=read, why=self.right)

    def _wrong(self, node, read, values, there, first):
        for known, row in self.named:
            same = self.table.agrees(values, row, _NAMED)
            if np.all(same[there]):
                mistake, hint = known.words, known.hint or self.hint
                break
        else:
            mistake, hint = self._one_change(node), self.hint
        table = self.table
        base = {self.letters.names[n]: table.values[n][first] for n in table.base}
        where = Where(base, *told_apart(values[first], table.truth[first]))
        return Reply("different", read=read, mistake=mistake, where=where, hint=hint)

    def _one_change(self, node):
        """Return the one change that makes an answer right, in words, or nothing."""
        derivation = Derivation(self.system, self.asked)
        try:
            derivation.step(to_sympy(node, self.symbols), "as typed")
        except DerivationError as error:
            return error.mistake
        return ""


@dataclass(frozen=True, kw_only=True)
class Lines(Formula):
    """A derivation, line by line: each is judged, the last one ends it.

    Attributes
    ----------
    steps : tuple of expression
        The book's own lines between the first and the answer.
    """

    steps: tuple = ()

    kind = "lines"

    def check(self):
        """Raise a DerivationError if one of the book's own lines is false."""
        super().check()
        derivation = Derivation(self.system, self.asked)
        for step in self.steps:
            derivation.step(step, "the book's own")

    def judge(self, text, before=()):
        """Return the reply to a line.

        Parameters
        ----------
        text : str
        before : sequence of str
            The lines that were accepted so far.
        """
        reply = super().judge(text)
        if reply.counts_as_wrong:
            return reply
        lines = [self.asked, *map(self._read, before)]
        if self._read(text) in [line.doit() for line in lines]:
            return Reply("same", read=reply.read)
        if reply.verdict == "unfinished":
            return Reply("forward", read=reply.read)
        return reply

    def _read(self, text):
        """Return a line with its factors in SymPy's order, so that equals are found."""
        return to_sympy(read_formula(text, self.letters), self.symbols).doit()


def with_a_gap(lines, number, hole, *, name, answer, over):
    """Return a line of a derivation with a factor left open, as a `Formula`.

    Between the derivation in full and its first line alone this is the step that is
    half done, made of the same lines.

    Parameters
    ----------
    lines : Lines
    number : int
        Which of its steps, from 0.
    hole : expression
        The factor that is left open.
    name : str
        The id.
    answer : expression
        What belongs there, in the letters `over`.
    """
    step = lines.steps[number]
    if hole not in step.args:
        raise ValueError(f"step {number} of {lines.id} has no factor {hole}: {step}")
    shown = product(*(_GAP if f == hole else f for f in step.args))
    return Formula(
        id=name,
        title="One factor is left open",
        prompt=f"In the line ${to_latex(lines.asked)} = {to_latex(shown)}$ one factor "
        "is left open. Type it, worked out.",
        definitions=lines.definitions,
        asked=hole,
        answer=answer,
        over=over,
        hint="Only the factor in the square is asked for.",
        right=f"It is ${to_latex(hole)}$.",
        domain=lines.domain,
    )


@dataclass(frozen=True, kw_only=True)
class Order(Question):
    """The lines of a derivation, shuffled among false ones.

    Attributes
    ----------
    source : Lines
        Whose steps and answer these are.
    false : tuple of Mistake
    """

    source: Lines
    false: tuple

    kind = "order"

    @cached_property
    def lines(self):
        """What is shown: (expression, what is wrong or ""), in a fixed disorder."""
        true = [(step, "") for step in (*self.source.steps, self.source.answer)]
        every = [*true, *((m.expression, m.words) for m in self.false)]
        shuffled = sorted(every, key=lambda pair: _digest(f"{self.id} {pair[0]}"))
        return shuffled

    def left_in(self, number):
        """Return the derivatives that a line still holds, as text."""
        return {str(part) for part in self.lines[number][0].atoms(D)}

    def judge(self, numbers):
        """Return the reply to lines put in an order, by their numbers from 0.

        Right is every order in which each line works out a derivative of the one
        before, which ends with none, and between whose lines no other true one fits:
        the judge is the derivation, not a list.
        """
        chosen = [self.lines[number] for number in numbers]
        for expression, words in chosen:
            if words:
                line = f"${to_latex(expression)}$"
                return Reply("other", mistake=f"{line}: {words}", hint=self.hint)
        left = [self.left_in(number) for number in numbers]
        leads = all(after < before for before, after in zip(left, left[1:]))
        every = [
            self.left_in(n) for n, (_, words) in enumerate(self.lines) if not words
        ]
        missing = any(all(one < held or held < one for held in left) for one in every)
        if not chosen or left[-1] or not leads or missing:
            return Reply("disorder", hint=self.hint)
        return Reply("right", why=self.right)


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Slip:
    """A wrong number, what is wrong in words, and a hint."""

    value: float
    words: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A number, which may be typed as a calculation.

    Attributes
    ----------
    value : callable
        Returns the right number: it is computed, not written down.
    tolerance : float
        How far off an answer may be.
    mistakes : callable
        Returns a list of `Slip`.
    """

    value: Callable
    tolerance: float = 0.0
    mistakes: Callable = list

    kind = "number"

    @cached_property
    def truth(self):
        """The right number."""
        return float(self.value())

    @cached_property
    def slips(self):
        """The wrong numbers that are known."""
        return [Slip(float(s.value), s.words, s.hint) for s in self.mistakes()]

    def near(self, number, target):
        """Say whether a number is another, as closely as is asked."""
        return abs(number - target) <= self.tolerance + TOLERANCE * abs(target)

    def judge(self, text):
        """Return the reply to a number that was typed; else raise a `Refusal`."""
        node = read_formula(text, _NUMBERS)
        try:
            number = value_of(node)
        except NoValue:  # 1e999
            raise Refusal("value", node.place, text) from None
        read = latex_of(node, _NUMBERS)
        if node.kind != "number":
            read += f" = {number:.6g}"
        if self.near(number, self.truth):
            return Reply("right", read=read, why=self.right)
        for slip in self.slips:
            if self.near(number, slip.value):
                mistake, hint = slip.words, slip.hint or self.hint
                break
        else:
            mistake, hint = "", self.hint
        side = "too large" if number > self.truth else "too small"
        return Reply("different", read=read, mistake=mistake, side=side, hint=hint)


@dataclass(frozen=True)
class Option:
    """One answer of a choice.

    Attributes
    ----------
    text, words : str
        What is to be chosen, and why it is right or which mistake it is.
    holds : callable, optional
        Says whether it is true: a test asks, where that can be calculated.
    """

    text: str
    words: str
    holds: Callable | None = None


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """One right answer among wrong ones, in the order that they are shown in.

    Attributes
    ----------
    options : tuple of Option
    answer : int
        Which one is right.
    """

    options: tuple
    answer: int

    kind = "choice"

    def judge(self, number):
        """Return the reply to the option of a number, from 0."""
        option = self.options[number]
        if number == self.answer:
            return Reply("right", chosen=option.text, why=option.words)
        return Reply("other", chosen=option.text, mistake=option.words, hint=self.hint)


@dataclass(frozen=True, kw_only=True)
class Code(Question):
    """A reader's own function, judged with a kernel only.

    Attributes
    ----------
    verdict : callable
        Takes the function, returns "correct" or what is wrong, in words.
    solution : callable
        Makes the right function.
    wrong : dict
        Words to a function that is to be called that.
    """

    verdict: Callable
    solution: Callable
    wrong: dict = field(default_factory=dict)

    kind = "code"

    def judge(self, function):
        """Return the reply to a function."""
        said = self.verdict(function)
        if said == "correct":
            return Reply("right", why=self.right)
        return Reply("different", mistake=said, hint=self.hint)

"""The first stage of reading: a text into tokens."""

import re
import unicodedata
from dataclasses import dataclass

from .letters import (
    BRACKETS,
    FRACTIONS,
    FUNCTIONS,
    GREEK,
    GREEK_WORDS,
    OPERATORS,
    SPACES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
)
from .refusals import Refusal

LONGEST = 500
_LONGEST_NUMBER = 20
_SKIPPED = frozenset(("left", "right", "quad", "qquad", "displaystyle"))
_SPACING = frozenset(",;:! ")
_BARS = frozenset(("vert", "lvert", "rvert"))
_FRAC = frozenset(("frac", "dfrac", "tfrac"))
_STYLES = re.compile(r"\\(?:mathit|mathrm|text|operatorname)\{([A-Za-z]+)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_EXPONENT = re.compile(r"[eE][+-]?[0-9]+")
_LETTERS = re.compile(r"[A-Za-z]+")
_RUN = re.compile(r"[A-Za-z0-9]+")
_LAYER = re.compile(r"\^(?:\(([0-9]+)\)|\{\(([0-9]+)\)\})")
_DEGREE = re.compile(r"\[([2-9])\]")
_DIGITS = re.compile(r"[0-9]+")
_EQUALS = frozenset("=≈<>≤≥≠:")
_CLOSING = frozenset(BRACKETS.values())


@dataclass(frozen=True)
class Token:
    """A piece of the text: its kind, what it says, where it begins.

    `more` depends on the kind: the power of a function, the places of an entry.
    """

    kind: str
    value: object
    place: int
    more: object = None


def lex(text, letters):
    """Return the tokens of a text.

    Raises
    ------
    Refusal
        At the first place that is part of no token.
    """
    return _Lexer(text, letters).tokens()


def plain_letters(text):
    """Return a text with the letters of mathematical alphabets made plain."""
    return "".join(
        unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" else c
        for c in text
    )


class _Lexer:
    def __init__(self, text, letters):
        self.text = plain_letters(text)
        self.letters = letters
        self.at = 0
        self.found = []
        self.euler = not letters.knows("e")

    def tokens(self):
        self.skip()
        while self.at < len(self.text):
            self.one()
            self.skip()
        return self.found

    def add(self, kind, value, place, more=None):
        self.found.append(Token(kind, value, place, more))

    def rest_matches(self, pattern):
        return pattern.match(self.text, self.at)

    def here(self):
        return self.text[self.at : self.at + 1]

    def skip(self):
        """Go on behind all that has no meaning."""
        while self.at < len(self.text):
            if self.here() in SPACES or self.here() == "&":
                self.at += 1
            elif self.here() == "\\":
                command = self.rest_matches(_COMMAND)
                if command and command[1] in _SKIPPED:
                    self.at = command.end()
                elif not command and self.text[self.at + 1 : self.at + 2] in _SPACING:
                    if self.at + 1 == len(self.text):
                        return
                    self.at += 2
                else:
                    return
            else:
                return

    def one(self):
        """Read one token, or one derivative."""
        place, character = self.at, self.here()
        if "0" <= character <= "9" or character == ".":
            self.number()
        elif character in FRACTIONS:
            self.at += 1
            self.add("NUMBER", character, place)
        elif self.text.startswith("**", place):
            self.at += 2
            self.add("^", "^", place)
        elif character in OPERATORS:
            self.at += 1
            self.add(OPERATORS[character], OPERATORS[character], place)
        elif character in SUPERSCRIPTS:
            self.superscript()
        elif character in BRACKETS:
            self.at += 1
            self.add("OPEN", character, place)
        elif character in _CLOSING:
            self.at += 1
            self.add("CLOSE", character, place)
        elif character in "|,":
            self.at += 1
            self.add({"|": "BAR", ",": "COMMA"}[character], character, place)
        elif character in _EQUALS:
            raise Refusal("equals", place)
        elif character in "√":
            self.at += 1
            self.add("FUNC", "sqrt", place, "\\")
        elif character in "∑Σ":
            self.at += 1
            self.sum(place)
        elif character == "∂":
            self.add("DERIV", self.derivative(place), place)
        elif character == "\\":
            self.command()
        elif character in GREEK:
            self.at += 1
            self.word(GREEK[character], place)
        elif "a" <= character.lower() <= "z" and character.isascii():
            if not self.leibniz():
                run = self.rest_matches(_LETTERS)[0]
                self.at += len(run)
                self.word(run, place, pieces=True)
        else:
            raise Refusal("character", place)

    def number(self):
        place = self.at
        match = self.rest_matches(_NUMBER)
        if not match:
            raise Refusal("character", place)
        self.at = match.end()
        exponent = self.rest_matches(_EXPONENT) if self.euler else None
        if exponent:
            self.at = exponent.end()
        if self.here() == "." or self.at - place > _LONGEST_NUMBER:
            raise Refusal("number", place)
        self.add("NUMBER", self.text[place : self.at], place)

    def superscript(self):
        place = self.at
        while self.here() and self.here() in SUPERSCRIPTS:
            self.at += 1
        run = "".join(SUPERSCRIPTS[c] for c in self.text[place : self.at])
        if not re.fullmatch("[+-]?[0-9]+", run) or len(run) > _LONGEST_NUMBER:
            raise Refusal("character", place)
        self.add("SUP", run, place)

    def command(self):
        """Read what begins with a backslash."""
        place = self.at
        style = self.rest_matches(_STYLES)
        if style:
            self.at = style.end()
            return self.word(style[1], place, backslash=True)
        match = self.rest_matches(_COMMAND)
        if not match:
            raise Refusal("character", place)
        self.at, name = match.end(), match[1]
        if name in ("cdot", "times"):
            self.add("*", "*", place)
        elif name in _BARS:
            self.add("BAR", "|", place)
        elif name == "partial":
            self.at = place
            self.add("DERIV", self.derivative(place), place)
        elif name == "sum":
            self.sum(place)
        elif name in _FRAC:
            self.fraction(place)
        elif name == "sqrt" and self.root(place):
            return
        elif name in GREEK_WORDS or name in FUNCTIONS:
            self.word(GREEK_WORDS.get(name, name), place, backslash=True)
        else:
            raise Refusal("unknown", place)

    def root(self, place):
        r"""Read the degree of ``\sqrt[3]{...}``, if that is what stands here."""
        behind = self.at
        self.skip()
        if self.here() != "[":
            self.at = behind
            return False
        degree = self.rest_matches(_DEGREE)
        if not degree:
            raise Refusal("call", place)
        self.at = degree.end()
        self.add("FUNC", f"root{degree[1]}", place)
        return True

    def fraction(self, place):
        self.skip()
        if self.here() != "{":
            raise Refusal("call", place)
        inside = self.at
        self.at += 1
        self.skip()
        if not self.eat_partial():
            self.at = inside
            return self.add("FRAC", "/", place)
        upper = self.lower_name(place)
        for expected in "}{":
            self.expect(expected, place)
        if not self.eat_partial():
            raise Refusal("derivative", place)
        lower = self.lower_name(place)
        self.expect("}", place)
        self.add("DERIV", (upper, lower), place)

    def expect(self, character, place):
        self.skip()
        if self.here() != character:
            raise Refusal("derivative", place)
        self.at += 1
        self.skip()

    def eat_partial(self):
        if self.here() == "∂":
            self.at += 1
        elif re.match(r"\\partial(?![A-Za-z])", self.text[self.at :]):
            self.at += len("\\partial")
        else:
            return False
        self.skip()
        return True

    def derivative(self, place):
        self.eat_partial()
        upper = self.lower_name(place)
        self.skip()
        if self.here() not in tuple("/÷∕"):
            raise Refusal("derivative", place)
        self.at += 1
        self.skip()
        if not self.eat_partial():
            raise Refusal("derivative", place)
        return upper, self.lower_name(place)

    def lower_name(self, place):
        """Read the one letter of a derivative, at whose sign `place` is."""
        start = self.at
        word = self.plain_word()
        if word is None:
            raise Refusal("derivative", place)
        name = self.known(word, start)
        if name is None:
            raise Refusal("unknown", start)
        return name

    def plain_word(self):
        """Read a word without its index, or return None."""
        if self.here() and self.here() in GREEK:
            self.at += 1
            return GREEK[self.text[self.at - 1]]
        for pattern in (_STYLES, _COMMAND, _LETTERS):
            match = self.rest_matches(pattern)
            if match and (pattern is not _COMMAND or match[1] in GREEK_WORDS):
                self.at = match.end()
                word = match[match.lastindex or 0]
                return GREEK_WORDS.get(word, word) if pattern is _COMMAND else word
        return None

    def known(self, word, start):
        """Return the letter that a word and the index behind it are, or None."""
        index, _ = self.index(word)
        if index is None:
            return word if self.letters.knows(word) else None
        for name in (f"{word}_{index}", f"{word}{index}"):
            if self.letters.knows(name):
                return name
        return None

    def leibniz(self):
        """Read dL/dw, if that is what stands here."""
        place = self.at
        if self.here() != "d" or self.letters.knows("d"):
            return False
        names = []
        for separator in ("d", "/d"):
            for character in separator:
                self.skip()
                if self.here() != character:
                    self.at = place
                    return False
                self.at += 1
            word = self.plain_word()
            try:
                name = self.known(word, self.at) if word else None
            except Refusal:
                name = None
            if name is None:
                self.at = place
                return False
            names.append(name)
        self.add("DERIV", tuple(names), place)
        return True

    def index(self, word):
        """Read an index: its text, or None, and how it was written.

        A layer is written above, before the index or behind it: ``w_11^(2)``. It is
        read only where there is a letter of that name.
        """
        layer = self.rest_matches(_LAYER)
        if layer:
            start, self.at = self.at, layer.end()
            index, how = self.below(word)
            name = f"{index}^({layer[1] or layer[2]})"
            if self.letters.knows(f"{word}_{name}"):
                return name, how
            self.at = start
        index, how = self.below(word)
        layer = self.rest_matches(_LAYER)
        if layer:
            name = f"{index}^({layer[1] or layer[2]})"
            if self.letters.knows(f"{word}_{name}"):
                self.at = layer.end()
                return name, how
        return index, how

    def below(self, word):
        """Read an index below a word."""
        start = self.at
        if self.here() == "_":
            self.at += 1
            behind = self.at
            self.skip()
            if self.here() == "{":
                return self.braced("}", start), "braces"
            self.at = behind
            run = self.rest_matches(_RUN)
            if not run:
                raise Refusal("index", start)
            self.at = run.end()
            return run[0], "run"
        if self.here() == "[" and word in self.letters.quantity:
            return self.braced("]", start), "braces"
        while self.here() and self.here() in SUBSCRIPTS:
            self.at += 1
        if self.at > start:
            below = self.text[start : self.at]
            return "".join(SUBSCRIPTS[c] for c in below), "below"
        digits = self.rest_matches(_DIGITS)
        if digits:
            self.at = digits.end()
            return digits[0], "digits"
        return None, None

    def braced(self, closing, start):
        opened = self.at
        end = self.text.find(closing, opened)
        if end < 0:
            raise Refusal("open", opened)
        inside = self.text[opened + 1 : end].replace("−", "-")
        inside = "".join(c for c in inside if c not in SPACES)
        if not re.fullmatch("[A-Za-z0-9+,-]+", inside):
            raise Refusal("index", start)
        self.at = end + 1
        # only in the places of an entry does a comma tell something
        return inside if self.letters.has_sums else inside.replace(",", "")

    def word(self, word, place, pieces=False, backslash=False):
        """Read on behind a word, and add the tokens that it is."""
        behind = self.at
        index, how = self.index(word)
        if word in self.letters.quantity:
            return self.entry(word, index, place)
        if index is None:
            return self.add_pieces(word, place, pieces, backslash)
        if how == "braces":
            index = index.replace(",", "")
        for name in (f"{word}_{index}", f"{word}{index}" if how == "digits" else ""):
            if name and self.letters.knows(name):
                return self.add("LETTER", name, place)
        if how == "run":
            for length in range(len(index) - 1, 0, -1):
                if self.letters.knows(f"{word}_{index[:length]}"):
                    self.at -= len(index) - length
                    return self.add("LETTER", f"{word}_{index[:length]}", place)
        if pieces:
            head = self.split(word, index, how)
            if head:
                return self.add_run(head, place)
        if how == "digits":
            known = self.letters.knows(word) or (pieces and self.split(word, None, ""))
            if known:
                raise Refusal("digits", behind)
        raise Refusal("unknown", place)

    def add_pieces(self, word, place, pieces, backslash):
        kind = self.kind_of(word)
        if kind:
            more = "\\" if backslash and kind == "FUNC" else None
            value = FUNCTIONS[word] if kind == "FUNC" else word
            return self.add(kind, value, place, more)
        found = pieces and self.split(word, None, "")
        if not found:
            raise Refusal("unknown", place)
        self.add_run(found, place)

    def kind_of(self, word):
        if self.letters.knows(word):
            return "LETTER"
        if word in FUNCTIONS:
            return "FUNC"
        if word == "pi":
            return "PI"
        return "EULER" if word == "e" and self.euler else None

    def split(self, word, index, how):
        """Return the (kind, name, length) of which a run of letters is made, or None.

        Leftmost-longest, with backtracking; the last piece takes the index.
        """
        for length in range(len(word), 0, -1):
            piece, rest = word[:length], word[length:]
            if rest:
                if not self.letters.knows(piece):
                    continue
                others = self.split(rest, index, how)
                if others:
                    return [("LETTER", piece, length), *others]
            elif index is None:
                kind = self.kind_of(piece)
                if kind:
                    value = FUNCTIONS[piece] if kind == "FUNC" else piece
                    return [(kind, value, length)]
            else:
                joined = (f"{piece}_{index}", f"{piece}{index}" * (how == "digits"))
                for name in filter(None, joined):
                    if self.letters.knows(name):
                        return [("LETTER", name, length)]
        return None

    def add_run(self, pieces, place):
        for kind, name, length in pieces:
            self.add(kind, name, place)
            place += length

    def entry(self, word, index, place):
        """Add an entry of a quantity, if its places fit."""
        axes = self.letters.quantity[word]
        places = _places(index) if index else []
        fits = len(places) == len(axes) and all(
            letter.isdigit() or self.letters.index.get(letter) == width
            for (letter, _), width in zip(places, axes, strict=True)
        )
        if not fits:
            raise Refusal("index", place)
        self.add("ENTRY", word, place, tuple(places))

    def sum(self, place):
        """Read the head of a sum."""
        if not self.letters.has_sums:
            raise Refusal("unknown", place)
        self.skip()
        head = re.compile(
            r"_\s*(?:([A-Za-z])(?![A-Za-z0-9])|"
            r"\{\s*([A-Za-z])\s*(?:=\s*([0-9]+)\s*(?:\.\.\s*([A-Za-z]+)\s*)?)?\})"
            r"(?:\s*\^\s*(?:\{\s*([A-Za-z]+)\s*\}|([A-Za-z]+)))?"
        ).match(self.text, self.at)
        if not head:
            raise Refusal("limits", place)
        bare, letter, first, *lasts = head.groups()
        letter = bare or letter
        last = next((each for each in lasts if each), None)
        width = self.letters.index.get(letter)
        given = (first, last) != (None, None)
        if width is None or (given and (first, last) != ("1", width)):
            raise Refusal("limits", place)
        self.at = head.end()
        self.add("SUM", letter, place)


def _places(index):
    """Return an index as a list of (letter or digits, shift), or an empty one."""
    parts = index.split(",") if "," in index else [index]
    found = []
    digits = "[0-9]+" if len(parts) > 1 else "[0-9]"
    pattern = re.compile(rf"([A-Za-z]|{digits})([+-][0-9]+)?")
    for part in parts:
        at = 0
        while at < len(part):
            match = pattern.match(part, at)
            if not match:
                return []
            found.append((match[1], int(match[2] or 0)))
            at = match.end()
    return found

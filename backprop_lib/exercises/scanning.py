"""The second stage of reading: tokens that can be parsed, or the first that cannot.

After it the parser cannot fail, so that what is said of a mistake depends on the
token at which it stands, and on no parser's tables.
"""

from dataclasses import dataclass, replace

from .letters import BRACKETS
from .lexing import Token
from .refusals import Refusal

_DEEPEST = 40
_ATOMS = frozenset(("NUMBER", "LETTER", "ENTRY", "DERIV", "EULER", "PI"))
_SINGLES = frozenset(("NUMBER", "LETTER", "ENTRY", "DERIV"))
_SEVERAL = frozenset(("max", "min"))


def scan(tokens, length):
    """Return the tokens with implied products signed, powers of functions joined.

    Parameters
    ----------
    tokens : list of Token
    length : int
        Of the text: the place of its end.

    Raises
    ------
    Refusal
        At the first token that cannot stand where it does.
    """
    return _Scanner(tokens, length).run()


@dataclass
class _Open:
    """A bracket that is open, whose it is, and how many commas came in it."""

    kind: str
    place: int
    owner: Token | None = None
    group: int = 0
    commas: int = 0
    divided: bool = False  # whether what stands around it is divided by it


class _Scanner:
    def __init__(self, tokens, length):
        self.tokens = tokens
        self.length = length
        self.at = 0
        self.found = []
        self.open = []
        self.wanted = True
        self.divided = False

    def run(self):
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "BAR":
                self.bar(token)
            elif token.kind == "CLOSE":
                self.close(token)
            elif self.wanted:
                self.operand(token)
            else:
                self.behind(token)
        if self.wanted:
            raise Refusal("missing", self.length)
        if self.open:
            raise Refusal("open", self.open[-1].place)
        return self.found

    def peek(self, ahead=0):
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else Token("END", "", 0)

    def operand(self, token):
        """Take a token where an operand is wanted."""
        if token.kind in "+-":
            self.found.append(token)
        elif token.kind in _ATOMS:
            self.found.append(token)
            self.wanted = False
        elif token.kind == "OPEN":
            self.push(token)
        elif token.kind == "FUNC":
            self.function(token)
        elif token.kind == "FRAC":
            self.found.append(token)
            self.group(token, 1)
        elif token.kind == "SUM":
            self.found.append(token)
        else:
            raise Refusal("missing", token.place)

    def behind(self, token):
        """Take a token behind an operand."""
        if token.kind in ("+", "-", "*", "/", "^"):
            self.found.append(token)
            self.wanted = True
            if token.kind != "^":
                self.divided = token.kind == "/"
        elif token.kind == "SUP":
            self.found.append(token)
        elif token.kind == "COMMA":
            self.comma(token)
        elif token.kind == "NUMBER":
            raise Refusal("digits", token.place)
        else:
            if self.divided:
                raise Refusal("ambiguous", token.place)
            self.found.append(Token("*", "*", token.place))
            self.wanted = True
            self.operand(token)

    def push(self, token, owner=None, group=0):
        if len(self.open) == _DEEPEST:
            raise Refusal("deep", token.place)
        kind = token.value
        self.open.append(_Open(kind, token.place, owner, group, divided=self.divided))
        self.found.append(replace(token, kind="BAROPEN" if kind == "|" else "OPEN"))
        self.wanted, self.divided = True, False

    def pop(self, token, kind):
        last = self.open.pop()
        self.found.append(replace(token, kind=kind))
        self.wanted, self.divided = False, last.divided
        return last

    def bar(self, token):
        if self.wanted:
            self.push(token)
        elif self.open and self.open[-1].kind == "|":
            self.pop(token, "BARCLOSE")
        else:
            raise Refusal("close", token.place)

    def close(self, token):
        if not self.open or BRACKETS.get(self.open[-1].kind) != token.value:
            raise Refusal("close", token.place)
        if self.wanted:
            raise Refusal("missing", token.place)
        last = self.pop(token, "CLOSE")
        if last.owner is None:
            return
        if last.owner.kind == "FRAC":
            if last.group == 1:
                self.group(last.owner, 2)
        elif last.commas == 0 and last.owner.value in _SEVERAL:
            raise Refusal("arguments", last.owner.place)

    def comma(self, token):
        last = self.open[-1] if self.open else None
        if last is None or last.owner is None or last.owner.value not in _SEVERAL:
            raise Refusal("comma", token.place)
        last.commas += 1
        self.found.append(token)
        self.wanted, self.divided = True, False

    def group(self, token, number):
        """Take the brace with which one half of a fraction begins."""
        brace = self.peek()
        if brace.kind != "OPEN" or brace.value != "{":
            raise Refusal("call", token.place)
        self.at += 1
        self.push(brace, token, number)

    def function(self, token):
        """Take a function and the bracket behind it, with a power between."""
        power, taken = self.power()
        bracket = self.peek(taken)
        single = token.more == "\\" or token.value == "sqrt"
        if bracket.kind == "OPEN":
            self.at += taken + 1
            self.found.append(replace(token, more=power))
            self.push(bracket, token)
        elif single and power is None and bracket.kind in _SINGLES:
            self.at += 1
            self.found.append(Token("FUNC1", token.value, token.place))
            self.found.append(bracket)
            self.wanted = False
        else:
            raise Refusal("call", token.place)

    def power(self):
        """Return the token of a power that stands here, and how many it takes."""
        first = self.peek()
        if first.kind == "SUP" and first.value.isdigit():
            return first, 1
        if first.kind == "^":
            if self.peek(1).kind == "NUMBER":
                return self.peek(1), 2
            inside = [self.peek(ahead) for ahead in (1, 2, 3)]
            kinds = [each.kind for each in inside]
            if kinds == ["OPEN", "NUMBER", "CLOSE"] and inside[0].value == "{":
                return inside[1], 4
        return None, 0

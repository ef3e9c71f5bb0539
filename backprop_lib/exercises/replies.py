"""What a reader is answered, and its words."""

from dataclasses import dataclass

VERDICTS = {
    "proved": "Right, and proved.",
    "points": "Right, checked at points.",
    "right": "Right.",
    "unfinished": "Right so far, but it still holds ",
    "forward": "True. Go on.",
    "same": "True, but the same as an earlier line.",
    "nowhere": "This has no value at most of the points that were tried.",
    "different": "Not equal.",
    "disorder": "All true, but a line is missing, or the order does not lead on.",
    "other": "Not that.",
    "seen": "As it is.",
    "unseen": "Not what will be seen.",
}
UNKNOWN = "It is no mistake that is known here."


@dataclass(frozen=True)
class Where:
    """The simplest point at which an answer and the truth differ.

    Attributes
    ----------
    point : dict
        LaTeX of a letter to its value.
    yours, right : str
        The two values, with as many digits as tell them apart.
    """

    point: dict
    yours: str
    right: str


@dataclass(frozen=True)
class Reply:
    """The answer to an answer.

    Attributes
    ----------
    verdict : str
        A key of `VERDICTS`.
    read, chosen : str
        How it was read, as LaTeX; or the option that was chosen.
    left : str
        LaTeX of what an unfinished answer still holds.
    mistake, why, hint : str
        What is wrong, where it is known; what is said of a right answer; a hint.
    where : Where or None
    side : str
        Of a number: too large, or too small.
    """

    verdict: str
    read: str = ""
    chosen: str = ""
    left: str = ""
    mistake: str = ""
    why: str = ""
    hint: str = ""
    where: Where | None = None
    side: str = ""

    @property
    def succeeded(self):
        """Whether nothing is left to do."""
        return self.verdict in ("proved", "points", "right")

    @property
    def leads_on(self):
        """Whether it is a line of a derivation that brings it further."""
        return self.verdict == "forward" or self.succeeded

    @property
    def counts_as_wrong(self):
        """Whether it is one more wrong try."""
        return self.verdict in ("different", "nowhere", "other", "disorder")

    @property
    def sentence(self):
        """The verdict in words, with maths between dollars."""
        words = VERDICTS[self.verdict]
        return f"{words}${self.left}$." if self.left else words


def told_apart(first, second):
    """Return two numbers with as many digits as it takes to see that they differ."""
    for digits in (6, 10, 16):
        shown = f"{first:.{digits}g}", f"{second:.{digits}g}"
        if shown[0] != shown[1]:
            break
    return tuple(text.replace("-", "−") for text in shown)

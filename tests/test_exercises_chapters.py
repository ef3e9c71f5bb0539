"""Questions where they are asked: three a chapter, once each, before the solution."""

import json
import re
from collections import Counter

import pytest
from conftest import ROOT

from backprop_lib.exercises.bank import find, ids
from book_ext.exercises import EXERCISE, SOLUTION

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
ASKS = re.compile(r"\bask\(")
ASK = re.compile(r'ask\("(ex-[\w-]+)"\)')


def cells_of(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]


def asked_in(path):
    """Return [question, the exercise around it or ""] for every one that is asked."""
    found, within = [], ""
    for kind, source in cells_of(path):
        exercise = EXERCISE.match(source) if kind == "markdown" else None
        if exercise:
            within = exercise[1]
        elif source.strip() == SOLUTION:
            within = ""
        elif kind == "code" and ASKS.search(source):
            found.append((source, within))
    return found


ASKED = {path.stem: asked_in(path) for path in CHAPTERS}
WITH_EXERCISES = [
    path.stem
    for path in CHAPTERS
    if any(EXERCISE.match(source) for _, source in cells_of(path))
]


@pytest.mark.parametrize("chapter", ASKED)
def test_a_question_is_one_line_that_holds_no_answer(chapter):
    assert all(ASK.fullmatch(source) for source, _ in ASKED[chapter])


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_a_chapter_with_exercises_asks_three_questions(chapter):
    assert len(ASKED[chapter]) >= 3


def test_every_question_is_asked_once():
    names = Counter(ASK.match(s)[1] for asks in ASKED.values() for s, _ in asks)
    assert names == Counter(ids())


@pytest.mark.parametrize("chapter", ASKED)
def test_a_question_stands_before_the_solution_that_it_opens(chapter):
    for source, within in ASKED[chapter]:
        assert find(ASK.match(source)[1]).exercise in ("", within)


def test_there_is_room_for_a_solution_to_open():
    labels = {
        match[1]
        for path in CHAPTERS
        for _, source in cells_of(path)
        if (match := EXERCISE.match(source))
    }
    assert {find(name).exercise for name in ids()} <= labels | {""}

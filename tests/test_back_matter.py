"""Glossary and references: every word leads to its chapter, every source is cited."""

import re
from types import SimpleNamespace

import nbformat
import pytest
from conftest import ROOT

from book_ext.sources import places

CHAPTERS = ROOT / "chapters"
GLOSSARY = (CHAPTERS / "glossary.md").read_text(encoding="utf-8")
SOURCES = re.findall(
    r"^@\w+\{(\w+),", (CHAPTERS / "references.bib").read_text("utf-8"), re.MULTILINE
)


def entries(glossary):
    """Return each word of a glossary with what is said of it."""
    body = glossary.split("```{glossary}\n")[1].split("\n```")[0]
    return dict(entry.split("\n", 1) for entry in re.split(r"\n\n(?=\S)", body))


def words_of(name):
    """Return what stands in a chapter's Markdown, in small letters."""
    path = CHAPTERS / f"{name}.ipynb"
    if not path.exists():
        return ""
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(c.source for c in cells if c.cell_type == "markdown").lower()


def astray(glossary):
    """Return the words that lead to no chapter in which they stand."""
    found = []
    for word, said in entries(glossary).items():
        led_to = re.findall(r"\{doc\}`[^`<]*<(\w+)>`", said)
        parts = [part.lower() for part in word.split() if len(part) > 2]
        texts = map(words_of, led_to)
        if not any(part[:6] in text for text in texts for part in parts):
            found.append(word)
    return found


def uncited(sources, texts):
    """Return the sources that nothing cites."""
    keys = re.findall(r"\[\[([\w,-]+)\]\]\(references\.bib\)|\{cite\}`([^`]+)`", texts)
    cited = {key.strip() for pair in keys for key in "".join(pair).split(",")}
    return [source for source in sources if source not in cited]


def test_every_word_leads_to_the_chapter_that_explains_it():
    assert astray(GLOSSARY) == []


def test_every_source_is_cited():
    texts = [words_of(path.stem) for path in sorted(CHAPTERS.glob("*.ipynb"))]
    texts += [path.read_text(encoding="utf-8") for path in CHAPTERS.glob("*.md")]
    assert uncited(SOURCES, "\n".join(texts)) == []


@pytest.mark.slow
def test_every_source_says_where_it_is_cited(book):
    from bs4 import BeautifulSoup

    page = (book / "chapters" / "references.html").read_text(encoding="utf-8")
    shown = BeautifulSoup(page, "html.parser").select("div.citation")
    assert len(shown) == len(SOURCES)
    for source in shown:
        links = source.select("p.cited a")
        assert links, source.get_text()
        for link in links:
            file, place = link["href"].split("#")
            assert f'id="{place}"' in (book / "chapters" / file).read_text("utf-8")


# --- and each of these can fail ---------------------------------------------------


@pytest.mark.parametrize(
    "said", ["A word.", "See {doc}`x <98_none>`.", "See {doc}`y <15_time>`."]
)
def test_a_word_that_leads_astray_is_found(said):
    assert astray(f"```{{glossary}}\nargmax\n  {said}\n```\n") == ["argmax"]


def test_a_source_that_nothing_cites_is_found():
    texts = "[[a,b]](references.bib) and {cite}`c`"
    assert uncited(["a", "b", "c", "d"], texts) == ["d"]


def test_a_page_is_named_once_at_its_first_citation():
    refs = [
        SimpleNamespace(docname=page, citation_ref_id=place, targets=targets)
        for page, place, targets in (
            ("b", "id1", [SimpleNamespace(key="x")]),
            ("b", "id2", [SimpleNamespace(key="x")]),
            ("a", "id3", [SimpleNamespace(key="x"), SimpleNamespace(key="y")]),
        )
    ]
    domain = SimpleNamespace(citation_refs=refs)
    assert places(domain, "x") == [("a", "id3"), ("b", "id1")]
    assert places(domain, "y") == [("a", "id3")]
    assert places(domain, "z") == []

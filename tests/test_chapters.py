"""The committed notebooks, found by glob; and proof that each check can fail."""

import copy

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from tools import notebook_checks as checks
from tools import prose_numbers
from tools.refresh_notebooks import FOLDED, KERNEL, untidy

CHAPTERS = sorted((ROOT / "chapters").glob("**/*.ipynb"))
CHAPTERS = [path for path in CHAPTERS if ".ipynb_checkpoints" not in path.parts]


def test_there_are_chapters():
    assert CHAPTERS


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter(path, check):
    notebook = nbformat.read(path, as_version=4)
    assert check(notebook) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_is_as_refresh_leaves_it(path):
    assert untidy(path) == ""


def test_contents_list_the_chapters():
    assert checks.contents_differ(ROOT) == []


FOLD = {FOLDED: True}

# One good notebook, and for each check a change that it must notice.

FIGURE = {
    "image": {"alt": "A curve that rises from 0 at the left to 1 at the right."},
    "figure": {"caption": "The sigmoid never falls.", "name": "fig-sigmoid"},
}


def good():
    """A small notebook with which no check finds fault."""
    return new_notebook(
        cells=[
            new_markdown_cell("# How steep is it?\n\nYou need a derivative."),
            new_code_cell(
                "print(slope)",
                execution_count=1,
                outputs=[new_output("stream", name="stdout", text="0.24987\n")],
            ),
            new_markdown_cell("The slope is 0.25 at most."),
            new_code_cell(
                "draw(ax)",
                execution_count=2,
                metadata={"mystnb": copy.deepcopy(FIGURE), "tags": ["drawing"]},
                outputs=[
                    new_output("display_data", data={"text/plain": "<Figure size 7x3>"})
                ],
            ),
            new_markdown_cell("(ex-a)=\n### Exercise\n\n```\n# not a title\n```"),
            new_markdown_cell("#### Solution", metadata=dict(FOLD)),
            new_markdown_cell("So."),
            new_markdown_cell("## What was shown\n\nThis."),
        ],
        metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}},
    )


def result(**data):
    data = {mime.replace("_", "/"): value for mime, value in data.items()}
    return new_output("display_data", data=data)


def set_source(index, text):
    return lambda notebook: notebook.cells[index].update(source=text)


def set_alt(text):
    return lambda nb: nb.cells[3].metadata["mystnb"]["image"].update(alt=text)


def set_figure(**words):
    return lambda nb: nb.cells[3].metadata["mystnb"]["figure"].update(words)


def add_output(output):
    return lambda notebook: notebook.cells[1].outputs.append(output)


def forget_counts(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])


BROKEN = [
    (checks.counts_run_from_one, forget_counts),
    (checks.counts_run_from_one, lambda nb: nb.cells[3].update(execution_count=3)),
    (checks.outputs_are_text, add_output(result(text_plain="x", image_png="aGk="))),
    (checks.outputs_are_text, lambda nb: nb.metadata.update(widgets={})),
    (
        checks.outputs_are_text,
        lambda nb: nb.cells[0].update(attachments={"a.png": {"image/png": "aGk="}}),
    ),
    (
        checks.outputs_are_clean,
        add_output(new_output("stream", name="stderr", text="Warning")),
    ),
    (
        checks.outputs_are_clean,
        add_output(new_output("error", ename="E", evalue="", traceback=[])),
    ),
    (checks.outputs_are_clean, add_output(result(text_plain="<f at 0x7f00aa11bb22>"))),
    (checks.outputs_are_clean, add_output(result(text_plain="/home/me/book.py"))),
    (checks.kernel_is_everyones, lambda nb: nb.metadata.kernelspec.update(name="mine")),
    (
        checks.kernel_is_everyones,
        lambda nb: nb.metadata.language_info.update(version="3.11.7"),
    ),
    (checks.cells_are_short, set_source(1, "x\n" * 21)),
    (checks.cells_are_short, set_source(1, "x" * 79)),
    (checks.cells_are_short, set_source(1, " ")),
    (checks.figures_have_words, set_alt("")),
    (checks.figures_have_words, set_alt("../_build/jupyter_execute/abc.png")),
    (checks.figures_have_words, set_alt("The sigmoid never falls.")),
    (checks.figures_have_words, set_figure(caption="")),
    (checks.figures_have_words, set_figure(name="")),
    (checks.figures_have_words, lambda nb: nb.cells[3].metadata.clear()),
    (checks.figures_have_words, lambda nb: nb.cells[1].metadata.update(mystnb=FIGURE)),
    (
        checks.figures_have_words,
        lambda nb: nb.cells[3].outputs.extend(copy.deepcopy(nb.cells[3].outputs)),
    ),
    (checks.pictures_in_text_have_words, set_source(2, "![](curve.png)")),
    (checks.pictures_in_text_have_words, set_source(2, '<img src="curve.png">')),
    (checks.opens_with_question_closes_with_answer, set_source(0, "# Steepness")),
    (checks.opens_with_question_closes_with_answer, set_source(0, "How steep?")),
    (checks.opens_with_question_closes_with_answer, set_source(2, "# And this?")),
    (checks.opens_with_question_closes_with_answer, set_source(7, "## Summary")),
    (checks.opens_with_question_closes_with_answer, set_source(7, "That is all.")),
    (checks.exercises_have_solutions, set_source(4, "No exercise.")),
    (checks.exercises_have_solutions, set_source(4, "### Exercise\n\nNo label.")),
    (checks.exercises_have_solutions, set_source(5, "#### Solution\n\nSo.")),
    (checks.exercises_have_solutions, set_source(5, "So.")),
    (checks.tags_are_known, lambda nb: nb.cells[3].metadata.update(tags=["draw"])),
    (checks.tags_are_known, lambda nb: nb.cells[3].metadata.tags.append("hide-input")),
    (checks.tags_are_known, lambda nb: nb.cells[2].metadata.update(tags=["drawing"])),
    (checks.tags_are_known, lambda nb: nb.cells[1].metadata.update(tags=["drawing"])),
    (checks.exercises_have_solutions, set_source(6, "#### Solution")),
    (checks.exercises_have_solutions, set_source(6, "So.\n\n## What was shown")),
    (checks.exercises_have_solutions, set_source(7, "That is all.")),
    (checks.exercises_have_solutions, lambda nb: nb.cells[5].metadata.clear()),
    (checks.exercises_have_solutions, lambda nb: nb.cells[4].metadata.update(FOLD)),
    (checks.notebooks_show_what_pages_show, set_source(6, "```{solution-end}\n```")),
    (checks.notebooks_show_what_pages_show, set_source(4, "```{exercise}\nWhy?\n```")),
    (checks.notebooks_show_what_pages_show, set_source(2, "See {doc}`one <03>`.")),
    (checks.notebooks_show_what_pages_show, set_source(2, "See {cite}`cauchy1847`.")),
    (checks.notebooks_show_what_pages_show, set_source(2, "See {numref}`fig-a`.")),
    (checks.notebooks_show_what_pages_show, set_source(2, "See {ref}`ex-a`.")),
    (checks.notebooks_show_what_pages_show, set_source(2, "See {eq}`eq-a`.")),
    (checks.chapters_only_teach, set_source(1, "%pip install numpy")),
    (checks.chapters_only_teach, set_source(1, "x = 1\n!ls")),
    (checks.chapters_only_teach, set_source(1, "warnings.filterwarnings('ignore')")),
    (checks.chapters_only_teach, set_source(1, "plt.style.use('x')")),
    (checks.chapters_only_teach, set_source(1, "plt.rcParams['lines.width'] = 2")),
    (checks.values_are_not_hushed, set_source(1, "x = 1\nax.plot(x);\n")),
    (checks.numbers_were_printed, set_source(2, "The slope is 0.26 at most.")),
    (checks.numbers_were_printed, set_source(0, "# It?\n\nIt is 0.25.")),
    (checks.numbers_were_printed, set_figure(caption="The slope is at most 0.26.")),
    (checks.numbers_were_printed, set_alt("A curve whose slope is 0.26 at most.")),
]


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_check_finds_no_fault_with_a_good_notebook(check):
    assert check(good()) == []


@pytest.mark.parametrize(("check", "change"), BROKEN)
def test_check_notices(check, change):
    notebook = good()
    change(notebook)
    assert check(notebook)


def test_every_check_is_seen_to_fail():
    assert {check for check, _ in BROKEN} == set(checks.CHECKS)


def test_contents_check_notices(tmp_path):
    (tmp_path / "chapters").mkdir()
    for name in ("index.md", "00_a.ipynb", "01_b.ipynb"):
        (tmp_path / "chapters" / name).touch()
    toc = tmp_path / "_toc.yml"
    listed = "root: chapters/index\nchapters:\n- file: chapters/00_a\n"
    toc.write_text(listed + "- file: chapters/01_b\n")
    assert checks.contents_differ(tmp_path) == []
    toc.write_text(listed)
    assert checks.contents_differ(tmp_path) == ["chapters/01_b is not in _toc.yml"]
    toc.write_text(listed + "- file: chapters/01_b\n- file: chapters/02_c\n")
    assert "chapters/02_c, which does not exist" in checks.contents_differ(tmp_path)[0]
    toc.write_text(listed + "- file: chapters/01_b\n" * 2)
    assert checks.contents_differ(tmp_path) == ["chapters/01_b is listed twice"]


# Numbers in prose.


def page(*parts):
    """A notebook of alternating prose and (code, output) pairs."""
    cells = []
    for part in parts:
        if isinstance(part, str):
            cells.append(new_markdown_cell(part))
        else:
            source, text = part
            output = new_output("stream", name="stdout", text=text)
            cells.append(new_code_cell(source, outputs=[output]))
    return new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("0.9722", "It is 0.97."),
        ("0.9722", "It is 0.9722."),
        ("0.9722", "That is 97 % of them."),
        ("0.9722", "That is 97.2 per cent."),
        ("0.9722", r"That is $97\,\%$, or $0.97$."),
        ("97.22", "That is 97.2%."),
        ("[-0.12  0.5 ]", "It falls by 0.12, to 0.5."),
        ("-0.125", "It is −0.125."),
        ("1.3e-12", "They agree to 1.3e-12, about 1e-12."),
        ("1.3e-12", r"They agree to $1.3 \times 10^{-12}$."),
        ("1.3e-12", r"They agree to about $10^{-12}$, or 10⁻¹²."),
        ("1797", "There are 1,797 images, or 1797."),
        ("np.float64(0.25)", "It is 0.25."),
    ],
)
def test_printed_numbers_stand(output, text):
    assert prose_numbers.unsupported(page(("f()", output), text)) == []


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("0.9722", "It is 0.98."),
        ("0.9722", "It is 0.97220."),
        ("0.9", "It is 0.90."),
        ("0.9722", "That is 98 %."),
        ("1.3e-12", "They agree to 1e-13."),
        ("1.3e-12", r"They agree to $10^{-11}$."),
        ("1.3e-12", r"They agree to $2 \times 10^{-12}$."),
        ("1797", "There are 1,798 images."),
        ("float64", "There are 64.0 of them."),
        ("0.25", "- a list says 0.35"),
        ("0.25", "```{exercise}\n:label: ex\nIs it 0.35?\n```"),
        ("0.25", "## It is 0.35"),
    ],
)
def test_other_numbers_do_not(output, text):
    assert prose_numbers.unsupported(page(("f()", output), text))


@pytest.mark.parametrize(
    "text",
    [
        "Plain counts such as 3 layers or 64 inputs are not read.",
        "Nor is a year: 1986, or Python 3.11.7, or `0.35`, or {eq}`a-0.35`.",
        "Nor $$L = 0.35 (o - t)^2$$ (eq-loss)\n\nnor a link (https://doi.org/10.10/0.35).",
        "```python\nx = 0.35\n```",
        "1. first\n2. second",
        "[words](https://doi.org/10.1016/0041-5553)",
    ],
)
def test_what_is_not_a_claim_is_left_alone(text):
    assert prose_numbers.unsupported(page(text)) == []


def test_a_number_must_be_printed_above_not_below():
    assert prose_numbers.unsupported(page("It is 0.25.", ("f()", "0.25")))


def test_a_setting_may_stand_in_the_code():
    settings = ("train(learning_rate=0.5)", "")
    assert prose_numbers.unsupported(page("Take 0.5.", settings)) == []
    assert prose_numbers.unsupported(page(settings, "It was 0.5.")) == []
    assert prose_numbers.unsupported(page("Take 0.6.", settings))
    assert prose_numbers.unsupported(page("Take 0.5.", ("f()", ""), settings))


def test_a_definition_is_declared_and_used():
    assert prose_numbers.unsupported(page("<!-- given: 0.5 -->\nStart at 0.5.")) == []
    assert prose_numbers.unsupported(page("<!-- given: 0.5 -->\nStart here."))
    assert prose_numbers.unsupported(page("<!-- given: 0.5 -->\nAt 0.5.", "At 0.5."))
    notebook = good()
    set_figure(caption="Half the slope is 0.35.")(notebook)
    notebook.cells[3].metadata["given"] = ["0.35"]
    assert prose_numbers.unsupported(notebook) == []

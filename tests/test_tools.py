"""`make refresh`: what it keeps, what it drops, and what a failure leaves behind."""

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)
from traitlets.config import Config

from tools import refresh_notebooks as tool


def put(folder, name, *cells, **metadata):
    """Write a notebook as an editor might leave it, and return its path."""
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
    return path


def shown(**data):
    """A cell's output with the given mimetypes, `_` standing for `/`."""
    data = {mime.replace("_", "/"): value for mime, value in data.items()}
    return new_output("display_data", data=data, metadata={"image/png": {"width": 9}})


@pytest.mark.slow
def test_refresh_runs_and_tidies(tmp_path):
    path = put(
        tmp_path,
        "01_sum",
        new_markdown_cell("# A sum?"),
        new_code_cell("print('one')\nprint('two')", metadata={"collapsed": True}),
        new_code_cell(
            "from IPython.display import Image, Math, display\n"
            "display(Image(b'\\x89PNG\\r\\n\\x1a\\n'), Math('x'))\n1 + 1",
            execution_count=41,
            metadata={"tags": ["kept"], "execution": {"start": "now"}},
        ),
        kernelspec={"name": "mine", "display_name": "My own"},
        widgets={"state": {}},
    )
    before = tool.read(path)
    assert tool.main([], tmp_path) == 0
    after = tool.read(path)

    assert [c.id for c in after.cells] == [c.id for c in before.cells]
    assert [c.execution_count for c in after.cells[1:]] == [1, 2]
    assert after.metadata.kernelspec == tool.KERNEL
    assert set(after.metadata) == {"kernelspec", "language_info"}
    assert after.cells[1].outputs[0].text == "one\ntwo\n"
    assert after.cells[1].metadata == {}
    assert after.cells[2].metadata == {"tags": ["kept"]}
    image, formula, result = after.cells[2].outputs
    assert set(image.data) == {"text/plain"}
    assert set(formula.data) == {"text/plain", "text/latex"}
    assert result.data == {"text/plain": "2"}
    assert tool.main(["--check"], tmp_path) == 0


@pytest.mark.slow
def test_a_failure_leaves_every_notebook_as_it_was(tmp_path, capsys):
    good = put(tmp_path, "01_good", new_code_cell("1 + 1"))
    bad = put(tmp_path, "02_bad", new_code_cell("2"), new_code_cell("1 / 0"))
    before = {path: path.read_bytes() for path in (good, bad)}
    assert tool.main([], tmp_path) == 1
    said = capsys.readouterr().err
    assert "02_bad: cell [2] raised ZeroDivisionError: division by zero" in said
    assert {path: path.read_bytes() for path in (good, bad)} == before
    assert set(tmp_path.iterdir()) == {good, bad}


@pytest.mark.slow
def test_a_kernel_has_nothing_to_complain_of(tmp_path, capfd, monkeypatch):
    put(tmp_path, "01_sum", new_code_cell("1 + 1"))
    assert tool.main([], tmp_path) == 0
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(tool, "SETTINGS", Config())
    assert tool.main([], tmp_path) == 0
    assert "Kernel is running over TCP without encryption" in capfd.readouterr().err


@pytest.mark.slow
def test_only_the_named_chapter_runs(tmp_path):
    path = put(tmp_path, "01_good", new_code_cell("1 + 1"))
    put(tmp_path, "02_bad", new_code_cell("1 / 0"))
    assert tool.main(["01"], tmp_path) == 0
    assert tool.read(path).cells[0].execution_count == 1


def test_a_name_must_fit_one_chapter(tmp_path, capsys):
    put(tmp_path, "01_one")
    put(tmp_path, "01_two")
    assert [p.stem for p in tool.find(["01_two"], tmp_path)] == ["01_two"]
    assert [p.stem for p in tool.find(["01_one.ipynb"], tmp_path)] == ["01_one"]
    for name in ("01", "03"):
        assert tool.main([name], tmp_path) == 1
        assert "01_one, 01_two" in capsys.readouterr().err


def test_check_runs_nothing_and_names_the_untidy(tmp_path, capsys):
    put(tmp_path, "01_never_run", new_code_cell("1 / 0"))
    picture = shown(text_plain="<Figure size 1x1>", image_png="aGk=")
    path = put(
        tmp_path, "02_picture", new_code_cell("f", execution_count=1, outputs=[picture])
    )
    before = path.read_bytes()
    assert tool.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert "01_never_run: execution counts are [None]" in said
    assert "02_picture: not tidied" in said
    assert path.read_bytes() == before


def test_what_cannot_be_compared_is_refused():
    for output, reason in (
        (new_output("stream", name="stderr", text="Warning: no"), "wrote to stderr"),
        (shown(image_png="aGk="), "without text/plain"),
    ):
        notebook = new_notebook(cells=[new_code_cell("f", outputs=[output])])
        with pytest.raises(tool.RefreshError, match=reason):
            tool.normalise(notebook)


def test_solutions_are_folded_and_nothing_else_is():
    cells = [
        new_markdown_cell("### Exercise", metadata={tool.FOLDED: True}),
        new_markdown_cell("#### Solution", metadata={tool.FOLDED: False}),
        new_markdown_cell("#### Solution\n\nNot alone in its cell."),
    ]
    tidy = tool.normalise(new_notebook(cells=cells))
    assert [c.metadata for c in tidy.cells] == [{}, {tool.FOLDED: True}, {}]


def test_a_traceback_keeps_no_path():
    output = new_output(
        "error", ename="E", evalue="why", traceback=["File /somewhere/x.py", "E: why"]
    )
    notebook = new_notebook(cells=[new_code_cell("f", outputs=[output])])
    assert tool.normalise(notebook).cells[0].outputs[0].traceback == ["E: why"]


def test_write_keeps_the_mode_and_leaves_nothing_beside(tmp_path):
    path = put(tmp_path, "01_one")
    path.chmod(0o640)
    tool.write(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]

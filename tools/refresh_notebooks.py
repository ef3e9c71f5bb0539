"""Run the chapters in a fresh kernel and tidy them for a commit.

    python tools/refresh_notebooks.py [--check] [CHAPTER ...]

Without a name, all of them. A chapter that fails leaves every notebook as it was.
With --check nothing runs: it says which notebooks are not in the form written here.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from traitlets.config.loader import JSONFileConfigLoader

from book_ext.exercises import SOLUTION

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
SETTINGS = JSONFileConfigLoader(
    "jupyter_config.json", path=str(ROOT / "book_ext")
).load_config()
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
CELL_METADATA = ("given", "mystnb", "tags")
FOLDED = "jp-MarkdownHeadingCollapsed"


class RefreshError(Exception):
    """A chapter could not be run or written down."""


def find(names, folder=CHAPTERS):
    """Return the notebooks of `folder` that `names` begin or name; all for none."""
    paths = sorted(Path(folder).glob("*.ipynb"))
    if not names:
        return paths
    found = []
    for name in names:
        stem = Path(name).stem if str(name).endswith(".ipynb") else Path(name).name
        hits = [p for p in paths if p.stem == stem] or [
            p for p in paths if p.stem.startswith(stem)
        ]
        if len(hits) != 1:
            known = ", ".join(p.stem for p in paths)
            raise RefreshError(f"{name!r} names {len(hits)} of the chapters: {known}")
        found += hits
    return found


def execute(notebook, folder, *, timeout=600, environment=None, arguments=()):
    """Run `notebook` in place, in a fresh kernel started in `folder`.

    The kernel gets this environment (by default its parent's) and these arguments.
    """
    client = NotebookClient(
        notebook,
        kernel_name=KERNEL["name"],
        timeout=timeout,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=list(arguments),
        config=SETTINGS,
        resources={"metadata": {"path": str(folder)}},
    )
    count = 0
    start = {} if environment is None else {"env": environment}
    with client.setup_kernel(**start):
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            count += 1
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                reason = f"{error.ename}: {error.evalue}"
                raise RefreshError(f"cell [{count}] raised {reason}") from error
            except (CellTimeoutError, DeadKernelError) as error:
                raise RefreshError(f"cell [{count}]: {error}") from error


def normalise(notebook):
    """Leave in `notebook` only what the book commits, and return it.

    Text and LaTeX outputs, cell ids, tags and figure texts stay. Images, widgets,
    timings, the machine's versions and the paths in tracebacks go. Solutions are
    folded, and nothing else is.
    """
    notebook = nbformat.v4.upgrade(notebook)
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": LANGUAGE}
    )
    count = 0
    for cell in notebook.cells:
        kept = {k: v for k, v in cell.metadata.items() if k in CELL_METADATA}
        if cell.cell_type == "markdown" and cell.source.strip() == SOLUTION:
            kept[FOLDED] = True
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            count += 1
            cell.outputs = [_text_of(output, count) for output in cell.outputs]
    return notebook


def _text_of(output, count):
    if output.output_type == "stream" and output.name == "stderr":
        raise RefreshError(f"cell [{count}] wrote to stderr: {output.text.strip()}")
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if output.output_type in ("display_data", "execute_result"):
        data = {k: v for k, v in output.data.items() if k.startswith("text/")}
        if "text/plain" not in data:
            raise RefreshError(f"cell [{count}] shows something without text/plain")
        output.data = nbformat.from_dict(data)
        output.metadata = nbformat.from_dict({})
    return output


def dumps(notebook):
    """Return `notebook` as the text of its file."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def read(path):
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


def write(path, text):
    """Replace `path` by `text` in one step."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False
    ) as file:
        file.write(text)
    os.chmod(file.name, path.stat().st_mode & 0o777)
    os.replace(file.name, path)


def untidy(path):
    """Return what keeps `path` from being in committed form, or an empty string."""
    notebook = read(path)
    counts = [c.execution_count for c in notebook.cells if c.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        return f"execution counts are {counts}"
    try:
        text = dumps(normalise(notebook))
    except RefreshError as error:
        return str(error)
    return "" if text == path.read_text(encoding="utf-8") else "not tidied"


def check(paths):
    """Print which of `paths` are not in committed form; return how many."""
    complaints = {path: untidy(path) for path in paths}
    for path, complaint in complaints.items():
        if complaint:
            print(f"{path.stem}: {complaint}; run `make refresh`", file=sys.stderr)
    return sum(map(bool, complaints.values()))


def refresh(paths):
    """Run all of `paths`, and only then write them."""
    texts = {}
    for path in paths:
        print(f"{path.stem} ...", flush=True)
        notebook = read(path)
        try:
            execute(notebook, path.parent)
            texts[path] = dumps(normalise(notebook))
        except RefreshError as error:
            raise RefreshError(f"{path.stem}: {error}") from error
    for path, text in texts.items():
        if text != path.read_text(encoding="utf-8"):
            write(path, text)
            print(f"{path.stem} written")


def main(argv=None, folder=CHAPTERS):
    """Refresh or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="run and write nothing")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    arguments = parser.parse_args(argv)
    try:
        paths = find(arguments.chapters, folder)
        if arguments.check:
            return int(check(paths) > 0)
        refresh(paths)
    except RefreshError as error:
        print(f"{error}\nNo notebook was changed.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

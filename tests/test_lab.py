"""The chapters as `make lab` shows them: nothing raw, solutions folded, no question."""

import os
import re
import shutil
import signal
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_markdown_cell, new_notebook
from test_sliders_lab import free_port, wait_for

from book_ext.exercises import SOLUTION
from tools.refresh_notebooks import FOLDED, KERNEL

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))

# A kind of markup: role, directive, option, label, display, table, exercise, solution.
KIND = re.compile(
    r"\{[\w:-]+\}(?=`)|^```\{[\w-]+\}|^:\w+:|^\(\w+(?=-)|^\$\$|^\||^####? \w+",
    re.MULTILINE,
)

# What Markdown leaves behind where it was not understood, and what was not found.
RAW = re.compile(
    r"\{[\w:-]+\}`|\{(?:exercise|solution)|^ *:label:|^\([\w-]+\)=|\$|<!--|NOT FOUND",
    re.MULTILINE,
)
BAD = {
    "fence": ("```\n:label: it\nWhy?\n```", ":label:"),
    "dollar": (r"It costs \$5.", "$"),
    "label": ("Here\n:label: it", ":label:"),
    "source": ("See {cite}`cauchy1847`.", "NOT FOUND"),
    "equation": ("See {eq}`elsewhere`.", "NOT FOUND"),
}
OPEN = """async path => {
  await jupyterapp.restored;
  window.panel?.dispose();
  window.panel = await jupyterapp.commands.execute("docmanager:open", {
    path, factory: "Notebook",
    kernelPreference: {shouldStart: false, canStart: false, autoStartDefault: false},
  });
  await panel.revealed;
  window.cells = panel.content.widgets;
  window.texts = cells.filter(cell => cell.model.type === "markdown");
}"""
# Each Markdown cell's words, without formulas and what code says, once all are drawn;
# the first place is JupyterLab's own, the second that of its MyST.
OUTPUT = ":is(.jp-MarkdownOutput, .jp-InputArea > .myst)"
RENDERED = f"""() => texts.every(cell => cell.headingsResolved
  && !cell.node.querySelector(".jp-InputArea-editor")?.checkVisibility()
  && cell.node.querySelector("{OUTPUT}")?.textContent.trim())"""
READ = """output => texts.map(cell => {
  const shown = cell.node.querySelector(output).cloneNode(true);
  for (const lost of shown.querySelectorAll(".text-yellow-600, .text-red-600"))
    lost.append("NOT FOUND");
  for (const formula of shown.querySelectorAll(".katex, mjx-container"))
    formula.remove();
  for (const code of shown.querySelectorAll(":not(pre) > code"))
    code.textContent = "`code`";
  return shown.textContent;
})"""
# Of each solution: is it folded, and is the cell below it out of sight?
FOLDS = """() => cells.flatMap((cell, at) =>
  cell.model.sharedModel.getSource().trim() === "#### Solution"
    ? [[cell.headingCollapsed, cells[at + 1].isHidden]] : [])"""


@pytest.fixture(scope="module")
def page(tmp_path_factory, browser):
    """A page of the JupyterLab that `make lab` starts, on a copy of the chapters."""
    home = tmp_path_factory.mktemp("home")
    folder = shutil.copytree(ROOT / "chapters", home / "chapters")
    cells = [new_markdown_cell(text) for text, _ in BAD.values()]
    nbformat.write(
        new_notebook(cells=cells, metadata={"kernelspec": KERNEL}),
        folder / "bad.ipynb",
    )
    port = free_port()
    options = (
        f"--no-browser --allow-root --ServerApp.ip=127.0.0.1 --ServerApp.port={port}"
        f" --ServerApp.port_retries=0 --ServerApp.root_dir={folder}"
        " --IdentityProvider.token= --LabApp.expose_app_in_browser=True"
    )
    own = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    places = {f"JUPYTER_{name}": str(home / name.lower()) for name in own}
    log = home / "log"
    with open(log, "w") as file:
        server = subprocess.Popen(
            ["bash", "-c", command(options)],
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=os.environ | places,
            start_new_session=True,
        )
    # Small, for a browser that draws in software; what is hidden is read all the same.
    context = browser.new_context(viewport={"width": 800, "height": 300})
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api/status", server, log)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{address}/lab?reset")
        page.wait_for_function("window.jupyterapp?.restored !== undefined")
        yield page
    finally:
        context.close()
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def kinds(path):
    cells = nbformat.read(path, as_version=4).cells
    texts = (cell.source for cell in cells if cell.cell_type == "markdown")
    return {kind for text in texts for kind in KIND.findall(text)}


def cover(paths):
    """Return few of the chapters, which together show every kind of markup."""
    left = set.union(*map(kinds, paths))
    while left:
        best = max(paths, key=lambda path: (len(left & kinds(path)), path.stem))
        left -= kinds(best)
        yield best


def command(options):
    """Return the line with which `make lab` starts, for this Python."""
    said = subprocess.run(
        ["make", "--dry-run", "--assume-old=.venv/.ready", "lab", f"LAB={options}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    ours = ".venv/bin/jupyter lab chapters "
    assert said.count(ours) == 1, said
    return said.replace(ours, f"{sys.executable} -m jupyterlab ")


def read(page, name):
    """Open a notebook without a kernel; return what its Markdown cells say."""
    page.evaluate(OPEN, f"{name}.ipynb")
    page.wait_for_function(RENDERED, polling=200)
    return page.evaluate(READ, OUTPUT)


def test_what_is_raw_would_be_seen(page):
    texts = read(page, "bad")
    for said, (_, raw) in zip(texts, BAD.values(), strict=True):
        assert raw in RAW.findall(said), said


# JupyterLab draws all of a notebook anew for each cell that it renders: few are enough.
@pytest.mark.parametrize("path", [*cover(CHAPTERS)], ids=lambda path: path.stem)
def test_a_chapter_is_rendered_and_its_solutions_are_folded(page, path):
    cells = nbformat.read(path, as_version=4).cells
    texts = read(page, path.stem)
    assert len(texts) == sum(cell.cell_type == "markdown" for cell in cells)
    assert [raw for said in texts for raw in RAW.findall(said)] == []
    solutions = [c for c in cells if c.source.strip() == SOLUTION]
    assert page.evaluate(FOLDS) == [[True, True]] * len(solutions)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_solutions_are_saved_folded(path):
    cells = nbformat.read(path, as_version=4).cells
    solutions = [c for c in cells if c.source.strip() == SOLUTION]
    assert all(cell.metadata.get(FOLDED) for cell in solutions)


def test_a_solution_opens_by_a_click_and_no_other_does(page):
    read(page, CHAPTERS[0].stem)
    page.locator(".jp-Notebook:visible .jp-showHiddenCellsButton").first.click()
    first, *others = page.evaluate(FOLDS)
    assert first == [False, False]
    assert others
    assert set(map(tuple, others)) == {(True, True)}


def test_nothing_is_asked_about_news(page):
    setting = page.evaluate(
        """async () => (await jupyterapp.serviceManager.settings.fetch(
          "@jupyterlab/apputils-extension:notification"
        )).schema.properties.fetchNews.default"""
    )
    assert setting == "false"
    assert page.get_by_text("Jupyter news").count() == 0

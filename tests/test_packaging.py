"""What is shipped: one version, true requirements, a wheel that runs the book."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import _lock
import pytest
import yaml
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import backprop_lib
from tools import shake
from tools.refresh_notebooks import find

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text("utf-8"))


# --- one version, one title, one set of authors -------------------------------------


def test_version_title_and_authors_stand_the_same_everywhere():
    assert "version" in PROJECT["dynamic"]
    assert CITATION["version"] == backprop_lib.__version__
    assert CITATION["title"] == CONFIG["title"]
    authors = [author["name"] for author in PROJECT["authors"]]
    assert [author["name"] for author in CITATION["authors"]] == authors
    assert CONFIG["author"] == " and ".join(authors)
    assert f"{CONFIG['copyright']}, {CONFIG['author']}\n" in (
        (ROOT / "LICENSE").read_text("utf-8")
    )


# --- requirements -------------------------------------------------------------------


REQUIRED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["book"]
NAMES = {canonicalize_name(Requirement(line).name) for line in REQUIRED}
LOCK = _lock.read((ROOT / "requirements.txt").read_text("utf-8"))
PINNED = {name: pin.version for name, pin in LOCK.items()}
OLDEST = {
    name: pin.version
    for name, pin in _lock.read(
        (ROOT / "tests" / "requirements-oldest.txt").read_text("utf-8")
    ).items()
}


def apart(required, oldest):
    """Yield a sentence for each requirement whose lower bound is not what is tested."""
    for requirement in map(Requirement, required):
        tested = oldest.get(canonicalize_name(requirement.name), "nothing")
        bound = str(requirement.specifier).removeprefix(">=")
        if tested == "nothing" or Version(tested) != Version(bound):
            yield f"{requirement} is tested with {tested}"


def test_the_lower_bounds_are_the_oldest_versions_that_are_tested():
    assert list(apart(REQUIRED, OLDEST)) == []


@pytest.mark.parametrize(
    ("required", "said"),
    [
        ("numpy>=1.25", "numpy>=1.25 is tested with 1.26.0"),
        ("numpy>=1.26.1", "numpy>=1.26.1 is tested with 1.26.0"),
        ("scipy>=1.11", "scipy>=1.11 is tested with nothing"),
    ],
)
def test_a_bound_that_is_not_tested_is_found(required, said):
    assert list(apart([required], {"numpy": "1.26.0"})) == [said]


def test_the_pins_are_among_what_is_admitted():
    for requirement in map(Requirement, REQUIRED):
        assert PINNED[canonicalize_name(requirement.name)] in requirement.specifier


def imported(source):
    """Return the packages, not of the standard library, that code imports."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module for n in nodes if isinstance(n, ast.ImportFrom) and not n.level}
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names


OWN_FOLDERS = ["backprop_lib", "benchmarks", "book_ext", "tests", "tools"]
FILES = {folder: sorted((ROOT / folder).rglob("*.py")) for folder in OWN_FOLDERS}
OURS = {*OWN_FOLDERS, *(path.stem for path in FILES["tests"])}


def distributions(sources, without=frozenset()):
    """Return the names under which an index knows what these sources import."""
    known = packages_distributions()
    found = {package for source in sources for package in imported(source)}
    return {
        canonicalize_name(distribution)
        for package in found - OURS - without
        for distribution in known[package]
    }


def code_of(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


CHAPTERS = find([])
IN_CHAPTERS = [source for path in CHAPTERS for source in code_of(path)]
IN_FILES = {f: [p.read_text("utf-8") for p in FILES[f]] for f in OWN_FOLDERS}
IN_LIBRARY = IN_FILES["backprop_lib"]
ASKED = _lock.named((ROOT / "requirements.in").read_text("utf-8").splitlines())
PEERS = set(
    _lock.named((ROOT / "benchmarks/requirements.txt").read_text("utf-8").splitlines())
)


def test_what_the_chapters_import_is_required():
    assert distributions(IN_CHAPTERS) - NAMES == set()


def test_what_the_library_imports_is_required_or_brought():
    lines = [line for name in NAMES for line in requires(name) or []]
    brought = {canonicalize_name(Requirement(line).name) for line in lines}
    assert distributions(IN_LIBRARY) - NAMES - brought == set()


def test_nothing_is_required_in_vain():
    used = distributions(IN_CHAPTERS + IN_LIBRARY)
    assert NAMES - used == {"ipykernel"}  # which runs the chapters


@pytest.mark.parametrize("folder", OWN_FOLDERS)
def test_what_is_imported_here_is_asked_for_by_name(folder):
    found = {package for source in IN_FILES[folder] for package in imported(source)}
    # The peers of the benchmarks have pins and an environment of their own.
    without = PEERS if folder == "benchmarks" else set()
    absent = found - OURS - without - packages_distributions().keys()
    if absent:  # as in `make oldest`, where no book is built
        pytest.skip(f"not installed here: {', '.join(sorted(absent))}")
    assert distributions(IN_FILES[folder], without) - ASKED.keys() == set()


def test_what_the_chapters_need_is_asked_for_by_name():
    assert NAMES | distributions(IN_CHAPTERS) <= ASKED.keys()


def test_imports_are_found_wherever_they_stand():
    source = "import os, sklearn.svm as s\ndef f():\n    from autograd import grad"
    assert distributions([source, "from . import a"]) == {"scikit-learn", "autograd"}


# --- the wheel, in an environment of a reader's -------------------------------------


def require_index(code, said):
    """Without a package index skip, but fail in CI."""
    if code:
        reason = f"no package index to install the wheel's requirements from: {said}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_no_index_fails_in_ci_and_skips_elsewhere(monkeypatch, tmp_path, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(outcome, match="no package index"):
        require_index(*fetch_one(tmp_path))


def run(*command, folder):
    """Run a command in a folder, with nothing of this repository on its path."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout + done.stderr


def pinned(folder):
    """Return pip's words for: nothing but the pinned versions."""
    path = folder / "constraints.txt"
    path.write_text(_lock.constraints(LOCK), "utf-8")
    return ("--constraint", path)


def fetch_one(folder):
    """Ask the index for one small requirement; return pip's code and words."""
    ask = ("pip", "--retries", "1", "download", "--quiet", "--no-deps")
    return run(sys.executable, "-m", *ask, *pinned(folder), "tqdm", folder=folder)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from this folder."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", ROOT)
    code, said = run(sys.executable, "-m", *build, folder=folder)
    assert code == 0, said
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def reader(wheel, tmp_path_factory):
    """A bare environment in which the wheel and its extra are installed."""
    folder = tmp_path_factory.mktemp("reader")
    require_index(*fetch_one(folder))
    code, said = run(sys.executable, "-m", "venv", "env", folder=folder)
    assert code == 0, said
    python = folder / "env" / "bin" / "python"
    install = (python, "-m", "pip", "install", "--quiet", *pinned(folder))
    code, said = run(*install, f"{wheel}[book]", folder=folder)
    assert code == 0, said
    kernel = (python, "-m", "ipykernel", "install", "--prefix", ".")
    code, said = run(*kernel, folder=folder)
    assert code == 0, said
    return folder


@pytest.fixture
def outside(reader, monkeypatch):
    """Run kernels in the reader's environment, and without the repository."""
    monkeypatch.setenv("JUPYTER_PATH", str(reader / "share" / "jupyter"))
    return shake.Setting("wheel", {"PYTHONPATH": ""})


@pytest.mark.slow
def test_the_wheel_has_the_librarys_version(wheel):
    name, version, *_ = wheel.stem.split("-")
    assert (name, version) == ("backprop_lib", backprop_lib.__version__)


@pytest.mark.slow
def test_the_library_comes_from_the_wheel(reader, outside, tmp_path):
    code = "import backprop_lib, sys\nprint(sys.path, backprop_lib.__file__)"
    notebook = new_notebook(cells=[new_code_cell(code)])
    outside.run(notebook, tmp_path)
    said = notebook.cells[0].outputs[0].text
    assert said.strip().endswith("site-packages/backprop_lib/__init__.py")
    assert str(ROOT) not in said
    assert Path(said.split()[-1]).is_relative_to(reader / "env")


@pytest.mark.slow
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_wheel_runs_the_chapters(path, outside, tmp_path):
    for measured in path.parent.glob("*.json"):  # which the page on speed reads
        shutil.copy(measured, tmp_path)
    alone = shutil.copy(path, tmp_path)
    found = shake.changes(Path(alone), outside)
    assert not found, "\n".join(found)


# --- the workflow -------------------------------------------------------------------


def test_three_pythons_the_oldest_versions_and_the_lock_are_tested():
    jobs = WORKFLOW["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == ">=3.11"
    steps = {name: [s.get("run") for s in jobs[name]["steps"]] for name in jobs}
    assert "make test" in steps["test"]
    assert "make oldest" in steps["oldest"]
    assert steps["lock"][1] == "make lock"
    assert steps["lock"][2].endswith("diff --exit-code")
    assert set(jobs["build"]["needs"]) == {"test", "oldest", "lock"}
    for name in ("test", "oldest"):
        assert all(s["env"]["CI"] for s in jobs[name]["steps"] if "make" in str(s))


def test_a_pull_request_runs_once_and_main_is_not_cut_off():
    events = WORKFLOW[True]  # "on", as YAML 1.1 reads it
    assert events.keys() == {"push", "pull_request", "schedule"}
    assert events["push"] == {"branches": ["main"]}
    assert events["pull_request"] is None
    # A group of its own for each run that is not of a pull request: nothing cancels it.
    group = WORKFLOW["concurrency"]["group"]
    assert "github.event_name == 'pull_request' && github.ref || github.run_id" in group
    publish = WORKFLOW["jobs"]["publish"]["concurrency"]
    assert publish == {"group": "pages", "cancel-in-progress": False}


def test_main_is_tested_once_a_week():
    (event,) = WORKFLOW[True]["schedule"]
    minute, hour, day, month, weekday = event["cron"].split()
    assert (day, month) == ("*", "*")
    assert all(part.isdigit() for part in (minute, hour, weekday))
    # What a schedule starts is not published.
    assert "github.event_name == 'push'" in WORKFLOW["jobs"]["build"]["if"]


def moving(text):
    """Return the actions of a workflow that are named by what may move: no commit."""
    used = re.findall(r"uses: *(\S+)(.*)", text)
    commit, version = r"[\w./-]+@[0-9a-f]{40}", r" # v\d+\.\d+\.\d+"
    return [
        name
        for name, comment in used
        if not (re.fullmatch(commit, name) and re.fullmatch(version, comment))
    ]


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_named_by_a_commit_and_its_version(path):
    text = path.read_text("utf-8")
    assert "uses:" in text
    assert moving(text) == []


@pytest.mark.parametrize(
    ("line", "stands"),
    [
        (f"  - uses: actions/checkout@{40 * 'a'} # v4.3.1", True),
        (f"  - uses: actions/checkout@{40 * 'a'}", False),
        ("  - uses: actions/checkout@v4", False),
        ("  - uses: actions/checkout@main # v4.3.1", False),
        (f"  - uses: actions/checkout@{39 * 'a'} # v4.3.1", False),
    ],
)
def test_an_action_that_may_move_is_found(line, stands):
    assert (moving(f"{line}\n") == []) == stands

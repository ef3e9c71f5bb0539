"""What the repository asks of its hooks, its bots and those who write to it."""

import datetime
import re

import _lock
import pytest
import yaml
from conftest import ROOT
from packaging.version import Version

import backprop_lib

PINS = _lock.read((ROOT / "requirements.txt").read_text("utf-8"))


def settings(name):
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


# --- hooks --------------------------------------------------------------------------


def hooks(config):
    """Yield (repository, revision, hook) for every hook of a pre-commit file."""
    for repository in config["repos"]:
        for hook in repository["hooks"]:
            yield repository["repo"], repository.get("rev"), hook


def unlike_the_pins(config, pins):
    """Yield a sentence for each hook whose version is not the pinned one."""
    for repository, revision, hook in hooks(config):
        if repository != "local":
            tool = repository.rsplit("/", 1)[-1].removesuffix("-pre-commit")
            pinned = pins[tool].version if tool in pins else "nothing"
            if revision != f"v{pinned}":
                yield f"{hook['id']} is {revision}, the pin of {tool} is {pinned}"


def test_the_hooks_are_those_of_make_check_in_the_pinned_versions():
    config = settings(".pre-commit-config.yaml")
    found = {hook["id"] for _, _, hook in hooks(config)}
    assert found == {"ruff-check", "ruff-format", "tidy-notebooks"}
    assert list(unlike_the_pins(config, PINS)) == []


@pytest.mark.parametrize(
    ("repository", "revision", "said"),
    [
        ("https://a.b/ruff-pre-commit", "v0.1.0", "x is v0.1.0, the pin of ruff is"),
        ("https://a.b/ruff-pre-commit", "main", "x is main, the pin of ruff is"),
        ("https://a.b/black", "v26.1", "x is v26.1, the pin of black is nothing"),
    ],
)
def test_a_hook_of_another_version_is_found(repository, revision, said):
    config = {"repos": [{"repo": repository, "rev": revision, "hooks": [{"id": "x"}]}]}
    (found,) = unlike_the_pins(config, PINS)
    assert found.startswith(said)


@pytest.mark.parametrize("target", ["check", "test"])
def test_make_asks_of_style_what_the_hooks_ask(target):
    recipes = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", recipes, re.MULTILINE)[1]
    assert "$(BIN)/ruff check .\n" in recipe
    assert "$(BIN)/ruff format --check .\n" in recipe


def test_the_notebooks_hook_runs_what_is_there_and_for_every_chapter():
    hook = {h["id"]: h for *_, h in hooks(settings(".pre-commit-config.yaml"))}
    python, tool, option = hook["tidy-notebooks"]["entry"].split()
    assert python == ".venv/bin/python"
    assert f'"{option}"' in (ROOT / tool).read_text("utf-8")
    for path in sorted(ROOT.glob("*/*.ipynb")):
        name = path.relative_to(ROOT).as_posix()
        assert re.search(hook["tidy-notebooks"]["files"], name)


# --- updates ------------------------------------------------------------------------


def test_pins_hooks_and_actions_are_updated_weekly_each_in_one_group():
    config = settings(".github/dependabot.yml")
    assert config["version"] == 2
    updates = {update["package-ecosystem"]: update for update in config["updates"]}
    assert updates.keys() == {"uv", "pre-commit", "github-actions"}
    for update in updates.values():
        assert update["directory"] == "/"
        together = update.get("multi-ecosystem-group")
        group = config["multi-ecosystem-groups"][together] if together else update
        assert group["schedule"] == {"interval": "weekly"}
        grouped = [update] if together else [*update["groups"].values()]
        assert [each["patterns"] for each in grouped] == [["*"]]
    # The hooks' ruff is the pinned one, so that neither is renewed alone.
    assert updates["uv"]["multi-ecosystem-group"] == "pins"
    assert updates["pre-commit"]["multi-ecosystem-group"] == "pins"


# --- what changed -------------------------------------------------------------------

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def misformed(text, version):
    """Yield what keeps a text from being the changelog of a library at `version`."""
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    parts = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\S+)", h) for h in headings]
    for heading, part in zip(headings, parts):
        if not part:
            yield f"no version and date: {heading}"
        elif part[2] != "unreleased" or heading != headings[0]:
            try:
                datetime.date.fromisoformat(part[2])
            except ValueError:
                yield f"no date: {heading}"
    versions = [Version(part[1]) for part in parts if part]
    if versions != sorted(set(versions), reverse=True):
        yield "the newest version does not come first"
    if versions[:1] != [Version(version)]:
        yield f"nothing is said of {version}"
    for kind, below in re.findall(r"^### (.*)\n((?:(?!#).*\n?)*)", text, re.MULTILINE):
        if kind not in KINDS:
            yield f"no kind of change: {kind}"
        if not re.match(r"\n- \S", below):
            yield f"nothing stands under {kind}"


def test_the_changelog_says_what_this_version_brings():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "### Added" in text
    assert list(misformed(text, backprop_lib.__version__)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## [1.1.0] - 2026-01-02\n### Fixed\n\n- a\n## [1.0.0] - 2025-12-31\n", None),
        ("## [1.1.0] - unreleased\n### Added\n\n- a\n", None),
        ("## [1.0.0] - 2026-01-02\n", "nothing is said of 1.1.0"),
        ("", "nothing is said of 1.1.0"),
        ("## [1.1.0] - soon\n", "no date: [1.1.0] - soon"),
        ("## 1.1.0\n", "no version and date: 1.1.0"),
        ("## [1.1.0] - 2026-13-02\n", "no date: [1.1.0] - 2026-13-02"),
        ("## [1.1.0] - 2026-01-02\n## [1.0.0] - unreleased\n", "no date: [1.0.0]"),
        ("## [1.1.0] - 2026-01-02\n## [1.2.0] - 2026-01-03\n", "the newest version"),
        ("## [1.1.0] - unreleased\n### News\n\n- a\n", "no kind of change: News"),
        ("## [1.1.0] - unreleased\n### Added\n\n### Fixed\n\n- a\n", "nothing stands"),
    ],
)
def test_a_fault_of_a_changelog_is_found(text, said):
    found = list(misformed(text, "1.1.0"))
    assert found == [] if said is None else any(f.startswith(said) for f in found)


# --- forms --------------------------------------------------------------------------

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
# What GitHub asks of an element of each type, beside its type.
ASKED = {
    "markdown": {"value"},
    "input": {"label"},
    "textarea": {"label"},
    "dropdown": {"label", "options"},
    "checkboxes": {"label", "options"},
}


def refused(form):
    """Yield why GitHub would not show a form: what it asks for by its schema."""
    for key in ("name", "description"):
        if not isinstance(form.get(key), str) or not form[key].strip():
            yield f"no {key}"
    body = form.get("body") or []
    if all(element.get("type") == "markdown" for element in body):
        yield "nothing to fill in"
    for element in body:
        kind = element.get("type")
        attributes = element.get("attributes", {})
        missing = ASKED.get(kind, {"a known type"}) - attributes.keys()
        yield from (f"{kind} has no {key}" for key in sorted(missing))
        options = attributes.get("options", ["one"])
        if not options or len(set(map(str, options))) < len(options):
            yield f"{kind} has no options, or one twice"
        if not re.fullmatch(r"[\w-]+", element.get("id", "none")):
            yield f"{element['id']} is no id"
    for what in ("id", "label"):
        named = [{**e, **e.get("attributes", {})}.get(what) for e in body]
        twice = {name for name in named if name and named.count(name) > 1}
        yield from (f"{what} twice: {name}" for name in sorted(twice))
    unknown = form.keys() - {"name", "description", "title", "labels", "body"}
    yield from (f"{key} is not asked for" for key in sorted(unknown))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_shows(path):
    assert list(refused(settings(path))) == []


def test_there_is_a_form_for_a_reader_and_one_for_a_contributor():
    titles = {path.stem: settings(path).get("title", "") for path in FORMS}
    assert titles.keys() == {"reader", "contributor"}
    assert titles["reader"].startswith("An error in chapter NN")


FIELD = {"type": "input", "id": "a", "attributes": {"label": "A"}}
CHOICE = {"type": "dropdown", "attributes": {"label": "B", "options": ["x", "y"]}}
FORM = {"name": "n", "description": "d", "body": [FIELD, CHOICE]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"name": " "}, "no name"),
        ({"description": True}, "no description"),
        ({"body": []}, "nothing to fill in"),
        ({"body": [{"type": "markdown", "attributes": {}}]}, "nothing to fill in"),
        ({"body": [FIELD | {"type": "text"}]}, "text has no a known type"),
        ({"body": [FIELD | {"attributes": {}}]}, "input has no label"),
        ({"body": [FIELD | {"type": "dropdown"}]}, "dropdown has no options"),
        ({"body": [FIELD | {"id": "a b"}]}, "a b is no id"),
        ({"body": [FIELD, FIELD]}, "id twice: a"),
        ({"body": [FIELD, FIELD | {"id": "b"}]}, "label twice: A"),
        ({"on": "push"}, "on is not asked for"),
    ],
)
def test_what_github_refuses_is_found(change, said):
    found = list(refused(FORM | change))
    assert found == [] if said is None else said in found

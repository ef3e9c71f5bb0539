"""What the repository asks of its hooks, its bots and those who write to it."""

import re

import _lock
import pytest
import yaml
from conftest import ROOT

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

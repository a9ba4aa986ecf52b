"""The documents tell about everything there is, and only that."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.docs_tables import PAGE, sections, tables, written
from voicebot.cli import main
from voicebot.dialogue.flow_file import FlowFile
from voicebot.dialogue.schema import STEP_MODELS, Step

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md"), *(ROOT / "deploy").glob("*.md")])


def test_every_setting_says_what_it_means() -> None:
    unsaid = [row.name for _, _, rows in sections() for row in rows if not row.meaning]
    assert not unsaid, "not in the docstring of its options class"


def test_the_tables_of_settings_are_up_to_date() -> None:
    _, inside, _ = written(PAGE.read_text(encoding="utf-8"))
    assert inside == tables(), "run: python -m tests.docs_tables"


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_every_command_and_option_is_described() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    missing = []
    for path, command in commands(main, "voicebot"):
        _, found, rest = text.partition(f"**`{path}`**")
        if not found:
            missing.append(path)
            continue
        said = re.split(r"\*\*`voicebot", rest)[0]
        options = [o.opts[-1] for o in command.params if isinstance(o, click.Option) and not o.hidden]
        missing += [f"{path} {option}" for option in options if f"`{option}`" not in said]
    assert not missing


def test_every_described_command_exists() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    known = {path for path, _ in commands(main, "voicebot")}
    assert set(re.findall(r"\*\*`(voicebot [^`]*)`\*\*", text)) <= known


@pytest.mark.parametrize("kind", STEP_MODELS)
def test_every_step_kind_and_its_fields_are_described(kind: str) -> None:
    text = (DOCS / "flows.md").read_text(encoding="utf-8")
    _, found, rest = text.partition(f"### `{kind}`\n")
    assert found, f"step kind {kind} has no section"
    section = rest.partition("\n### ")[0]
    fields = set(STEP_MODELS[kind].model_fields) - set(Step.model_fields) - {"kind"}
    assert not {field for field in fields if f"`{field}" not in section}


def test_every_key_of_a_flow_file_is_described() -> None:
    text = (DOCS / "flows.md").read_text(encoding="utf-8")
    assert not {field for field in FlowFile.model_fields if f"`{field}`" not in text}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert not [link for link in local if not (page.parent / link).exists()]

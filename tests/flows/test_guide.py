"""The administrators' guide, done as it says: what it has the reader write is checked, tested and called."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from tests.flows.caller import TICKET, Caller, catalogue, meaning, shipped_texts
from voicebot.adapters.files.content import read_texts
from voicebot.cli import main
from voicebot.core.problem import ContentError
from voicebot.dialogue import Flows, load_flows
from voicebot.dialogue.schema import STEP_MODELS

ROOT = Path(__file__).parents[2]
GUIDE: Final = (ROOT / "docs/flows.zh.md").read_text(encoding="utf-8")
FILES: Final = dict(re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", GUIDE, re.S))
ADDED: Final = re.findall(r'<!-- add: (\S+), below "(.+?)" -->\n```yaml\n(.*?)```', GUIDE, re.S)
MISTAKES: Final = re.findall(r"^\| `(.+?)` \| `(.*?)` \| (\S.*?) \|$", GUIDE, re.M)
FLOW, TESTS = "ivr_flows/move_car.yaml", "ivr_flows/move_car.test.yaml"
LINKS: Final = [link for link in re.findall(r"\]\(([^)#]+)", GUIDE) if "://" not in link]


def with_the_service(flow: str, targets: tuple[str, ...] | None = None) -> Flows:
    return load_flows({**shipped_texts(), FLOW: flow}, replace(catalogue(), notify_targets=targets))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content folder as the reader has it in the end."""
    root = tmp_path_factory.mktemp("city")
    for path, text in {**read_texts(ROOT), **FILES}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def test_the_guide_has_what_the_reader_writes() -> None:
    assert set(FILES) == {FLOW, TESTS}
    assert len(ADDED) == 1
    assert len(MISTAKES) >= 8
    assert all((ROOT / "docs" / link).exists() for link in LINKS)


def test_the_new_service_is_without_mistakes(city: Path) -> None:
    result = CliRunner().invoke(main, ["flow", "check", str(city)])
    assert result.exit_code == 0, result.output
    assert "0 个错误，0 个警告" in result.output


def test_its_test_calls_say_what_the_guide_says(city: Path) -> None:
    result = CliRunner().invoke(main, ["flow", "test", "--flow", "move_car", str(city)])
    assert result.exit_code == 0, result.output
    for line in re.findall(r"`(move_car .*?|\d+ 通试打：.*?)`", GUIDE):
        assert line in result.output


@pytest.mark.parametrize(("right", "wrong", "message"), MISTAKES)
def test_each_mistake_is_told_as_the_guide_says(right: str, wrong: str, message: str) -> None:
    assert right in FILES[FLOW]
    with pytest.raises(ContentError) as refused:
        with_the_service(FILES[FLOW].replace(right, wrong, 1))
    assert message in str(refused.value)


def test_callers_are_brought_there_by_what_they_say() -> None:
    call = Caller(with_the_service(FILES[FLOW])).says("有辆车挡住我家车库了", meaning(TICKET))
    assert call.state.flow == "move_car"
    assert "车牌号" in call.said


def test_a_message_can_be_added() -> None:
    [(path, line, step)] = ADDED
    assert path == FLOW
    flow = FILES[FLOW].replace(f"{line}\n", f"{line}\n{step}\n", 1)
    told = flow.replace("我们马上联系车主。\n    next: done", "我们马上联系车主。\n    next: tell")
    assert told != flow
    assert not with_the_service(told, ("值班短信",)).warnings
    with pytest.raises(ContentError, match="没有通知对象「值班短信」"):
        with_the_service(told, ("短信",))


def test_the_buttons_of_the_guide_are_on_the_page() -> None:
    steps = GUIDE[GUIDE.index("## 第 1 步") : GUIDE.index("## 再进一步")]
    page = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "voicebot/web/flows").glob("*.py"))
    buttons = set(re.findall(r"\*\*(.+?)\*\*", steps)) - {"节点", "警告"}
    assert len(buttons) > 10
    assert not [words for words in buttons if f'"{words}"' not in page]


def test_the_guide_names_every_kind_of_step() -> None:
    table = GUIDE[GUIDE.index("## 有哪些步骤") : GUIDE.index("## 不用写流程的事")]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == {"kind", *STEP_MODELS}

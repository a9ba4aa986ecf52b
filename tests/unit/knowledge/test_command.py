"""`voicebot kb lint`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.knowledge.test_loading import ARTICLE, HEAD
from voicebot.cli.kb import command


def lint(folder: Path, text: str) -> tuple[int, str]:
    (folder / "articles").mkdir()
    (folder / "articles" / "犬.yaml").write_text(text, "utf-8")
    (folder / "departments.tsv").write_text(
        "name\tshort\tkind\tduties\n市公安局\t公安\t政府部门\t狗\n", "utf-8"
    )
    result = CliRunner().invoke(command, ["lint", "--dir", str(folder), "--on", "2026-11-24"])
    return result.exit_code, result.output


def test_good_content_passes(tmp_path: Path) -> None:
    code, output = lint(tmp_path, HEAD + ARTICLE)
    assert code == 0
    assert "0 个错误" in output


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("  owner: 治安支队\n", "", "kb.no_owner"),
        ("市公安局", "市公安厅", "kb.unknown_department"),
        ("title:", "titel:", "schema.unknown_key"),
        ("category:", "category", "yaml.syntax"),
    ],
)
def test_an_error_is_listed_with_its_line_and_fails(tmp_path: Path, old: str, new: str, found: str) -> None:
    code, output = lint(tmp_path, (HEAD + ARTICLE).replace(old, new))
    assert code == 1
    assert found in output
    assert "犬.yaml:" in output

"""Content folders as administrators leave them."""

from pathlib import Path

import pytest

from voicebot.adapters.files.content import Content, read_content
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError

pytestmark = pytest.mark.integration


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ivr_flows").mkdir()
    (tmp_path / "knowledge_base/articles").mkdir(parents=True)
    (tmp_path / "ivr_flows/main.yaml").write_text("flow: main\n", "utf-8")
    (tmp_path / "knowledge_base/articles/社保.yaml").write_text("articles: []\n", "utf-8")
    (tmp_path / "knowledge_base/city.yaml").write_text("name: 云江市\n", "utf-8")
    (tmp_path / "knowledge_base/departments.tsv").write_text("name\n", "utf-8")
    return tmp_path


def test_reads_by_relative_path(folder: Path) -> None:
    content = read_content(folder)
    assert list(content.flows) == ["ivr_flows/main.yaml"]
    assert list(content.articles) == ["knowledge_base/articles/社保.yaml"]
    assert content.city == ("knowledge_base/city.yaml", "name: 云江市\n")


def test_the_digest_changes_with_any_text(folder: Path) -> None:
    before = read_content(folder).digest
    assert read_content(folder).digest == before
    (folder / "knowledge_base/departments.tsv").write_text("name\nx\n", "utf-8")
    assert read_content(folder).digest != before


def test_a_byte_order_mark_is_no_text(folder: Path) -> None:
    (folder / "ivr_flows/main.yaml").write_bytes(b"\xef\xbb\xbfflow: main\n")
    assert read_content(folder).flows["ivr_flows/main.yaml"] == "flow: main\n"


def test_line_ends_are_the_author_s(folder: Path) -> None:
    (folder / "ivr_flows/main.yaml").write_bytes(b"flow: main\r\n")
    assert read_content(folder).flows["ivr_flows/main.yaml"] == "flow: main\r\n"


def test_another_encoding_is_named_with_its_line(folder: Path) -> None:
    (folder / "ivr_flows/main.yaml").write_bytes("flow: main\ntitle: 主线\n".encode("gb18030"))
    with pytest.raises(ContentError) as caught:
        read_content(folder)
    assert (caught.value.problems[0].path, caught.value.problems[0].line) == ("ivr_flows/main.yaml", 2)


def test_no_flows_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(VoicebotError, match=r"city\.yaml"):
        read_content(tmp_path)


def test_test_calls_are_no_flows_and_hidden_files_no_content(folder: Path) -> None:
    (folder / "ivr_flows/main.test.yaml").write_text("calls: []\n", "utf-8")
    (folder / "ivr_flows/.#main.yaml").symlink_to("somebody@host:1")
    before = read_content(folder)
    assert list(before.flows) == ["ivr_flows/main.yaml"]
    assert list(before.tests) == ["ivr_flows/main.test.yaml"]
    (folder / "ivr_flows/main.test.yaml").write_text("calls: [1]\n", "utf-8")
    assert read_content(folder).digest == before.digest


def test_the_texts_make_up_the_content_again(folder: Path) -> None:
    content = read_content(folder)
    assert Content.of(content.texts) == content

"""Where content may stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.core.errors import VoicebotError
from voicebot.operations.content_kinds import LONGEST_PATH, Kind, checked_kind, flow_path, kind_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("ivr_flows/main.yaml", Kind.FLOW),
        ("ivr_flows/挪车.yaml", Kind.FLOW),
        ("ivr_flows/main.test.yaml", Kind.TESTS),
        ("knowledge_base/articles/社保.yaml", Kind.ARTICLES),
        ("knowledge_base/articles/区/社保.yaml", Kind.ARTICLES),
        ("knowledge_base/synonyms.yaml", Kind.ARTICLES),
        ("knowledge_base/lexicons/common.yaml", Kind.LEXICON),
        ("knowledge_base/gazetteer.yaml", Kind.LEXICON),
        ("knowledge_base/city.yaml", Kind.CITY),
        ("knowledge_base/departments.tsv", Kind.DEPARTMENTS),
        ("knowledge_base/deadlines.yaml", Kind.DEADLINES),
        ("knowledge_base/seats.yaml", Kind.SEATS),
        ("knowledge_base/dispatch.yaml", Kind.DISPATCH),
        ("knowledge_base/categories.yaml", Kind.DISPATCH),
    ],
)
def test_content_is_known_by_its_place(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    "path",
    [
        "",
        "main.yaml",
        "/ivr_flows/main.yaml",
        "ivr_flows/main.yml",
        "ivr_flows/deep/main.yaml",
        "ivr_flows/.main.yaml",
        "ivr_flows/.#main.yaml",
        "ivr_flows/../main.yaml",
        "ivr_flows/..\\main.yaml",
        "ivr_flows/a\n.yaml",
        "ivr_flows/main.yaml\n",
        "knowledge_base/articles/../../x.yaml",
        "knowledge_base/articles//x.yaml",
        "knowledge_base/other.yaml",
        "ivr_flows/" + "长" * LONGEST_PATH + ".yaml",
    ],
)
def test_nothing_else_is_content(path: str) -> None:
    assert kind_of(path) is None
    with pytest.raises(VoicebotError, match=r"content\.path"):
        checked_kind(path)


@given(st.text())
def test_no_path_leads_out_of_the_folder(text: str) -> None:
    if kind_of(f"knowledge_base/articles/{text}.yaml") is not None:
        assert ".." not in text.split("/")
        assert not text.startswith("/")


def test_a_flow_has_a_place_by_its_name() -> None:
    assert kind_of(flow_path("ticket")) is Kind.FLOW

"""Articles from YAML: what is accepted, and that every mistake is found at its line."""

import pytest

from voicebot.core.problem import ContentError
from voicebot.knowledge import Aspect, Audience, Scope, Status, load_knowledge

ARTICLE = """\
  - id: KB901
    title: 狗证怎么办
    answer: 带狗去打疫苗，再到登记点办证。
    more: 各地规定不同，以登记机关答复为准。
    materials: 带身份证。
    steps: [先打疫苗, 再去登记。]
    questions: [狗证在哪办, 养狗登记, 给狗办证, 遛狗证, 养犬证, 狗牌怎么领, 小狗登记, 犬只办证]
    related: []
"""
HEAD = """\
category: 测试
defaults:
  department: 市公安局
  owner: 治安支队
  scope: 地方
  valid_from: 2026-01-01
  reviewed: 2026-02-01
articles:
"""


def findings(text: str, *others: str) -> list[tuple[int, str]]:
    """(line, code) of every problem in a file of articles."""
    texts = {"a.yaml": text} | {f"b{i}.yaml": other for i, other in enumerate(others)}
    with pytest.raises(ContentError) as caught:
        load_knowledge(texts)
    return [(problem.line, problem.code) for problem in caught.value.problems]


def test_an_article_is_read_with_the_defaults_of_its_file() -> None:
    article = load_knowledge({"a.yaml": HEAD + ARTICLE}).articles
    read = next(iter(article.values()))
    assert (read.id, read.category, read.department) == ("KB901", "测试", "市公安局")
    assert (read.scope, read.audience, read.status) == (Scope.LOCAL, Audience.PUBLIC, Status.PUBLISHED)
    assert read.aspects[Aspect.STEPS] == "先打疫苗。再去登记。"
    assert (read.origin.line, read.origin.fields["title"], read.origin.fields["owner"]) == (9, 10, 4)
    assert set(read.origin.questions) == {15}


def test_a_value_of_the_article_wins_over_the_default() -> None:
    text = HEAD + ARTICLE.replace(
        "    related: []", "    scope: 全国\n    life_event: 'true'\n    status: draft"
    )
    (article,) = load_knowledge({"a.yaml": text}).articles.values()
    assert (article.scope, article.life_event, article.status) == (Scope.NATIONAL, True, Status.DRAFT)


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("    materials: 带身份证。", "    material: 带身份证。", 13, "schema.unknown_key"),
        ("    answer: 带狗去打疫苗，再到登记点办证。\n", "", 9, "schema.missing"),
        ("再到登记点办证。", "再到登记点办证。" * 5, 11, "schema.value_error"),
        ("以登记机关答复为准。", "以登记机关答复为准。" * 20, 12, "schema.value_error"),
        ("养狗登记, 给狗办证, 遛狗证, ", "", 15, "schema.value_error"),
        ("related: []", "related: [KB999]", 16, "kb.unknown_related"),
        ("related: []", "related: [KB901]", 16, "kb.unknown_related"),
        ("related: []", "valid_to: 2025-01-01", 16, "kb.dates"),
        ("related: []", "valid_to: 明年", 16, "schema.value_error"),
        ("related: []", "scope: 本省", 16, "schema.value_error"),
        ("related: []", "audience: all", 16, "schema.value_error"),
        ("related: []", "life_event: 也许", 16, "schema.value_error"),
    ],
)
def test_a_mistake_is_found_at_its_line(old: str, new: str, line: int, code: str) -> None:
    assert old in ARTICLE
    assert findings(HEAD + ARTICLE.replace(old, new)) == [(line, code)]


def test_a_mistake_in_the_defaults_is_found_there() -> None:
    assert findings(HEAD.replace("2026-01-01", "2026-13-01") + ARTICLE) == [(6, "schema.value_error")]


def test_ids_are_unique_across_files() -> None:
    assert findings(HEAD + ARTICLE, HEAD + ARTICLE) == [(9, "kb.duplicate_id")]


def test_all_mistakes_are_reported_at_once() -> None:
    broken = ARTICLE.replace("title: 狗证怎么办", "titel: 狗证怎么办").replace("[先打疫苗,", "['',")
    assert len(findings(HEAD + broken, "category: 空\n", "a: b: c")) == 5


def test_a_message_says_what_to_do() -> None:
    with pytest.raises(ContentError) as caught:
        load_knowledge({"knowledge_base/articles/犬.yaml": HEAD + ARTICLE.replace("证。", "证。" * 20, 1)})
    assert "knowledge_base/articles/犬.yaml:11" in str(caught.value)
    assert "最多 40 字" in str(caught.value)


@pytest.mark.parametrize(
    "vocabulary",
    [
        "synonyms: [[社保卡]]",
        "synonyms: [[社保卡, 社保的卡], [医保卡, 社保的卡]]",
        "synonyms: [[社保卡, 社保的卡], [卡, 社保卡]]",
        "fillers: [那个]\nsynonyms: [[这个, 那个]]",
        "words: [那个]",
    ],
)
def test_a_vocabulary_that_contradicts_itself_is_refused(vocabulary: str) -> None:
    with pytest.raises(ContentError):
        load_knowledge({"knowledge_base/synonyms.yaml": vocabulary})


def test_nothing_at_all_is_an_empty_knowledge_base() -> None:
    assert not load_knowledge({}).articles

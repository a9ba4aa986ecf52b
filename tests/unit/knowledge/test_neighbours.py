"""Parts of life events, and articles that come close."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from voicebot.core.answer import Answer, ArticleHit, NoAnswer
from voicebot.core.ids import ArticleId
from voicebot.knowledge import Knowledge, load_knowledge
from voicebot.knowledge.article import Audience, Status
from voicebot.knowledge.neighbours import around

ROOT = Path(__file__).parents[3]
ON = date(2026, 11, 24)
SETS = Path(__file__).parent / "sets"
NEEDED = {
    "newborn": "KB175",
    "starting a firm": "KB174",
    "death of a relative": "KB103",
    "buying a home": "KB121",
    "retirement": "KB176",
}


@cache
def shipped() -> Knowledge:
    files = [*(ROOT / "knowledge_base/articles").glob("*.yaml"), ROOT / "knowledge_base/synonyms.yaml"]
    return load_knowledge({str(path): path.read_text(encoding="utf-8") for path in files})


def answer_of(knowledge: Knowledge, article: str, *hits: ArticleHit, on: date = ON) -> Answer:
    made = around(
        knowledge, knowledge.answer(ArticleId(article), on, hits[0].score if hits else 1.0), hits, on
    )
    assert isinstance(made, Answer)
    return made


def test_life_events_of_the_issue_lead_to_their_parts() -> None:
    for article in NEEDED.values():
        made = answer_of(shipped(), article)
        assert len(made.parts) >= 2, article
        assert all(part.text and not part.parts for part in made.parts)
        assert article not in [part.article for part in made.parts]


def test_other_articles_have_no_parts() -> None:
    assert answer_of(shipped(), "KB001").parts == ()


def test_parts_that_may_not_be_spoken_are_left_out() -> None:
    articles = dict(shipped().articles)
    first, second, *_ = articles[ArticleId("KB175")].related
    articles[first] = replace(articles[first], status=Status.DRAFT)
    articles[second] = replace(articles[second], valid_to=ON - timedelta(days=1))
    told = [part.article for part in answer_of(Knowledge(articles.values()), "KB175").parts]
    assert told == [a for a in articles[ArticleId("KB175")].related if a not in (first, second)]


def hit(article: str, score: float) -> ArticleHit:
    return ArticleHit(ArticleId(article), "", None, score)


def test_a_close_second_is_a_rival() -> None:
    def rival(best: float, second: float) -> str | None:
        made = answer_of(shipped(), "KB001", hit("KB001", best), hit("KB002", second))
        return made.rival.article if made.rival else None

    assert rival(0.9, 0.8) == "KB002"
    assert rival(0.9, 0.5) is None
    assert rival(0.2, 0.2) is None


def test_a_rival_that_may_not_be_spoken_is_none() -> None:
    articles = dict(shipped().articles)
    articles[ArticleId("KB002")] = replace(articles[ArticleId("KB002")], audience=Audience.SEAT)
    made = answer_of(Knowledge(articles.values()), "KB001", hit("KB001", 0.9), hit("KB002", 0.9))
    assert made.rival is None


def test_nothing_stays_nothing() -> None:
    assert around(shipped(), NoAnswer(), (), ON) == NoAnswer()


def test_whole_questions_are_hardly_ever_asked_back_about() -> None:
    rows = (SETS / "paraphrases.tsv").read_text(encoding="utf-8").splitlines()
    questions = [row.split("\t")[1] for row in rows if row.startswith("KB")]
    asked = 0
    for question in questions:
        hits = shipped().rank(question, ON, 5)
        made = shipped().answer(hits[0].article, ON, hits[0].score) if hits else NoAnswer()
        made = around(shipped(), made, hits, ON)
        asked += isinstance(made, Answer) and made.rival is not None
    assert len(questions) > 300
    assert asked <= 0.02 * len(questions)

"""What is wrong or doubtful with articles that load: for `voicebot check` and `voicebot kb lint`."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import numpy as np

from voicebot.core.catalogue import Department
from voicebot.core.problem import Problem, Severity
from voicebot.knowledge.article import Article, Aspect, Scope
from voicebot.knowledge.knowledge import Knowledge
from voicebot.knowledge.ranking import variants_of
from voicebot.language.characters import is_word, plain

NEAR_DUPLICATE: Final = 0.9
"""Cosine from which a spoken variant is the same question as one of another article."""
ALIKE: Final = 0.7
"""Cosine below which a variant is not a question of the other article, only short of neighbours."""
CLEARLY: Final = 0.15
"""Lead, in sums of four 0-1 features, from which another article answers a variant better."""
SENTENCE_LIMIT: Final = 60
"""Characters of one sentence that a listener can still follow."""
SOON: Final = 30
"""Days before the end of validity from which an owner should act."""
BETWEEN_REVIEWS: Final = 366
"""Days after which content counts as no longer looked after."""

_UNSPEAKABLE: Final = re.compile(r"[()（）\[\]【】《》<>/\\#*_=|~^]|https?:|www\.")
_FIGURE: Final = re.compile(
    r"(?:[0-9０-９]+(?:\.[0-9]+)?|[零一二两三四五六七八九十百千万]+(?:点[零一二三四五六七八九]+)?)"
    r"(?:多|几)?(?:元|块|万|%|％|折|倍|天|日|个?工作日|个月|年|平方?米|平米)|百分之[零一二三四五六七八九十百点]+"
)
"""A quantity with what is counted: sums, shares, spans of time, areas."""
_HEDGES: Final = ("为准", "各地", "当地", "本地", "公告", "公示")
_ROUGHLY: Final = (
    "一般",
    "大约",
    "左右",
    "通常",
    "多数",
    "有的地方",
    "不少地方",
    "很多地方",
    "最多",
    "最长",
    "最低",
)


def check(knowledge: Knowledge, departments: Iterable[Department]) -> tuple[Problem, ...]:
    """Articles whose department is not in the city's directory, at their lines."""
    names = {department.name for department in departments}
    return tuple(
        _problem(
            article, "department", "kb.unknown_department", f"部门「{article.department}」不在部门目录中"
        )
        for article in knowledge.articles.values()
        if article.department not in names
    )


def lint(knowledge: Knowledge, on: date) -> tuple[Problem, ...]:
    """Everything an owner should look at on that day, sorted by place."""
    found: list[Problem] = []
    for article in knowledge.articles.values():
        found.extend(_care(article, on))
        found.extend(_wording(article))
    found.extend(_duplicates(knowledge.articles.values()))
    found.extend(_rivals(knowledge))
    return tuple(sorted(found))


def _care(article: Article, on: date) -> Iterator[Problem]:
    if not article.owner.strip():
        yield _problem(article, "owner", "kb.no_owner", f"{article.id} 没有负责人", "填写 owner")
    if article.valid_to is not None and article.valid_to < on:
        message = f"{article.id} 已于 {article.valid_to} 失效，不再播报"
        yield _problem(article, "valid_to", "kb.expired", message, "更新内容或删除", warning=True)
    elif article.valid_to is not None and (article.valid_to - on).days <= SOON:
        message = f"{article.id} 将在 {article.valid_to} 失效"
        yield _problem(article, "valid_to", "kb.expiring", message, "续期、更新内容或准备替换", warning=True)
    if article.reviewed > on:
        yield _problem(article, "reviewed", "kb.dates", f"{article.id} 的核对日期在将来")
    elif (on - article.reviewed).days > BETWEEN_REVIEWS:
        message = f"{article.id} 超过一年没有核对"
        yield _problem(article, "reviewed", "kb.stale", message, "请负责人核对", warning=True)


def _wording(article: Article) -> Iterator[Problem]:
    texts = {"answer": article.answer, "more": article.more}
    texts |= {aspect.value: text for aspect, text in article.aspects.items() if aspect is not Aspect.STEPS}
    for name, text in texts.items():
        if match := _UNSPEAKABLE.search(text):
            message = f"{article.id}：「{match.group()}」不好念"
            yield _problem(article, name, "kb.not_spoken", message, "改成口语", warning=True)
        if any(len(sentence) > SENTENCE_LIMIT for sentence in re.split("[。！？；]", text)):
            message = f"{article.id}：一句话超过 {SENTENCE_LIMIT} 字，念出来听不清"
            yield _problem(article, name, "kb.long_sentence", message, "拆成几句", warning=True)
    spoken = article.answer + article.more + "".join(article.aspects.values())
    if article.scope is Scope.LOCAL and not any(hedge in spoken for hedge in _HEDGES):
        message = f"{article.id} 各地规定不同，但没有说明以谁为准"
        yield _problem(article, "more", "kb.local", message, "加上「以经办机构答复为准」", warning=True)
    elif article.scope is Scope.LOCAL and (figure := _certain_figure(article.answer)):
        message = f"{article.id}：各地不同的数字「{figure}」说得太肯定"
        hint = "在 answer 里加上「一般」「以当地答复为准」，或者把数字移到 more 里"
        yield _problem(article, "answer", "kb.certain_figure", message, hint, warning=True)


def _certain_figure(text: str) -> str:
    """A quantity that is said to hold everywhere; "" when there is none, or the text says that it varies."""
    found = _FIGURE.search(text)
    return found.group() if found and not any(hedge in text for hedge in (*_HEDGES, *_ROUGHLY)) else ""


def _duplicates(articles: Iterable[Article]) -> Iterator[Problem]:
    """The same question, word for word, in two places."""
    first: dict[str, tuple[Article, int]] = {}
    for article in articles:
        for variant, question in enumerate((article.title, *article.questions)):
            key = "".join(char for char in plain(question) if is_word(char))
            known, at = first.setdefault(key, (article, variant))
            if (known, at) == (article, variant) or (variant and known is article and not at):
                continue  # a title may stand among the questions
            place = f"{known.origin.path}:{_line_of_variant(known, at)}" if known.origin.path else known.id
            message = f"{article.id}「{question}」与 {known.id}（{place}）的问法相同"
            line = _line_of_variant(article, variant)
            yield Problem(
                article.origin.path, line, 0, "kb.duplicate_question", message, "留下一处", Severity.WARNING
            )


def _rivals(knowledge: Knowledge) -> Iterator[Problem]:
    """Variants that another article answers as well or better, each judged without itself."""
    articles = list(knowledge.articles.values())
    row = -1
    for index, article in enumerate(articles):
        for variant, question in enumerate(variants_of(article)):
            row += 1
            if variant > len(article.questions):  # heard from callers, in no file of articles
                continue
            evidence = knowledge.ranker.evidence(question, without=row).features
            total = evidence.sum(axis=0)[: len(articles)]
            same = np.maximum(evidence[0], evidence[2])[: len(articles)]
            total[index], own = -1.0, total[index]
            same[index] = 0.0
            best, twin = int(total.argmax()), int(same.argmax())
            if same[twin] >= NEAR_DUPLICATE:
                code, other, words = "kb.near_duplicate", twin, "几乎相同的问法也在"
            elif total[best] > own + CLEARLY and same[best] >= ALIKE:
                code, other, words = "kb.better_elsewhere", best, "更像是在问"
            else:
                continue
            line = _line_of_variant(article, variant)
            message = f"{article.id}「{question}」{words} {articles[other].id}「{articles[other].title}」"
            yield Problem(article.origin.path, line, 0, code, message, "", Severity.WARNING)


def _line_of_variant(article: Article, variant: int) -> int:
    """Line of the title, or of one of the questions; 0 when the article came from no file."""
    if variant == 0:
        return article.origin.fields.get("title", 0)
    return article.origin.questions[variant - 1] if article.origin.questions else 0


def _problem(
    article: Article, name: str, code: str, message: str, suggestion: str = "", *, warning: bool = False
) -> Problem:
    line = article.origin.fields.get(name, article.origin.line)
    severity = Severity.WARNING if warning else Severity.ERROR
    return Problem(article.origin.path, line, 0, code, message, suggestion, severity)

"""Articles from their YAML text: `load_knowledge` finds every mistake, each with file and line."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from voicebot.core.ids import ArticleId, DepartmentName
from voicebot.core.marked_yaml import MarkedYaml, read_yaml, validate
from voicebot.core.problem import ContentError, Problem
from voicebot.core.shelf import NOTHING_KEPT, Shelf
from voicebot.knowledge.article import (
    ANSWER_LIMIT,
    ASPECT_LIMIT,
    LEAST_QUESTIONS,
    MORE_LIMIT,
    STEP_LIMIT,
    Article,
    Aspect,
    Audience,
    Origin,
    Scope,
    Status,
)
from voicebot.knowledge.kept import key_of, packed, unpacked
from voicebot.knowledge.knowledge import Knowledge
from voicebot.knowledge.reading import Readings
from voicebot.knowledge.sayings import sayings
from voicebot.knowledge.text import Vocabulary

SYNONYMS: Final = "synonyms.yaml"
"""A text whose name ends so holds the vocabulary; every other one holds articles."""
NO_EXAMPLES: Final[Mapping[str, str]] = MappingProxyType({})


def _spoken(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if not text.strip():
            raise ValueError("不能为空")
        if len(text) > limit:
            raise ValueError(f"太长：{len(text)} 字，最多 {limit} 字")
        return text.strip()

    return AfterValidator(check)


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"「{value}」不是日期，应为 2026-01-31 这样的写法") from None


def _one_of(*allowed: str) -> BeforeValidator:
    def check(value: object) -> object:
        if value not in allowed:
            raise ValueError(f"「{value}」不可用，只能是 {'、'.join(allowed)}")
        return value

    return BeforeValidator(check)


def _enough(questions: list[str]) -> list[str]:
    if len(questions) < LEAST_QUESTIONS:
        raise ValueError(f"只有 {len(questions)} 种问法，至少要 {LEAST_QUESTIONS} 种")
    return questions


Day = Annotated[date, BeforeValidator(_day)]
Short = Annotated[str, _spoken(ASPECT_LIMIT)]
Step = Annotated[str, _spoken(STEP_LIMIT)]


class _ArticleText(BaseModel):
    """An article as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, _spoken(32)]
    title: Short
    department: Short
    scope: Annotated[Scope, _one_of(*Scope)]
    audience: Annotated[Audience, _one_of(*Audience)] = Audience.PUBLIC
    status: Annotated[Status, _one_of(*Status)] = Status.PUBLISHED
    valid_from: Day
    valid_to: Day | None = None
    reviewed: Day
    owner: str | None = None
    answer: Annotated[str, _spoken(ANSWER_LIMIT)]
    more: Annotated[str, _spoken(MORE_LIMIT)] | None = None
    materials: Short | None = None
    where: Short | None = None
    cost: Short | None = None
    time: Short | None = None
    steps: list[Step] = []
    basis: str | None = None
    questions: Annotated[list[Short], AfterValidator(_enough)]
    related: list[str] = []
    life_event: Annotated[bool, _one_of("true", "false")] = False


class _FileText(BaseModel):
    """A file of articles; `defaults` gives fields that most of them share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Short
    defaults: dict[str, str] = {}
    articles: list[dict[str, object]]


class _VocabularyText(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fillers: list[Short] = []
    frames: list[Short] = []
    synonyms: list[list[Short]] = []
    elsewhere: list[Short] = []


def load_knowledge(
    texts: Mapping[str, str], shelf: Shelf = NOTHING_KEPT, examples: Mapping[str, str] = NO_EXAMPLES
) -> Knowledge:
    """Reads all files of the knowledge base into one searchable `Knowledge`.

    Args:
        texts: path (shown in findings) → YAML text; a path that ends in ``synonyms.yaml`` holds
            fillers and synonyms, the others articles.
        shelf: where checked articles and read variants are kept between starts.
        examples: path → YAML text of what callers say, see sayings.py.

    Raises:
        ContentError: every mistake in every file, with its line.
    """
    return KnowledgeLoader(shelf).load(texts, examples)


class KnowledgeLoader:
    """`load_knowledge` that remembers the last time: only files and variants that changed are read
    again, so one edit costs little in a large knowledge base. One load at a time."""

    def __init__(self, shelf: Shelf = NOTHING_KEPT) -> None:
        self._shelf = shelf
        self._files: dict[str, tuple[Article, ...]] = {}
        self._readings = Readings(Vocabulary(), shelf)

    def load(self, texts: Mapping[str, str], examples: Mapping[str, str] = NO_EXAMPLES) -> Knowledge:
        """See `load_knowledge`."""
        problems: list[Problem] = []
        articles: list[Article] = []
        files: dict[str, tuple[Article, ...]] = {}
        vocabulary = Vocabulary()
        for path in sorted(texts):
            try:
                if path.endswith(SYNONYMS):
                    vocabulary = _vocabulary(read_yaml(path, texts[path]))
                else:
                    key = key_of(path, texts[path])
                    files[key] = self._file(key, path, texts[path])
                    articles += files[key]
            except ContentError as error:
                problems.extend(error.problems)
        if not problems:  # an article that failed above would only be reported as unknown below
            problems.extend(_across(articles))
        if problems:
            raise ContentError(problems)
        self._files = files
        said = sayings(examples, self._shelf)
        articles = [replace(a, heard=said.answered[a.id]) if a.id in said.answered else a for a in articles]
        vocabulary = replace(vocabulary, elsewhere=(*vocabulary.elsewhere, *said.unanswered))
        self._readings = self._readings.under(vocabulary)
        return Knowledge(articles, vocabulary, self._readings)

    def _file(self, key: str, path: str, text: str) -> tuple[Article, ...]:
        """Articles of a file, remembered, kept or read.

        Raises:
            ContentError: every mistake in the file.
        """
        known = self._files.get(key) or unpacked(key, self._shelf.get(key))
        if known is None:
            problems: list[Problem] = []
            known = tuple(_articles(read_yaml(path, text), problems))
            if problems:
                raise ContentError(problems)
            self._shelf.put(key, packed(key, known))
        return known


def _articles(document: MarkedYaml, problems: list[Problem]) -> Iterator[Article]:
    file = validate(document, _FileText)
    for index, own in enumerate(file.articles):
        at = ("articles", index)
        marks = {(*at, key): document.mark(("defaults", key)) for key in file.defaults} | document.marks
        merged = MarkedYaml(document.path, {"articles": {index: {**file.defaults, **own}}}, marks)
        try:
            text = validate(merged, _ArticleText, at)
        except ContentError as error:
            problems.extend(error.problems)
            continue
        yield _article(text, file.category, merged, index)


def _article(text: _ArticleText, category: str, document: MarkedYaml, index: int) -> Article:
    at = ("articles", index)
    fields = {name: document.mark((*at, name))[0] for name in type(text).model_fields}
    aspects = {
        Aspect(name): value
        for name in ("materials", "where", "cost", "time")
        if (value := getattr(text, name)) is not None
    }
    if text.steps:
        aspects[Aspect.STEPS] = "".join(_ended(step) for step in text.steps)
    return Article(
        id=ArticleId(text.id),
        category=category,
        title=text.title,
        department=DepartmentName(text.department),
        answer=text.answer,
        questions=tuple(text.questions),
        valid_from=text.valid_from,
        reviewed=text.reviewed,
        more=text.more or "",
        owner=text.owner or "",
        scope=text.scope,
        audience=text.audience,
        status=text.status,
        valid_to=text.valid_to,
        aspects=MappingProxyType(aspects),
        basis=text.basis or "",
        related=tuple(ArticleId(other) for other in text.related),
        life_event=text.life_event,
        origin=Origin(
            document.path,
            document.mark(at)[0],
            MappingProxyType(fields),
            tuple(document.mark((*at, "questions", i))[0] for i in range(len(text.questions))),
        ),
    )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("。", "！", "？")) else f"{sentence}。"


def _across(articles: list[Article]) -> Iterator[Problem]:
    """What only shows when all articles are seen together, and dates that contradict each other."""
    first: dict[ArticleId, Article] = {}
    for article in articles:
        if (other := first.setdefault(article.id, article)) is not article:
            where = f"{other.origin.path}:{other.origin.line}"
            yield _problem(article, "id", "kb.duplicate_id", f"编号 {article.id} 已在 {where} 使用")
        if article.valid_to is not None and article.valid_to < article.valid_from:
            yield _problem(article, "valid_to", "kb.dates", f"{article.id}：失效日期早于生效日期")
    for article in articles:
        for related in article.related:
            if related not in first:
                yield _problem(article, "related", "kb.unknown_related", f"相关条目 {related} 不存在")
            elif related == article.id:
                yield _problem(article, "related", "kb.unknown_related", f"{related} 不能与自己相关")


def _problem(article: Article, name: str, code: str, message: str) -> Problem:
    line = article.origin.fields.get(name, article.origin.line)
    return Problem(article.origin.path, line, 0, code, message)


def _vocabulary(document: MarkedYaml) -> Vocabulary:
    text = validate(document, _VocabularyText)
    synonyms: dict[str, str] = {}
    problems: list[Problem] = []
    for index, group in enumerate(text.synonyms):
        if len(group) < 2:
            problems.append(document.problem(("synonyms", index), "kb.synonyms", "一组同义词至少两个"))
        for word in group[1:]:
            if synonyms.setdefault(word, group[0]) != group[0] or word in text.fillers:
                problems.append(document.problem(("synonyms", index), "kb.synonyms", f"「{word}」出现在两处"))
    heads = {group[0] for group in text.synonyms if group}
    problems += [
        document.problem(("synonyms",), "kb.synonyms", f"「{word}」既是标准词又是别的词的同义词")
        for word in heads & set(synonyms)
    ]
    if problems:
        raise ContentError(problems)
    return Vocabulary(frozenset(text.fillers), synonyms, frozenset(text.frames), tuple(text.elsewhere))

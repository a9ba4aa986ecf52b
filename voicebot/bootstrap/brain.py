"""Builds a `Brain` from content: texts, or a folder of them."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from voicebot.adapters.files.content import Content, read_content
from voicebot.adapters.files.shelf import FolderShelf
from voicebot.adapters.webhook.options import NotifyOptions
from voicebot.bootstrap.collector import uncollected
from voicebot.bootstrap.teaching import AtOnce, Taught, Teacher
from voicebot.calls.brain import Brain
from voicebot.calls.options import SeatOptions
from voicebot.core.catalogue import Catalogue, CityProfile, Department
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import LanguageTag, QueueName
from voicebot.core.meaning import Intent
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.core.shelf import NOTHING_KEPT, Shelf
from voicebot.dialogue import Flows, load_flows
from voicebot.dialogue.trying.script_file import load_scripts
from voicebot.knowledge import Knowledge, KnowledgeLoader
from voicebot.knowledge import check as check_knowledge
from voicebot.operations.publishing import Check
from voicebot.seats.rule_file import load_all as load_seat_rules
from voicebot.seats.rules import SeatRules
from voicebot.tickets.deadline_file import load_all
from voicebot.tickets.deadlines import DEFAULT, of_city
from voicebot.tickets.directory import Directory
from voicebot.tickets.directory_loading import load_directory
from voicebot.understanding import Example, Understander, load_city, load_departments
from voicebot.understanding.gazetteer import streets
from voicebot.understanding.learned import Lesson
from voicebot.understanding.lexicon import Lexicon, load_lexicon

QUEUES = tuple(QueueName(name) for name in ("综合", "企业", "外语", "长者", "紧急"))

T = TypeVar("T")
UNKNOWN_CITY: Final = CityProfile("", "", "")
"""Stands for one whose file is broken, so that the mistakes of other files are told as well."""
KEPT: Final = 3
"""Results of each stage that are kept: what is live, what is on trial, what is being checked."""


@dataclass(frozen=True, slots=True)
class Names:
    """What flows may name that stands in the settings; None: not known here, so nothing is said about it.

    Args:
        notify_targets: names of `notify.targets`; numbers: those of `seat.numbers`.
    """

    notify_targets: tuple[str, ...] | None = None
    numbers: tuple[str, ...] | None = None


NOT_KNOWN: Final = Names()


class Named(Protocol):
    """The part of the settings that flows name things of."""

    @property
    def notify(self) -> NotifyOptions: ...

    @property
    def seat(self) -> SeatOptions: ...


def names_in(settings: Named) -> Names:
    return Names(tuple(settings.notify.targets), tuple(settings.seat.numbers))


def load_brain(root: Path, spoken: Collection[LanguageTag] | None = None, names: Names = NOT_KNOWN) -> Brain:
    """Reads and checks everything below `root`; the version is the digest of its texts.

    Args:
        spoken: languages our voices speak; flows in others go on in Mandarin. None: all.

    Raises:
        ContentError: every mistake in every file, each with its place.
        VoicebotError: ``content.missing``.
    """
    content = read_content(root)
    maker = BrainMaker(spoken, uncollected, names, user_shelf())
    return maker.make(content, content.digest)


def user_shelf() -> Shelf:
    """What was made of content is kept in the user's cache folder: every process, every command and every
    copy of the same content finds it, whatever the data directory."""
    folder = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return FolderShelf(Path(folder) / "voicebot" / "content")


@dataclass(frozen=True, slots=True)
class _Made:
    """A brain as far as it could be made.

    Args:
        lesson: what it should have learnt; taught: what it has.
    """

    brain: Brain
    lexicon: Lexicon
    lesson: Lesson
    taught: Taught


class BrainMaker:
    """Makes brains of texts. What did not change since one of the last times is not made anew, so that
    another flow costs a reading of flows alone. Safe to use from several threads; one works at a time.

    Args:
        spoken: see `load_brain`.
        guard: held while something is really made.
        names: see `Names`.
        shelf: what is slow to make is kept there between starts.
        teacher: gives what was learnt from examples; None: whoever asks waits for it. While another
            lesson stands in for the right one, each `make` looks again.
    """

    def __init__(
        self,
        spoken: Collection[LanguageTag] | None = None,
        guard: Callable[[], AbstractContextManager[None]] = nullcontext,
        names: Names = NOT_KNOWN,
        shelf: Shelf = NOTHING_KEPT,
        teacher: Teacher | None = None,
    ) -> None:
        self._names = names
        self._shelf = shelf
        self._teacher = teacher or AtOnce(shelf)
        self._load_knowledge = KnowledgeLoader(shelf).load
        self._spoken = spoken
        self._guard = guard
        self._lock = threading.Lock()
        self._knowledge: _Kept[Knowledge] = _Kept()
        self._directory: _Kept[Directory] = _Kept()
        self._lexicon: _Kept[Lexicon] = _Kept()
        self._understander: _Kept[Understander] = _Kept()
        self._brains: _Kept[_Made] = _Kept()

    def from_texts(self, texts: Mapping[str, str], version: str = "") -> Brain:
        """Raises as `make` does, and VoicebotError ``content.missing``."""
        return self.make(Content.of(texts), version)

    def make(self, content: Content, version: str) -> Brain:
        """CPU for up to a second: not on the event loop.

        Args:
            version: label of the result.

        Raises:
            ContentError: every mistake in every file, each with its place.
        """
        with self._lock:
            made = self._brains.get(content.digest, lambda: self._make(content))
            if not made.taught.exact:
                made = self._again(made)
                self._brains.put(content.digest, made)
        return replace(made.brain, version=version)

    def _make(self, content: Content) -> _Made:
        with self._guard():
            return self._made(content)

    def _again(self, made: _Made) -> _Made:
        """With what was learnt meanwhile, if anything."""
        with self._guard():
            taught = self._teacher.taught(made.lesson)
            if taught.key == made.taught.key:
                return made
            brain = replace(made.brain, understander=self._understanding(made.lexicon, taught))
            return replace(made, brain=brain, taught=taught)

    def _understanding(self, lexicon: Lexicon, taught: Taught) -> Understander:
        """Kept, so that what it has read is not read again for another flow."""
        learned = taught.learned
        # what is kept holds both: their ids are not given to others
        return self._understander.get((id(lexicon), id(learned)), lambda: Understander(lexicon, learned))

    def _made(self, content: Content) -> _Made:
        problems: list[Problem] = []
        city, departments = UNKNOWN_CITY, tuple[Department, ...]()
        knowledge = lexicon = taught = flows = None
        try:
            city = load_city(*content.city)
        except ContentError as error:
            problems += error.problems
        try:
            departments = load_departments(*content.departments)
        except ContentError as error:  # every mention of a department would look like a mistake
            raise ContentError([*problems, *error.problems]) from error
        try:
            knowledge = self._knowledge.get(
                (*content.articles.items(), *content.examples.items()),
                lambda: self._load_knowledge(content.articles, content.examples),
            )
            problems += [p for p in check_knowledge(knowledge, departments) if p.severity == "error"]
        except ContentError as error:
            problems += error.problems
        lesson = Lesson(content.examples, questions_of(knowledge) if knowledge else (), departments)
        try:
            lexicon = self._lexicon.get(
                (*content.lexicons.items(), content.departments),
                lambda: load_lexicon(content.lexicons, departments),
            )
        except ContentError as error:
            problems += error.problems
        try:
            if lexicon is None or problems:  # no use in learning for seconds what cannot serve
                lesson.examples(self._shelf)
            else:
                taught = self._teacher.taught(lesson)
        except ContentError as error:
            problems += error.problems
        profile, directory, seats = DEFAULT, Directory(), SeatRules()
        try:
            profile = load_all(content.deadlines)
        except ContentError as error:
            problems += error.problems
        try:
            seats = load_seat_rules(content.seats, QUEUES)
        except ContentError as error:
            problems += error.problems
        try:
            directory = self._directory.get(
                (*content.dispatch.items(), *content.lexicons.items(), content.departments),
                lambda: load_directory(content.dispatch, departments, streets(content.lexicons)),
            )
        except ContentError as error:
            problems += error.problems
        titles = {i: a.title for i, a in knowledge.articles.items()} if knowledge else {}
        catalogue = Catalogue(
            city, departments, titles, QUEUES, self._names.notify_targets, self._names.numbers
        )
        try:
            flows = load_flows(content.flows, catalogue)
        except ContentError as error:
            problems += error.problems
        if problems or knowledge is None or lexicon is None or taught is None or flows is None:
            raise ContentError(problems)
        if self._spoken is not None:
            flows = flows.speaking(self._spoken)
        understander = self._understanding(lexicon, taught)
        deadlines = of_city(profile, city)
        brain = Brain(catalogue, understander, knowledge, flows, content.digest, directory, deadlines, seats)
        return _Made(brain, lexicon, lesson, taught)


def questions_of(knowledge: Knowledge) -> tuple[Example, ...]:
    """What articles answer, as examples of questions for their departments."""
    return tuple(
        Example(text, Intent.FAQ, article.department)
        for article in knowledge.articles.values()
        for text in (article.title, *article.questions)
    )


def check_with(maker: BrainMaker) -> Check:
    """The check of `Publisher`: the code that loads. Mistakes in test calls are doubts: they keep nobody
    from publishing."""

    def check(texts: Mapping[str, str]) -> Sequence[Problem]:
        try:
            content = Content.of(texts)
            flows = maker.make(content, "").flows
        except ContentError as error:
            return error.problems
        except VoicebotError as error:
            return [Problem("", 0, 0, error.code, error.message)]
        return (*flows.warnings, *_doubts(content.tests, flows))

    return check


def _doubts(tests: Mapping[str, str], flows: Flows) -> Sequence[Problem]:
    try:
        load_scripts(tests, flows)
    except ContentError as error:
        return [replace(problem, severity=Severity.WARNING) for problem in error.problems]
    return ()


class _Kept(Generic[T]):
    """The last results by what they were made of; a failure is not kept."""

    def __init__(self) -> None:
        self._results: OrderedDict[object, T] = OrderedDict()

    def get(self, key: object, make: Callable[[], T]) -> T:
        if key not in self._results:
            self._results[key] = make()
        self.put(key, self._results[key])
        return self._results[key]

    def put(self, key: object, result: T) -> None:
        self._results[key] = result
        self._results.move_to_end(key)
        while len(self._results) > KEPT:
            self._results.popitem(last=False)

"""What is kept between starts changes nothing but the time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.knowledge.evaluation import TODAY, shipped_texts
from voicebot.core.shelf import NoShelf
from voicebot.knowledge import Knowledge, KnowledgeLoader, Vocabulary, load_knowledge
from voicebot.knowledge.kept import packed, unpacked
from voicebot.knowledge.reading import UNIT, Readings, read

ASKED = ("社保卡丢了怎么补办", "射保卡掉了", "路灯坏了找谁", "公鸡金租房提取", "abc")


class DictShelf:
    """A shelf that counts."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.puts = 0

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.puts += 1
        self.kept[key] = value


def some_files() -> dict[str, str]:
    texts = shipped_texts()
    names = [path for path in texts if path.endswith(("社保.yaml", "synonyms.yaml"))]
    return {path: texts[path] for path in names}


def without_related(texts: dict[str, str]) -> dict[str, str]:
    return {
        path: "\n".join(line for line in text.split("\n") if not line.startswith("    related:"))
        for path, text in texts.items()
    }


FILES = without_related(some_files())


def same(a: Knowledge, b: Knowledge) -> None:
    assert list(a.articles.values()) == list(b.articles.values())
    assert a.vocabulary == b.vocabulary
    for text in ASKED:
        assert a.rank(text, TODAY) == b.rank(text, TODAY)


def test_a_second_start_reads_nothing_and_knows_the_same() -> None:
    shelf = DictShelf()
    first = load_knowledge(FILES, shelf)
    puts = shelf.puts
    same(load_knowledge(FILES, shelf), first)
    assert shelf.puts == puts
    same(load_knowledge(FILES), first)


def test_an_edit_is_seen_with_and_without_what_was_kept() -> None:
    shelf = DictShelf()
    loader = KnowledgeLoader(shelf)
    loader.load(FILES)
    edited = {path: text.replace("社保卡", "社会保险卡片") for path, text in FILES.items()}
    assert edited != FILES
    same(loader.load(edited), load_knowledge(edited))
    same(load_knowledge(edited, shelf), load_knowledge(edited))


def test_other_words_make_other_readings() -> None:
    shelf = DictShelf()
    Readings(Vocabulary(), shelf).of(["请问社保卡"])
    units, lengths = Readings(Vocabulary(fillers=frozenset({"请问"})), shelf).of(["请问社保卡"])
    assert lengths.tolist() == [3]
    assert bytes(units["written"].astype("<u2")).decode("utf-16-le") == "社保卡"


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"[]", b"null", b"[{}]", b'{"a": 1}', b"[[1]]"])
def test_what_is_damaged_is_made_again(damage: bytes) -> None:
    shelf = DictShelf()
    first = load_knowledge(FILES, shelf)
    shelf.kept = dict.fromkeys(shelf.kept, damage)
    same(load_knowledge(FILES, shelf), first)


def test_cut_off_values_are_made_again() -> None:
    shelf = DictShelf()
    first = load_knowledge(FILES, shelf)
    whole = dict(shelf.kept)
    for part in (0.1, 0.5, 0.9, 0.99):
        shelf.kept = {key: value[: int(len(value) * part)] for key, value in whole.items()}
        same(load_knowledge(FILES, shelf), first)
    shelf.kept = dict(zip(whole, reversed(list(whole.values())), strict=True))  # those of others
    same(load_knowledge(FILES, shelf), first)


def test_articles_come_back_as_they_were() -> None:
    articles = tuple(load_knowledge(FILES).articles.values())
    assert unpacked("a", packed("a", articles)) == articles
    assert unpacked("b", packed("a", articles)) is None


@settings(max_examples=50)
@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_texts_come_back_from_the_shelf(texts: list[str]) -> None:
    shelf = DictShelf()
    units, lengths = Readings(Vocabulary(), shelf).of(texts)
    again, same_lengths = Readings(Vocabulary(), shelf).of(texts)
    assert units.tobytes() == again.tobytes()
    assert lengths.tolist() == same_lengths.tolist()
    plain, _ = Readings(Vocabulary(), NoShelf()).of(texts)
    assert units.tobytes() == plain.tobytes()


def test_how_texts_are_read_is_pinned() -> None:
    """A change here needs another `reading.VERSION`, or old readings would be taken for new ones."""
    units = read(Vocabulary(synonyms={"弄丢": "丢"}, frames=frozenset({"怎么"})), "社保卡A弄丢了，怎么补12？")
    assert units.dtype == UNIT
    assert bytes(units["written"].astype("<u2")).decode("utf-16-le") == "社保卡a丢了怎么补十二"
    assert units["light"].tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]
    assert units["spoken"].tolist() == [466, 263, 365, 97, 300, 384, 534, 408, 272, 468, 311]

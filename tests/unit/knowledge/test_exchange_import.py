"""An import adds, updates when asked to, and keeps every other letter that a person wrote."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.cli.kb import command
from voicebot.core.problem import ContentError
from voicebot.knowledge.exchange import Record, records_in
from voicebot.knowledge.exchange_import import plan_import
from voicebot.knowledge.exchange_table import to_csv

PATH = "knowledge_base/articles/犬.yaml"
QUESTIONS = tuple(f"养狗{word}怎么办" for word in "甲乙丙丁戊己庚辛")
TEXT = f"""# 治安支队维护
category: 犬
defaults:
  scope: 全国
  owner: 治安支队   # 张三
  department: 市公安局
  valid_from: 2026-01-01
  reviewed: 2026-02-01
articles:
  # 先写狗
  - id: KB901
    title: "狗证怎么办"   # 引号留着
    answer: 带狗去登记点办证。
    # 年底前再核一次
    more: 先打疫苗。

    questions:
{"".join(f"      - {question}" + chr(10) for question in QUESTIONS)}
    # 再写猫
  - title: 猫证怎么办
    id: KB902
    answer: 猫不用办证。
    questions: [{", ".join(q.replace("狗", "猫") for q in QUESTIONS)}]
"""
TEXTS = {PATH: TEXT}
DOG, CAT = records_in(PATH, TEXT)
BIRD = Record(
    {
        **{name: value for name, value in DOG.values.items() if name not in ("more", "owner")},
        "id": "KB903",
        "title": "鸟证怎么办",
        "answer": "鸟不用办证。",
        "questions": tuple(q.replace("狗", "鸟") for q in QUESTIONS),
    },
    "x.csv",
    7,
    {"answer": 7, "questions": 7},
)


def changed(record: Record, **values: object) -> Record:
    return replace(record, values={**record.values, **values}, path="x.csv", line=3, lines={})  # type: ignore[dict-item]


def test_what_is_there_already_changes_nothing() -> None:
    plan = plan_import(TEXTS, [DOG, CAT], update=True)
    assert (plan.texts, plan.same) == ({}, ("KB901", "KB902"))


def test_a_new_article_goes_behind_the_others_of_its_category() -> None:
    plan = plan_import(TEXTS, [BIRD])
    new = plan.texts[PATH]
    assert new.startswith(TEXT)
    assert [record.id for record in records_in(PATH, new)] == ["KB901", "KB902", "KB903"]
    assert records_in(PATH, new)[2].text("owner") == "治安支队"  # of the defaults of the file
    assert plan.added == ("KB903",)


def test_a_new_category_is_a_new_file() -> None:
    plan = plan_import(TEXTS, [changed(BIRD, category="鸟")])
    (path,) = plan.texts
    assert path == "knowledge_base/articles/鸟.yaml"
    assert records_in(path, plan.texts[path])[0].values == {**BIRD.values, "category": "鸟"}


def test_another_text_is_kept_unless_an_update_is_asked_for() -> None:
    other = changed(DOG, answer="先打疫苗再办证。")
    plan = plan_import(TEXTS, [other])
    assert plan.texts == {}
    assert (plan.kept[0].path, plan.kept[0].line, "回答不同" in plan.kept[0].message) == ("x.csv", 3, True)
    plan = plan_import(TEXTS, [other], update=True)
    assert plan.texts[PATH] == TEXT.replace("带狗去登记点办证。", "先打疫苗再办证。")
    assert plan.updated == ("KB901",)


def test_an_update_touches_the_lines_of_its_fields_alone() -> None:
    fresh = tuple(f"遛狗{q}" for q in QUESTIONS)
    dog = changed(DOG, questions=fresh, more="先打疫苗，再拍照。", valid_to="2027-01-01", owner="李四")
    cat = changed(CAT, title="猫要不要办证", related=("KB901",))
    new = plan_import(TEXTS, [dog, cat], update=True).texts[PATH]
    back = records_in(PATH, new)
    assert [record.values for record in back] == [dog.values, cat.values]
    for comment in ("# 治安支队维护", "# 张三", "# 先写狗", "# 引号留着", "# 年底前再核一次", "# 再写猫"):
        assert comment in new
    assert "  - title: 猫要不要办证\n" in new
    assert new.index("# 再写猫") > new.index("valid_to")


def test_an_empty_field_changes_nothing() -> None:
    bare = Record({"id": "KB901", "answer": "带狗去登记点办证。"})
    assert plan_import(TEXTS, [bare], update=True).same == ("KB901",)


def test_line_ends_stay() -> None:
    texts = {PATH: TEXT.replace("\n", "\r\n")}
    new = plan_import(texts, [changed(DOG, answer="换了。")], update=True).texts[PATH]
    assert new == TEXT.replace("带狗去登记点办证。", "换了。").replace("\n", "\r\n")


def test_what_cannot_be_edited_safely_is_left_to_a_person() -> None:
    article = f"{{id: KB901, title: 狗证, answer: 去办证。, questions: [{','.join(QUESTIONS)}]}}"
    flow = f"category: 犬\narticles: [{article}]\n"
    with pytest.raises(ContentError) as error:
        plan_import({PATH: flow}, [Record({"id": "KB901", "answer": "换了。"})], update=True)
    assert error.value.problems


@pytest.mark.parametrize(
    ("record", "line", "words"),
    [
        (changed(BIRD, answer="长" * 41), 3, "KB903 回答"),
        (replace(BIRD, values={**BIRD.values, "reviewed": "明天"}), 7, "核对日期"),
        (changed(BIRD, related=("KB999",)), 3, "KB999"),
        (changed(BIRD, questions=QUESTIONS[:2]), 3, "问法"),
        (changed(BIRD, id=""), 3, "没有编号"),
        (changed(BIRD, category=""), 3, "没有分类"),
        (changed(BIRD, category="../x"), 3, "文件名"),
    ],
)
def test_mistakes_are_told_at_their_row_with_the_field(record: Record, line: int, words: str) -> None:
    with pytest.raises(ContentError) as error:
        plan_import(TEXTS, [record], update=True)
    found = [p for p in error.value.problems if p.path == "x.csv"]
    assert found[0].line == line
    assert any(words in problem.message for problem in found)


def test_an_id_twice_is_refused() -> None:
    with pytest.raises(ContentError) as error:
        plan_import(TEXTS, [BIRD, BIRD, changed(BIRD, title="x")])
    assert "x.csv:7" in error.value.problems[0].message


# ── the commands ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kb/articles").mkdir(parents=True)
    (tmp_path / "kb/articles/犬.yaml").write_text(TEXT, encoding="utf-8")
    return tmp_path / "kb"


def kb(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(arg) for arg in args])
    return result.exit_code, result.output


@pytest.mark.parametrize("name", ["out.md", "out.csv", "out.xlsx", "out"])
def test_out_and_in_again(folder: Path, tmp_path: Path, name: str) -> None:
    assert kb("export", tmp_path / name, "--dir", folder)[0] == 0
    code, output = kb("import", tmp_path / name, "--dir", folder, "--update")
    assert (code, "相同 2 条" in output) == (0, True)
    assert (folder / "articles/犬.yaml").read_text(encoding="utf-8") == TEXT
    empty = tmp_path / "other"
    (empty / "articles").mkdir(parents=True)
    assert kb("import", tmp_path / name, "--dir", empty)[0] == 0
    written = (empty / "articles/犬.yaml").read_text(encoding="utf-8")
    assert [record.values for record in records_in("x", written)] == [DOG.values, CAT.values]


def test_a_file_of_windows_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(to_csv([BIRD]).encode("gb18030"))
    assert "没有写文件" in kb("import", tmp_path / "x.csv", "--dir", folder, "--dry-run")[1]
    assert "KB903" not in (folder / "articles/犬.yaml").read_text(encoding="utf-8")
    assert "新增 1 条" in kb("import", tmp_path / "x.csv", "--dir", folder)[1]


def test_one_mistake_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        to_csv([BIRD, changed(BIRD, id="KB904", answer="长" * 50)]), encoding="utf-8"
    )
    code, output = kb("import", tmp_path / "x.csv", "--dir", folder)
    assert code == 1
    assert "x.csv:" in output
    assert "什么都没有写入" in output
    assert (folder / "articles/犬.yaml").read_text(encoding="utf-8") == TEXT


def test_only_some(folder: Path, tmp_path: Path) -> None:
    assert "1 条" in kb("export", tmp_path / "a.csv", "--dir", folder, "--id", "KB902")[1]
    assert "没有这些条目" in kb("export", tmp_path / "a.csv", "--dir", folder, "--id", "KB999")[1]
    assert "应是" in kb("export", tmp_path / "a.pdf", "--dir", folder)[1]

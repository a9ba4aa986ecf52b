"""What is wrong with YAML that cannot be read, in words of its author: which line, why, what to do.

The parser tells where it got stuck and what it had hoped for; why is guessed from the lines there, by
the mistakes people make (measured on a corpus: ``tests/flows/broken``). Full-width punctuation, text that
begins with ``{`` and a missing space after the colon lead; PyYAML's English is shown only where it is
all there is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import yaml

BREAK: Final = re.compile(r"\r\n|\n|\r")
_KEY: Final = r"""[^\s#:：'"\[\]{},\-][^\s#:：'"\[\]{},]*"""
_START: Final = rf"(?P<start>\s*(?:- +)*)(?P<key>{_KEY})"
_WIDE_COLON: Final = re.compile(rf"{_START}：\s*(?P<value>.*)$")
_NO_SPACE: Final = re.compile(rf"{_START}:(?P<value>[^\s:/].*)$")
_PAIR: Final = re.compile(rf"^(?P<head>\s*(?:- +)*(?:{_KEY}:(?=\s))?)(?P<gap>\s*)(?P<value>\S.*?)\s*$")
_TAB: Final = re.compile(r" *\t")
_INDENT: Final = re.compile(r"[ \t]*")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Advice:
    """A reading error explained.

    Args:
        line, column: 1-based, inside the text.
        message, suggestion: Chinese.
        mended: the line as it was probably meant; with it in place reading may go on, so that the
            mistakes behind this one are found too. None when nobody can tell.
    """

    line: int
    column: int
    message: str
    suggestion: str
    mended: str | None = None


def advise(text: str, error: yaml.MarkedYAMLError) -> Advice:
    """Explains why `text` could not be read."""
    return _Case(BREAK.split(text), error).advice()


class _Case:
    """One error with the lines around it."""

    def __init__(self, lines: Sequence[str], error: yaml.MarkedYAMLError) -> None:
        self.lines = lines
        self.problem = error.problem or ""
        self.context = error.context or ""
        stuck = error.problem_mark or error.context_mark
        begun = error.context_mark or stuck
        self.line, self.column = (stuck.line, stuck.column) if stuck else (0, 0)
        self.first, self.first_column = (begun.line, begun.column) if begun else (0, 0)

    def advice(self) -> Advice:
        tabs = [i for i in (self.line, self.first) if _TAB.match(self._text(i))]
        if tabs:
            return self._tabs(tabs[0])
        by_problem = {
            "could not find expected ':'": self._no_colon,
            "mapping values are not allowed": self._second_colon,
            "unexpected end of stream": self._open_quote,
            "unknown escape character": self._escape,
            "']'": self._open_bracket,
            "'}'": self._open_bracket,
            "node content": self._open_bracket,
            "another document": self._documents,
            "<document start>": self._documents,
            "unexpected document indicator": self._documents,
            "alphabetic or numeric": self._first_character,
            "cannot start any token": self._first_character,
            "undefined alias": self._first_character,
            "anchor": self._first_character,
            "comment or line break": self._first_character,
            "directive": self._first_character,
            "tag": self._first_character,
            "sequence entries are not allowed": self._dash,
            "'-' indicator": self._structure,
            "expected key": self._structure,
        }
        told = f"{self.problem} {self.context}"
        explain = next((how for words, how in by_problem.items() if words in told), self._unknown)
        return explain()

    # ── causes ──────────────────────────────────────────────────────────────────────────────

    def _tabs(self, line: int) -> Advice:
        others = sum(1 for text in self.lines if _TAB.match(text)) - 1
        more = f"（另有 {others} 行也是）" if others > 0 else ""
        return self._at(line, self._text(line).index("\t"), f"用了 Tab 缩进{more}", "请改用空格，每层两个")

    def _no_colon(self) -> Advice:
        """A line that is no pair of key and value where one must stand."""
        line = self.first
        return (
            self._bad_colons(line)
            or self._bad_colons(self._before(line))
            or self._at(
                line, self.first_column, "这一行缺少冒号", "应写成「键: 内容」，冒号是半角，后面有空格"
            )
        )

    def _second_colon(self) -> Advice:
        before, here = self._before(self.line), self._text(self.line)
        if bad := self._bad_colons(before):
            return bad
        pair = _PAIR.match(here)
        if pair and pair["head"].strip(" -") and self.column > len(pair["head"]):
            hint = "请给整句加引号，或改用全角冒号「：」"
            return self._quoted(self.line, pair, "文字里有「: 」，会被当作另一个键", hint)
        if before >= 0 and not re.search(r":(\s|$)", self._text(before)):
            hint = "应写成「键: 内容」，冒号是半角，后面有空格"
            return self._at(before, self._indent(before), "这一行缺少冒号", hint)
        return (
            self._indentation(self.line)
            if self._indent(self.line) > self._indent(before)
            else self._unknown()
        )

    def _bad_colons(self, line: int) -> Advice | None:
        """The first of such lines in a row: the parser reads them as one text."""
        found = None
        while line >= 0 and (bad := self._bad_colon(line)):
            found, line = bad, self._before(line)
        return found

    def _bad_colon(self, line: int) -> Advice | None:
        """A full-width colon, or none of the space that makes a colon one."""
        text = self._text(line)
        if (wide := _WIDE_COLON.match(text)) and _NAME.fullmatch(wide["key"]):
            mended = f"{wide['start']}{wide['key']}: {wide['value']}"
            message, hint = "冒号是全角的「：」", "请改成半角冒号加空格「: 」"
            return self._at(line, wide.end("key"), message, hint, mended)
        if (tight := _NO_SPACE.match(text)) and _NAME.fullmatch(tight["key"]):
            mended = f"{tight['start']}{tight['key']}: {tight['value']}"
            return self._at(
                line, tight.end("key"), "冒号后面少了空格", f"应写成「{tight['key']}: …」", mended
            )
        return None

    def _open_quote(self) -> Advice:
        line, column = self.first, self.first_column
        return self._at(line, column, f"引号「{self._char(line, column)}」没有闭合", "请在这句话末尾补上引号")

    def _escape(self) -> Advice:
        hint = "请改用单引号，或写成「\\\\」"
        return self._at(self.line, self.column - 1, "双引号里的「\\」有特别的意思", hint)

    def _open_bracket(self) -> Advice:
        bracket = self._char(self.first, self.first_column)
        if found := self._braced_item() or self._braced(self.first):
            return found
        if bracket in ("[", "{"):
            closing = "]" if bracket == "[" else "}"
            where = f"第 {self.first + 1} 行的「{bracket}」没有闭合"
            return self._at(self.line, self.column, where, f"请补上「{closing}」，各项之间用半角逗号")
        return self._unknown()

    def _documents(self) -> Advice:
        sign = self._text(self.line).strip()[:3]
        if self.column == 0 and sign in ("---", "..."):
            return self._at(
                self.line, 0, f"一个文件里只能有一份内容，不能用「{sign}」分成几份", "请删除这一行"
            )
        return self._at(
            self.line, self.column, "「...」表示文件到此结束，后面不能再有内容", "请删除「...」那一行"
        )

    def _first_character(self) -> Advice:
        line, column = self.first, self.first_column
        if self.problem.endswith("undefined alias") or "occurrence" in self.problem:
            line, column = self.line, self.column
        char = self._char(line, column)
        if self._char(line, column - 1) in ("'", '"') and (opened := self._odd_quote()):
            return opened
        pair = _PAIR.match(self._text(line))
        if char in ("|", ">"):
            return self._at(line, column, f"「{char}」后面要换行", "文字写在下一行，多缩进两格")
        message, hint = f"文字不能用「{char}」开头", "请给整句加引号"
        if pair and pair["head"].strip() and column == pair.start("value"):
            return self._quoted(line, pair, message, hint)
        return self._at(line, column, message, hint)

    def _dash(self) -> Advice:
        return self._at(self.line, self.column, "列表的「- 」不能和键写在同一行", "请另起一行，再写「- 」")

    def _structure(self) -> Advice:
        """A line that does not go on with the group it stands in."""
        return (
            self._braced(self.line)
            or self._after_quote()
            or self._odd_quote()
            or self._bad_colons(self.line)
            or self._bad_colons(self._before(self.line))
            or self._indentation(self.line)
        )

    def _braced(self, line: int) -> Advice | None:
        """``{hotline}您好``: a mapping with text after it."""
        pair = _PAIR.match(self._text(line))
        if pair and (found := re.match(r"[\[{][^\[\]{}]*[\]}]\s*[^\s#,\]}]", pair["value"])):
            sign = found[0][0]
            return self._quoted(line, pair, f"以「{sign}」开头的句子要加引号", f'例如 "{pair["value"][:20]}"')
        return None

    def _braced_item(self) -> Advice | None:
        """``[好, 您{name}好]``: braces in an unquoted item of a list."""
        text, column = self._text(self.line), self.column
        before = text[:column].rstrip()
        if self._char(self.line, column) != "{" and not before.endswith("}"):
            return None
        start = max(
            text.rfind(sign, 0, before.rfind("{") if before.endswith("}") else column) for sign in "[,"
        )
        ends = [end for sign in ",]" if (end := text.find(sign, column)) > 0]
        if start < 0 or not ends:
            return None
        item = text[start + 1 : min(ends)].strip().replace('"', '\\"')
        first = start + 1 + len(text[start + 1 :]) - len(text[start + 1 :].lstrip())
        mended = f'{text[:first]}"{item}"{text[min(ends) :]}'
        return self._at(self.line, first, "列表里带「{…}」的句子要加引号", f'应写成 "{item[:20]}"', mended)

    def _after_quote(self) -> Advice | None:
        pair = _PAIR.match(self._text(self.line))
        if pair and re.match(r"""("[^"]*"|'[^']*')\s*[^\s#,:\]}]""", pair["value"]):
            hint = "请把整句放进引号里，句子里的引号用「」"
            return self._at(self.line, self.column, "引号后面还有文字", hint)
        return None

    def _odd_quote(self) -> Advice | None:
        """The quote that this one closes was meant to be closed lines above."""
        for line in range(self.line, max(-1, self.line - 40), -1):
            pair = _PAIR.match(self._text(line))
            if (
                pair
                and (sign := pair["value"][0]) in "\"'"
                and _COMMENT.sub("", pair["value"]).count(sign) == 1
            ):
                column = pair.start("value")
                return self._at(line, column, f"引号「{sign}」没有闭合", "请在这句话末尾补上引号")
        return None

    def _indentation(self, line: int) -> Advice:
        mine, before = self._indent(line), self._before(line)
        text = self._text(line).strip()
        if text.startswith("- ") and mine == self._indent(before):
            return self._at(line, mine, "这里不能再写列表「- 」", "请检查缩进，或把上面的键改成列表")
        if mine > self._indent(before):
            message = f"缩进不一致：这一行缩进 {mine} 格，上一行 {self._indent(before)} 格，并且已经有内容"
            return self._at(line, mine, message, "同一组的键要左边对齐")
        if text[:1] in tuple("]}"):
            return self._at(line, mine, f"多了「{text[0]}」", "请删除它，或补上前面的括号")
        levels = sorted({self._indent(i) for i in range(line) if self._text(i).strip()})
        near = "、".join(str(n) for n in levels if abs(n - mine) <= 2 and n != mine)
        hint = f"上面用的是 {near} 格，同一组的键要左边对齐" if near else "同一组的键要左边对齐"
        return self._at(line, mine, f"缩进不一致：这一行缩进 {mine} 格", hint)

    def _unknown(self) -> Advice:
        words = (
            f"这里看不懂（{self.problem or self.context or '解析器没有说原因'}）"  # for who maintains this
        )
        return self._at(self.line, self.column, words, "请检查这一行和上一行的冒号、引号、缩进")

    # ── the lines ───────────────────────────────────────────────────────────────────────────

    def _text(self, line: int) -> str:
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    def _char(self, line: int, column: int) -> str:
        return self._text(line)[column : column + 1]

    def _indent(self, line: int) -> int:
        found = _INDENT.match(self._text(line))
        return found.end() if found else 0

    def _before(self, line: int) -> int:
        """The line before that says something."""
        while line > 0:
            line -= 1
            if self._text(line).strip() and not self._text(line).lstrip().startswith("#"):
                return line
        return -1

    def _quoted(self, line: int, pair: re.Match[str], message: str, hint: str) -> Advice:
        value = _COMMENT.sub("", pair["value"]).replace("\\", "\\\\").replace('"', '\\"')
        mended = f'{pair["head"]}{pair["gap"]}"{value}"'
        return self._at(line, pair.start("value"), message, hint, mended)

    def _at(self, line: int, column: int, message: str, hint: str, mended: str | None = None) -> Advice:
        line = min(max(line, 0), len(self.lines) - 1)
        column = min(max(column, 0), len(self.lines[line]))
        return Advice(line + 1, column + 1, message, hint, mended)

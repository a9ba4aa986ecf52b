"""Pydantic's findings in words that the author of a YAML file knows."""

import re
from collections.abc import Mapping
from typing import Any

Location = tuple[str | int, ...]


def field_name(within: Location) -> str:
    """A place as an author counts: ``choices.第2项.next``."""
    return ".".join(f"第{part + 1}项" if isinstance(part, int) else part[:40] for part in within)


def in_chinese(kind: str, message: str, limits: Mapping[str, Any], given: object) -> tuple[str, str, str]:
    """Code, message and suggestion."""
    match kind:
        case "missing":
            return "schema.missing", "缺少必填项", ""
        case "extra_forbidden":
            return "schema.unknown_key", "未知的键", ""
        case "model_type" | "dict_type" | "list_type" | "tuple_type" | "string_type" if given is None:
            return "schema.type", "没有写内容", "「#」「~」要加引号" if kind == "string_type" else ""
        case "model_type" | "dict_type" | "model_attributes_type" | "mapping_type":
            hint = "每一项写成「名称: 内容」，不写「- 」" if isinstance(given, list) else ""
            return "schema.type", "应为一组键值", hint
        case "list_type" | "tuple_type":
            return "schema.type", "应为列表", "每一项前面写「- 」，或写成 [甲, 乙]"
        case "string_type" if isinstance(given, dict):
            braced = list(given.values()) == [None]
            return (
                "schema.type",
                "应为文字",
                "以「{」开头的句子要加引号" if braced else "带「: 」的句子要加引号",
            )
        case "string_type":
            return "schema.type", "应为文字", ""
        case "int_parsing" | "int_from_float" | "int_type":
            return f"schema.{kind}", "应为整数", ""
        case "float_parsing" | "float_type" | "finite_number":
            return f"schema.{kind}", "应为数字", ""
        case "bool_parsing" | "bool_type":
            return f"schema.{kind}", "应为 true 或 false", ""
        case "greater_than_equal":
            return f"schema.{kind}", f"不能小于 {limits['ge']}", ""
        case "less_than_equal":
            return f"schema.{kind}", f"不能大于 {limits['le']}", ""
        case "enum" | "literal_error":
            allowed = re.findall(r"'([^']*)'", str(limits.get("expected", "")))
            message = f"没有「{str(given)[:40]}」这个取值" if isinstance(given, str) else "取值不对"
            return f"schema.{kind}", message, "可用：" + "、".join(allowed)
        case _:
            return f"schema.{kind}", message.removeprefix("Value error, "), ""

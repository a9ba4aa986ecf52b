"""Rows of the content tables as values."""

from collections.abc import Mapping
from typing import Any

from voicebot.core.problem import Problem, Severity
from voicebot.operations.content import Change, Draft, Refusal, Release, Version


def a_version(row: Mapping[Any, Any]) -> Version:
    return Version(**row)


def a_release(row: Mapping[Any, Any], versions: Mapping[str, int]) -> Release:
    return Release(**{**row, "change": Change(row["change"])}, versions=versions)


def a_draft(row: Mapping[Any, Any]) -> Draft:
    return Draft(**row)


def a_refusal(row: Mapping[Any, Any]) -> Refusal:
    problems = (Problem(**{**found, "severity": Severity(found["severity"])}) for found in row["problems"])
    return Refusal(row["place"], tuple(row["files"]), tuple(problems), row["at"])

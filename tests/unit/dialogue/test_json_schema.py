"""The JSON Schema accepts exactly what the loader's shape stage accepts, and the committed file is this."""

import copy
import json
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.flows.caller import ROOT, shipped_texts
from voicebot.cli import main
from voicebot.core.marked_yaml import MarkedYaml, read_yaml
from voicebot.dialogue.hints import KEYS, KINDS
from voicebot.dialogue.json_schema import FILE_NAME, flow_schema, flow_schema_text
from voicebot.dialogue.loading import read_flow
from voicebot.dialogue.schema import STEP_MODELS

SCHEMA = flow_schema()
CHECKER = Draft202012Validator(SCHEMA)
COMMENT = f"# yaml-language-server: $schema={FILE_NAME}\n"


def as_written(document: Any) -> Any:
    """A document of an editor as our reader sees it: every scalar in the text YAML writes it in."""
    match document:
        case dict():
            return {key: as_written(value) for key, value in document.items()}
        case list():
            return [as_written(value) for value in document]
        case bool():
            return str(document).lower()
        case float() if document.is_integer():
            return str(int(document))
        case float():
            return f"{document:.12f}".rstrip("0")
        case int():
            return str(document)
        case _:
            return document


def loader_accepts(document: Any) -> bool:
    return not read_flow(MarkedYaml("x.yaml", as_written(document), {})).problems


def schema_accepts(document: Any) -> bool:
    return bool(CHECKER.is_valid(document))


class _Core(yaml.CSafeLoader):
    """YAML 1.2 core as editors read it: only true and false are booleans, dates are texts."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's way)
        first: [(tag, pattern) for tag, pattern in found if tag.rsplit(":", 1)[1] in ("int", "float", "null")]
        for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def test_the_committed_file_is_up_to_date() -> None:
    assert (ROOT / "ivr_flows" / FILE_NAME).read_text(encoding="utf-8") == flow_schema_text()


def test_the_command_prints_it() -> None:
    assert CliRunner().invoke(main, ["flow", "schema"]).output == flow_schema_text()


def test_it_is_a_schema_with_words_for_everything() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert KINDS.keys() == STEP_MODELS.keys()
    fields = {name for model in STEP_MODELS.values() for name in model.model_fields} - {"kind"}
    assert fields <= KEYS.keys()
    assert SCHEMA["properties"].keys() <= KEYS.keys()
    known = fields | SCHEMA["properties"].keys() | {"key", "is"}
    assert {name.rsplit(".", 1)[-1] for name in KEYS} <= known


@pytest.mark.parametrize("path", shipped_texts())
def test_every_shipped_flow_names_it_and_is_accepted(path: str) -> None:
    text = shipped_texts()[path]
    assert text.startswith(COMMENT)
    assert not list(CHECKER.iter_errors(yaml.load(text, _Core)))


TEXTS = st.sampled_from(["a", "b", "", "你好", "{what}", "1", "0.5", "true", "yes", "patient", "zh", "ask"])
SCALARS = (
    TEXTS | st.integers(-1, 25) | st.sampled_from([0.0, 0.6, 2.0, 10.0, 10.5]) | st.booleans() | st.none()
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["zh", "en", "patient", "a", "label", "key", "next", "is"]), inner, max_size=3
        )
    ),
    max_leaves=4,
)


def drawn(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    """A document that a part of the schema accepts (conditions aside)."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "allOf" in schema:
        return drawn(draw, SCHEMA["$defs"][draw(st.sampled_from(sorted(STEP_MODELS)))])
    if "anyOf" in schema:
        return drawn(draw, draw(st.sampled_from(schema["anyOf"])))
    if "const" in schema or "enum" in schema:
        return draw(st.sampled_from(schema.get("enum") or [schema["const"]]))
    match schema["type"]:
        case "array":
            return [drawn(draw, schema["items"]) for _ in range(draw(st.integers(0, 2)))]
        case "object":
            wanted = schema.get("properties", {})
            names = [n for n in wanted if n in schema.get("required", ()) or draw(st.integers(0, 3)) == 0]
            found = {name: drawn(draw, wanted[name]) for name in names}
            others = schema.get("additionalProperties")
            if isinstance(others, dict):
                extra = draw(st.lists(st.sampled_from(["a", "b", "zh", "en"]), max_size=2, unique=True))
                found |= {name: drawn(draw, others) for name in extra}
            return found
        case "number":
            return draw(st.sampled_from([0, 0.25, 3, 10, 10.0]))
        case "null":
            return None
        case "string":
            return draw(st.sampled_from(["0", "0.5", "10", "9.99", "11", "a"]))
        case _:
            return draw(TEXTS | st.integers(0, 9) | st.booleans())


documents = st.composite(lambda draw: drawn(draw, SCHEMA))()


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside: list[tuple[Any, ...]] = [at]
    if isinstance(document, dict):
        inside += [place for key, value in document.items() for place in places(value, (*at, key))]
    elif isinstance(document, list):
        inside += [place for i, value in enumerate(document) for place in places(value, (*at, i))]
    return inside


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A document of which a few places were replaced, removed or given a key too many."""
    document = copy.deepcopy(draw(documents))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(document)))
        if not place:
            continue
        parent = document
        for key in place[:-1]:
            parent = parent[key]
        match draw(st.sampled_from(["replace", "remove", "add", "rename"])):
            case "replace":
                parent[place[-1]] = draw(ANYTHING)
            case "remove":
                del parent[place[-1]]
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(sorted(KEYS)))] = draw(ANYTHING)
            case "rename" if isinstance(parent, dict):
                parent[draw(st.sampled_from(["kind", "next", "prompt", "wordings", "root"]))] = parent.pop(
                    place[-1]
                )
    return document


@given(documents)
@settings(max_examples=150, deadline=None)
def test_both_agree_about_documents_of_the_schema(document: Any) -> None:
    assert schema_accepts(document) == loader_accepts(document), json.dumps(document, ensure_ascii=False)


@given(mutated())
@settings(max_examples=300, deadline=None)
def test_both_agree_about_mutated_documents(document: Any) -> None:
    assert schema_accepts(document) == loader_accepts(document), json.dumps(document, ensure_ascii=False)


class _Plain(yaml.SafeDumper):
    """Writes what an editor would be given: no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


@given(documents | mutated())
@settings(max_examples=80, deadline=None)
def test_both_agree_about_the_text_of_a_file(document: Any) -> None:
    text = yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=False)
    seen = yaml.load(text, _Core)
    assert schema_accepts(seen) == (not read_flow(read_yaml("x.yaml", text)).problems), text


@given(ANYTHING)
@settings(max_examples=50, deadline=None)
def test_both_agree_about_anything(document: Any) -> None:
    assert schema_accepts(document) == loader_accepts(document)


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("max_tries", 2, True),
        ("max_tries", "2", True),
        ("max_tries", 6, False),
        ("max_tries", 1.5, False),
        ("max_tries", True, False),
        ("optional", True, True),
        ("optional", "no", True),
        ("optional", 1, False),
        ("optional", "maybe", False),
        ("patience", 0.6, True),
        ("patience", "0.6", True),
        ("patience", 11, False),
        ("prompt", 110, True),
        ("prompt", {"wordings": {"zh": "好"}}, False),
        ("ignores", ["back"], True),
        ("ignores", ["sing"], False),
        ("next", None, True),
        ("help", None, True),
        ("label", "listening", True),
        ("slot", False, True),
    ],
)
def test_values(field: str, value: object, fits: bool) -> None:
    step = {"kind": "ask", "prompt": "好", field: value}
    document = {"flow": "x", "title": "x", "start": "a", "steps": {"a": step}}
    assert (schema_accepts(document), loader_accepts(document)) == (fits, fits)

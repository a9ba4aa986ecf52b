"""The shape of a flow file as JSON Schema, for editors: they complete, explain and check while one types.

It accepts exactly the documents that the loader's shape stage accepts (unit/dialogue/test_json_schema.py),
where a document is what an editor makes of the YAML: numbers and booleans written plain are such, and each
stands for the text in which YAML writes it (``2``, ``0.6``, ``true``); `fields` says for each value what
that means. What a schema cannot know, such as whether a target exists, is the checker's business. Other
spellings than the plain ones (``0x2``, ``2.0`` for a count, ``1e0``) are one value to an editor and another
text to us; the loader refuses them.
"""

import json
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from voicebot.dialogue.fields import TEXT_SCHEMA
from voicebot.dialogue.flow_file import FlowFile
from voicebot.dialogue.hints import KEYS, KINDS
from voicebot.dialogue.schema import STEP_MODELS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME: Final = "flow.schema.json"


class Generator(GenerateJsonSchema):
    """Texts may be written as any scalar; names of Python classes are no titles."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return dict(TEXT_SCHEMA)

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])  # defaults are values of ours, not what one writes


def flow_schema() -> dict[str, Any]:
    """The schema of one file of ``ivr_flows/``."""
    file, shared = _of(FlowFile)
    kinds: dict[str, Any] = {}
    for kind, model in STEP_MODELS.items():
        kinds[kind], more = _of(model, kind)
        kinds[kind]["description"] = KINDS[kind]
        shared |= more
    file["properties"]["steps"]["additionalProperties"] = {"$ref": "#/$defs/step"}
    names = {
        "enum": list(KINDS),
        "description": "这一步做什么。" + "；".join(f"{kind}：{what}" for kind, what in KINDS.items()),
    }
    step = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": names},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{kind}"},
            }
            for kind in kinds
        ],
    }
    file["properties"]["steps"]["description"] = KEYS["steps"]
    return {"$schema": DIALECT, "title": "流程", **file, "$defs": {**shared, **kinds, "step": step}}


def flow_schema_text() -> str:
    """The schema as it is committed beside the flows."""
    return json.dumps(flow_schema(), ensure_ascii=False, indent=1) + "\n"


def _of(model: type[BaseModel], kind: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """(schema of a model, schemas it refers to); with words for authors instead of those for us."""
    schema = model.model_json_schema(schema_generator=Generator, mode="validation")
    shared = schema.pop("$defs", {})
    for part in (schema, *shared.values()):
        part.pop("description", None)
        part.pop("title", None)
        for name, field in part.get("properties", {}).items():
            if what := KEYS.get(f"{kind}.{name}") or KEYS.get(name):
                field["description"] = what
    return schema, shared

"""The shapes of `knowledge_base/dispatch.yaml` and `knowledge_base/categories.yaml`."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("应为 true 或 false")
    return value == "true" if isinstance(value, str) else value


Flag = Annotated[bool, BeforeValidator(_flag)]
Words = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BelowFile(_Part):
    kinds: tuple[str, ...]
    ground: Words


class GroundFile(_Part):
    name: Words
    basis: Words
    other: Flag = False


class RouteFile(_Part):
    id: Words
    words: Words
    also: str = Field(default="", alias="and")
    never: str = Field(default="", alias="not")
    night: Flag = False
    main: Words
    helpers: str = Field(default="", alias="with")
    shared: Flag = False
    person: Flag = False
    ground: Words


class DispatchFile(_Part):
    """See `Directory` and the comments of the shipped file."""

    automatic: float | None = Field(default=None, ge=0.5, le=1)
    designate_at: int = Field(default=3, ge=2, le=9)
    below: BelowFile | None = None
    regions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    night: str = ""
    grounds: tuple[GroundFile, ...] = ()
    routes: tuple[RouteFile, ...] = ()


class CategoryFile(_Part):
    to: Words
    words: Words
    code: str = ""


class CategoriesFile(_Part):
    categories: dict[str, dict[str, dict[str, CategoryFile]]]

"""The base of all models, and redaction of secrets in bodies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from inspect import Parameter, Signature, get_annotations, signature
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Strict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from .._arguments import did_you_mean
from ..errors import InvalidCall

Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
# Graph prints result codes as numbers on v1.0 and as texts on beta; both must come back as they came.
Code = Whole | Text

Problem = tuple[str, str]
"""Path of a field in Graph's names, and advice on how to correct it."""


def one_of(*values: str) -> AfterValidator:
    """Return a validator of a text with few values; the letter case is left to the service."""
    names = {value.lower() for value in values}

    def check(text: str) -> str:
        if text.lower() not in names:
            # Braces in the text must not be read as a template.
            advice = did_you_mean(text, values) or f"choose from: {', '.join(values)}."
            raise PydanticCustomError(
                "choice", "unknown value {text}; {advice}", {"text": repr(text), "advice": advice}
            )
        return text

    return AfterValidator(check)


class Resource(BaseModel):
    """Base of all parts of a call: camelCase on the wire; unknown fields of JSON kept, explicit nulls kept.

    Raises
    ------
    InvalidCall
        When it is made, or a field of it is set, with a value that does not fit or under a name that is no field's.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="allow",
        validate_assignment=True,
        hide_input_in_errors=True,  # a body may hold a token meeting's token
    )

    type_name: ClassVar[str | None] = None
    """What ``@odata.type`` says of this class, where Graph wants it said."""

    odata_type: Text | None = Field(default=None, alias="@odata.type")

    def __init__(self, **fields: Any) -> None:
        for name in fields:
            self._check_name(name)
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise self._misread(error) from None

    # As of pydantic's own __init__: models that are read from JSON do not come through it, and keep what is unknown.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        # What Shift+Tab shows and completion offers: the names of Python, with the types as they are written there.
        written = {name: str(kind) for base in reversed(cls.__mro__) for name, kind in get_annotations(base).items()}
        names = sorted(cls.model_fields, key="odata_type".__eq__)  # it is seldom given: last
        cls.__signature__ = Signature(
            [Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=written[name]) for name in names]
        )

    def __dir__(self) -> list[str]:
        """What completion offers: the fields and what one does with them, not pydantic's forty ways."""
        return [*(set(super().__dir__()) - _PYDANTIC)]

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name not in (self.__pydantic_extra__ or {}):
            self._check_name(name)
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise self._misread(error) from None

    def model_post_init(self, context: Any) -> None:
        # An unknown JSON field spelled like one of our Python names must not make that field count as set.
        for name in type(self).model_fields.keys() & (self.__pydantic_extra__ or {}).keys():
            if self.__dict__[name] is None:
                self.model_fields_set.discard(name)
        if self.type_name is not None and "odata_type" not in self.model_fields_set:
            self.odata_type = self.type_name

    def to_json_dict(self) -> dict[str, Any]:
        """The resource as it is written to the wire: only what was set, in Graph's names."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @classmethod
    def from_json_dict(cls, body: Mapping[str, Any]) -> Self:
        """Read it from its JSON form, in Graph's names only.

        Raises
        ------
        InvalidCall
            ``problems`` names each field that is wrong, all of them at once.
        """
        if not isinstance(body, Mapping):
            raise InvalidCall(f"{cls._said().capitalize()} is a JSON object; this is {_json_kind(body)}.")
        try:
            # By alias only: an unknown field that is spelled like one of ours in Python stays what it is.
            return cls.model_validate(body, by_alias=True, by_name=False)
        except ValidationError as error:
            raise cls._misread(error) from None

    @classmethod
    def of_given(cls, **fields: Any) -> Self:
        """From Python values under their Python names; a field of ``None`` is left out.

        Raises
        ------
        InvalidCall
            ``problems`` names each field that is wrong, in Graph's names.
        """
        return cls.from_json_dict({to_camel(name): value for name, value in fields.items() if value is not None})

    @classmethod
    def _misread(cls, error: ValidationError) -> InvalidCall:
        problems = [problem for item in error.errors(include_input=True) for problem in cls._read_error(item)]
        lines = "; ".join(f"{field}: {advice}" for field, advice in problems)
        return InvalidCall(f"This is not {cls._said()} that Graph would understand. {lines}", problems=problems)

    @classmethod
    def _read_error(cls, item: Any) -> list[Problem]:
        """Return the problems of one error of pydantic, which a validator of several fields puts into the context."""
        path = _path(item["loc"])
        problems = item.get("ctx", {}).get("problems")
        if problems is not None:
            return [(f"{path}.{inner}", advice) for inner, advice in problems]
        if item["type"] in ("missing", "string_too_short") or (item["type"] == "too_short" and not item["input"]):
            field = next((f for f in cls.model_fields.values() if f.alias == path), None)
            return [(path, f"it is missing; give {(field and field.description) or 'a value'}.")]
        return [(path, _advice(item))]

    @classmethod
    def _check_name(cls, name: str) -> None:
        """A slip of the pen must not travel to the service as a field that nobody knows."""
        names = list(signature(cls).parameters)
        if name in names or any(name == field.alias for field in cls.model_fields.values()):
            return
        advice = did_you_mean(name, names) or f"its fields are {', '.join(names)}."
        beyond = f"A field that is new in Graph goes through {cls.__name__}.from_json_dict."
        raise InvalidCall(f"{cls.__name__} has no {name!r}; {advice} {beyond}", problems=[(name, advice)])

    @classmethod
    def _said(cls) -> str:
        """The class in words: ``a call``, ``an identity set``."""
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", cls.__name__).lower()
        return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


_PYDANTIC = {name for name in dir(BaseModel) if not name.startswith("_")} | {"of_given", "type_name"}


def by_type(*classes: type[Resource]) -> Discriminator:
    """Tells the class of a resource by its ``@odata.type``; what is not known goes to the base class."""
    names = {cls.type_name: cls.__name__ for cls in classes}

    def tag(value: Any) -> str:
        if isinstance(value, Mapping):
            found = value.get("@odata.type", value.get("odata_type"))
            return names.get(found, "base") if isinstance(found, str) else "base"
        return type(value).__name__ if type(value) in classes else "base"

    return Discriminator(tag)


def _json_kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "an array",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)


_EXPECTED = {
    "string_type": "a text in double quotes",
    "int_type": "a whole number without quotes",
    "bool_type": "true or false without quotes",
    "list_type": "an array in square brackets",
    "model_type": "an object in braces",
    "model_attributes_type": "an object in braces",
}


def _advice(item: Any) -> str:
    expected = _EXPECTED.get(item["type"])
    if item["type"] in ("too_long", "string_too_long"):
        unit = "items" if item["type"] == "too_long" else "characters"
        return f"it has {len(item['input'])} {unit}; Graph accepts at most {item['ctx']['max_length']}."
    if item["type"] == "choice":
        return str(item["msg"])
    if item["type"] == "model_type" and item["loc"]:
        expected = f"{expected} (in Python: {item['ctx']['class_name']})"
    return f"expected {expected}, found {_json_kind(item['input'])}." if expected else f"{item['msg']}."


def _path(location: tuple[int | str, ...]) -> str:
    """``("targets", 0, "identity")`` as ``targets[0].identity``; pydantic's union tags are no part of it."""
    parts = [part for part in location if isinstance(part, int) or not (part == "base" or part[:1].isupper())]
    parts = [part for part in parts if not (isinstance(part, str) and "[" in part)]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".") or "body"


_SECRET = frozenset({"token", "passcode", "blob", "recordingAccessToken"})


def masked(value: Any) -> Any:
    """A body as it may be kept: who holds the token of a meeting can join it, a callback's path is a secret."""
    if isinstance(value, dict):
        return {name: _masked(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def _masked(name: str, value: Any) -> Any:
    if name == "callbackUri" and isinstance(value, str):
        return "/".join([*value.split("/")[:3], "***"])
    return "***" if name in _SECRET and value else masked(value)

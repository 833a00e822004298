"""Base class of all models, translation of pydantic's errors, and redaction of secrets."""

import re
from collections.abc import Mapping
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Strict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from .._arguments import did_you_mean
from ..errors import InvalidCall

Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
# Graph writes result codes as numbers in v1.0 and as texts in beta; a round trip keeps either.
Code = Whole | Text

Problem = tuple[str, str]
"""Path of a field in Graph's names, and advice on how to correct it."""


class _PythonSignature:
    """Signature of a model for Shift+Tab, in the names of Python; it is made when it is read."""

    def __get__(self, instance: object, owner: type[BaseModel]) -> Signature:
        types = get_type_hints(owner)
        parameters = [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if field.is_required() else None,
                annotation=_format_type(types[name]),
            )
            for name, field in owner.model_fields.items()
        ]
        # odata_type is rarely given, so it comes last.
        return Signature(sorted(parameters, key=lambda parameter: parameter.name == "odata_type"))


def _format_type(kind: Any) -> str:
    """Return a type without modules and metadata, such as ``list[ParticipantInfo] | None``."""
    if get_origin(kind) is list:
        return f"list[{_format_type(get_args(kind)[0])}]"
    if get_args(kind):
        return " | ".join(map(_format_type, get_args(kind)))
    return "None" if kind is type(None) else str(kind.__name__)


class Resource(BaseModel):
    """Base class of the parts of a call: camelCase on the wire, snake_case in Python.

    Round trips are exact: unknown fields and explicit nulls of JSON are kept.

    Raises
    ------
    InvalidCall
        When an object is made, or a field is set, with an invalid value or an unknown name.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="allow",
        validate_assignment=True,
        hide_input_in_errors=True,  # a body may hold the token of a meeting
        defer_build=True,  # a program uses few of the models, and each takes a millisecond to build
    )

    type_name: ClassVar[str | None] = None
    """The ``@odata.type`` of this class, if Graph requires one."""

    __signature__: ClassVar[Any] = _PythonSignature()

    odata_type: Text | None = Field(default=None, alias="@odata.type")

    def __init__(self, **fields: Any) -> None:
        for name in fields:
            self._check_name(name)
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise self._translate(error) from None

    # Marks this __init__ as pydantic's own, so reading JSON does not call it, and keeps unknown fields.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __pydantic_on_complete__(cls) -> None:
        # Pydantic has just set a signature with Graph's names.
        cls.__signature__ = _PythonSignature()

    def __dir__(self) -> list[str]:
        """Return the names for completion: the fields and our methods, without pydantic's."""
        return [*(set(super().__dir__()) - _HIDDEN_NAMES)]

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name not in (self.__pydantic_extra__ or {}):
            self._check_name(name)
            # Graph's name of a field sets the field, not a second member of the same name.
            fields = type(self).model_fields
            name = next((field for field in fields if fields[field].alias == name), name)
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise self._translate(error) from None

    def model_post_init(self, context: Any) -> None:
        # An unknown JSON field with the Python name of a field must not mark that field as set.
        for name in type(self).model_fields.keys() & (self.__pydantic_extra__ or {}).keys():
            if self.__dict__[name] is None:
                self.model_fields_set.discard(name)
        if self.type_name is not None and "odata_type" not in self.model_fields_set:
            self.odata_type = self.type_name

    def to_json_dict(self) -> dict[str, Any]:
        """Return the resource as it is sent: only the fields that are set, in Graph's names."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @classmethod
    def from_json_dict(cls, body: Mapping[str, Any]) -> Self:
        """Read a resource from its JSON form, in Graph's names only.

        Parameters
        ----------
        body : mapping
            A JSON object; unknown fields are kept.

        Raises
        ------
        InvalidCall
            ``problems`` names every invalid field.
        """
        if not isinstance(body, Mapping):
            raise InvalidCall(f"Expected {cls._describe()} as a JSON object, got {_describe_json(body)}.")
        try:
            # By alias only, so an unknown field with one of our Python names is kept as it is.
            return cls.model_validate(body, by_alias=True, by_name=False)
        except ValidationError as error:
            raise cls._translate(error) from None

    @classmethod
    def from_kwargs(cls, **fields: Any) -> Self:
        """Make a resource from Python names; a field of ``None`` is left out.

        Raises
        ------
        InvalidCall
            ``problems`` names every invalid field, in Graph's names.
        """
        present = {name: value for name, value in fields.items() if value is not None}
        return cls.from_json_dict({cls.model_fields[name].alias or name: value for name, value in present.items()})

    @classmethod
    def _translate(cls, error: ValidationError) -> InvalidCall:
        problems = [problem for item in error.errors(include_input=True) for problem in cls._find_problems(item)]
        lines = "; ".join(f"{field}: {advice}" for field, advice in problems)
        return InvalidCall(f"This is not {cls._describe()} in Graph's format. {lines}", problems=problems)

    @classmethod
    def _find_problems(cls, item: Any) -> list[Problem]:
        """Return the problems in one error of pydantic; a validator of a whole object lists several."""
        path = _format_path(item["loc"])
        if item["type"] == "problems":
            return [(f"{path}.{inner}", advice) for inner, advice in item["ctx"]["problems"]]
        if item["type"] in ("missing", "string_too_short") or (item["type"] == "too_short" and not item["input"]):
            field = next((field for field in cls.model_fields.values() if field.alias == path), None)
            return [(path, f"it is missing; give {(field and field.description) or 'a value'}.")]
        return [(path, _advise(item))]

    @classmethod
    def _check_name(cls, name: str) -> None:
        """Raise ``InvalidCall`` for an unknown name, so a typing error is not sent as a new field."""
        if name in cls.model_fields or any(name == field.alias for field in cls.model_fields.values()):
            return
        names = list(signature(cls).parameters)
        advice = did_you_mean(name, names) or f"its fields are {', '.join(names)}."
        escape = f"For a field that is new in Graph, use {cls.__name__}.from_json_dict."
        message = f"{cls.__name__} does not have a field {name!r}; {advice} {escape}"
        raise InvalidCall(message, problems=[(name, advice)])

    @classmethod
    def _describe(cls) -> str:
        """Return the class in words: ``a call``, ``an identity set``."""
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", cls.__name__).lower()
        return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


_HIDDEN_NAMES = {name for name in dir(BaseModel) if not name.startswith("_")} | {
    "from_kwargs",
    "python_names",
    "type_name",
}


def one_of(*values: str) -> AfterValidator:
    """Return a validator of a text with few values; the letter case is left to the service."""
    names = {value.lower() for value in values}

    def check(text: str) -> str:
        if text.lower() not in names:
            advice = did_you_mean(text, values) or f"choose from: {', '.join(values)}."
            # As values, so braces in the text are not read as a template.
            context = {"text": repr(text), "advice": advice}
            raise PydanticCustomError("choice", "unknown value {text}; {advice}", context)
        return text

    return AfterValidator(check)


def discriminate_by_type(*classes: type[Resource]) -> Discriminator:
    """Return a discriminator by ``@odata.type``; an unknown type selects the base class."""
    names = {cls.type_name: cls.__name__ for cls in classes}

    def get_tag(value: Any) -> str:
        if isinstance(value, Mapping):
            type_name = value.get("@odata.type", value.get("odata_type"))
            # Some libraries leave out the hash.
            return names.get(f"#{type_name.removeprefix('#')}", "base") if isinstance(type_name, str) else "base"
        return type(value).__name__ if type(value) in classes else "base"

    return Discriminator(get_tag)


_JSON_NAMES = {
    dict: "an object",
    list: "an array",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def _describe_json(value: object) -> str:
    return _JSON_NAMES.get(type(value), type(value).__name__)


_EXPECTED = {
    "string_type": "a text in double quotes",
    "int_type": "a whole number without quotes",
    "bool_type": "true or false without quotes",
    "list_type": "an array in square brackets",
    "model_type": "an object in braces",
    "model_attributes_type": "an object in braces",
}


def _advise(item: Any) -> str:
    """Return advice for one error of pydantic."""
    kind = item["type"]
    if kind in ("too_long", "string_too_long"):
        unit = "items" if kind == "too_long" else "characters"
        return f"it has {len(item['input'])} {unit}; Graph accepts at most {item['ctx']['max_length']}."
    expected = _EXPECTED.get(kind)
    if expected is None:
        return f"{item['msg'].rstrip('.')}{'' if item['msg'].endswith('?') else '.'}"
    if kind == "model_type" and item["loc"]:
        expected = f"{expected} (in Python: {item['ctx']['class_name']})"
    return f"expected {expected}, got {_describe_json(item['input'])}."


def _format_path(location: tuple[int | str, ...]) -> str:
    """Return ``targets[0].identity`` for ``("targets", 0, "identity")``, without the tags of pydantic's unions."""
    parts = [part for part in location if isinstance(part, int) or not (part == "base" or part[:1].isupper())]
    parts = [part for part in parts if not (isinstance(part, str) and "[" in part)]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".") or "body"


SECRET_FIELDS = frozenset({"token", "passcode", "blob", "recordingAccessToken"})
"""Members of Graph entities with credentials; they are never stored or shown."""


def redact(value: Any) -> Any:
    """Return a JSON value without secrets.

    The token of a meeting lets its holder join, and the path of a callback URL is a secret.

    Examples
    --------
    >>> redact({"callbackUri": "https://bot.example/calls/c5d1", "meetingInfo": {"token": "t0p"}})
    {'callbackUri': 'https://bot.example/***', 'meetingInfo': {'token': '***'}}
    """
    if isinstance(value, dict):
        return {name: _redact_field(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [redact(inner) for inner in value]
    return value


def _redact_field(name: str, value: Any) -> Any:
    if name == "callbackUri" and isinstance(value, str):
        return "/".join([*value.split("/")[:3], "***"])
    return "***" if name in SECRET_FIELDS and value else redact(value)

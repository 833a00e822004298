"""Methods that return a frame, and name forgotten parentheses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any, NoReturn, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def frame_method(function: F) -> F:
    """Return a method of a session that, used as a frame without parentheses, raises an error that names them."""
    return cast(F, _Descriptor(function))


class _Descriptor:
    """A function of a class; of an instance, a :class:`_FrameMethod`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__wrapped__ = function
        self.__doc__ = function.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Callable[..., Any]:
        return self.__wrapped__ if instance is None else _FrameMethod(MethodType(self.__wrapped__, instance))


class _FrameMethod:
    """A bound method; anything but a call raises an error."""

    def __init__(self, method: MethodType) -> None:
        self.__wrapped__ = method
        self.__name__, self.__doc__ = method.__name__, method.__doc__

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.__wrapped__(*arguments, **options)

    def _advise(self, use: str) -> str:
        return f"{self.__name__} is a method; call it with parentheses: session.{self.__name__}(){use}"

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(self._advise("" if name.startswith("_") else f".{name}"))

    def __getitem__(self, key: object) -> NoReturn:
        raise TypeError(self._advise(f"[{key!r}]"))

    def __len__(self) -> NoReturn:
        raise TypeError(self._advise(""))

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(self._advise(""))

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<{self._advise('')}>"

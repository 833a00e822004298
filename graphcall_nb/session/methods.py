"""Methods whose forgotten parentheses are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import FunctionType, MethodType
from typing import Any, NoReturn, TypeVar

C = TypeVar("C", bound=type)

OWNER = "graphcall_nb_owner"
"""Attribute of a decorated function: the usual name of the instance."""

_METHOD_ATTRIBUTES = ("__name__", "__qualname__", "__module__", "__doc__", "__self__", "__func__")


def name_forgotten_parentheses(owner: str) -> Callable[[C], C]:
    """Return a class decorator: a public method that is used without parentheses says so.

    As the last expression of a cell it shows a sentence; used as its result, it raises an error.

    Parameters
    ----------
    owner : str
        The usual name of an instance, such as ``"session"``.

    Examples
    --------
    >>> @name_forgotten_parentheses("call")
    ... class Call:
    ...     def hang_up(self): ...
    >>> Call().hang_up
    <hang_up is a method; call it with parentheses: call.hang_up()>
    """

    def decorate(kind: C) -> C:
        for name, value in list(vars(kind).items()):
            if isinstance(value, FunctionType) and not name.startswith("_"):
                value.__dict__[OWNER] = owner
                setattr(kind, name, _Descriptor(value))
        return kind

    return decorate


class _Descriptor:
    """A function of a class; of an instance, a :class:`_Method`."""

    def __init__(self, function: FunctionType) -> None:
        self.__wrapped__ = function
        self.__doc__ = function.__doc__

    def __get__(self, instance: object, kind: type | None = None) -> Callable[..., Any]:
        return self.__wrapped__ if instance is None else _Method(self.__wrapped__, instance)


class _Method(partial[Any]):
    # A bound method; anything but a call raises an error. A partial calls without a line of Python, so the traceback of
    # an error has no further line. IPython would show a docstring of this class below that of the method.
    __doc__ = ""
    __name__: str

    def __new__(cls, function: FunctionType, instance: object) -> _Method:  # as MethodType, for WeakMethod
        method = MethodType(function, instance)
        made = super().__new__(cls, method)
        vars(made).update({name: getattr(method, name) for name in _METHOD_ATTRIBUTES})
        return made

    def _advise(self, use: str) -> str:
        owner = getattr(self.func, OWNER)
        return f"{self.__name__} is a method; call it with parentheses: {owner}.{self.__name__}(){use}"

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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Method) and self.func == other.func

    def __hash__(self) -> int:
        return hash(self.func)

    def __repr__(self) -> str:
        return f"<{self._advise('')}>"

"""A class: one service and one listener for many students, each with calls and notifications of their own."""

from .room import Classroom, Seat, size_of_class

__all__ = ["Classroom", "Seat", "size_of_class"]

"""A class: one service for many students, each with calls and notifications of their own."""

from .server import Classroom, Student, check_class_size

__all__ = ["Classroom", "Student", "check_class_size"]

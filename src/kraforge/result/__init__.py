"""Answers: rows as Python values, and the same as frames, files and a table to read."""

from kraforge.result.answer import Heading, Result

__all__ = ["Heading", "Result"]

"""Laying out text in lines of a width: groups of possible line breaks, broken from the outside in, and comments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, field

WIDTH = 100
INDENT = "    "
DEEPEST = 12
"""How many levels are indented at most, so that deep nesting leaves room for text."""


@define(eq=False)
class Group:
    """Line breaks that are taken together or not at all; `broken` from the start where a comment needs one of them."""

    parent: Group | None
    broken: bool = False


@define(eq=False)
class Line:
    """A possible line break of a group; `flat` stands there where it is not taken. Comments stand at it."""

    group: Group
    indent: int
    comment_indent: int
    flat: str
    comments: list[Comment] = field(factory=list)


@define
class Comment:
    """A comment with its `#`; `trailing` where it stands behind something in its line."""

    text: str
    trailing: bool


class Page:
    """What is to be laid out, written in the order of the text."""

    def __init__(self) -> None:
        self._parts: list[str | Line | Group | None] = []  # a group opens, None closes the innermost
        self._group = Group(None, broken=True)
        self._before: list[Comment] = []
        self._pending: list[Comment] = []
        self._line: Line | None = None

    @contextmanager
    def group(self) -> Iterator[None]:
        """Line breaks written inside belong together."""
        self._group = Group(self._group)
        self._parts.append(self._group)
        yield
        assert self._group.parent is not None
        self._group = self._group.parent
        self._parts.append(None)

    def text(self, text: str) -> None:
        """Writes text that no line break parts."""
        self._parts.append(text)
        self._line = None

    def line(self, indent: int, flat: str = " ", comment_indent: int | None = None) -> None:
        """Writes a possible line break."""
        self._line = Line(self._group, indent, indent if comment_indent is None else comment_indent, flat)
        self._parts.append(self._line)
        for comment in self._pending:
            self._attach(self._line, comment)
        self._pending = []

    def comment(self, comment: Comment) -> None:
        """Writes a comment: at the line break just written, else at the next one, which is taken then."""
        if not any(isinstance(part, str) for part in self._parts):
            self._before.append(comment)
        elif self._line is not None:
            self._attach(self._line, comment)
        else:
            self._pending.append(comment)

    def _attach(self, line: Line, comment: Comment) -> None:
        line.comments.append(comment)
        group: Group | None = line.group
        while group is not None and not group.broken:
            group.broken = True
            group = group.parent

    def render(self) -> str:
        """The text in lines; a group stays on one line where it fits."""
        written = [f"{comment.text}\n" for comment in self._before]
        column = 0
        for i, part in enumerate(self._parts):
            match part:
                case str():
                    written.append(part)
                    column += len(part)
                case Group(parent=Group(broken=True)):
                    part.broken = part.broken or not self._fits(i, WIDTH - column)
                case Line(group=Group(broken=True)):
                    written += [*_comments(part.comments, part.comment_indent), "\n", _margin(part.indent)]
                    column = len(_margin(part.indent))
                case Line():
                    written.append(part.flat)
                    column += len(part.flat)
        return "".join([*written, *_comments(self._pending, 0)])

    def _fits(self, start: int, room: int) -> bool:
        """Whether the group that opens at `start`, on one line, and the text up to the next line break fit."""
        depth, closed = 0, False
        for i in range(start, len(self._parts)):
            match self._parts[i]:
                case Line() if closed:
                    return True
                case str(text) | Line(flat=text):
                    room -= len(text)
                case Group():
                    depth += 1
                case None:
                    depth -= 1
                    closed = closed or depth == 0
            if room < 0:
                return False
        return True


def _comments(comments: list[Comment], indent: int) -> Iterator[str]:
    for i, comment in enumerate(comments):
        yield f"  {comment.text}" if i == 0 and comment.trailing else f"\n{_margin(indent)}{comment.text}"


def _margin(indent: int) -> str:
    return INDENT * min(indent, DEEPEST)

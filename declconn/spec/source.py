"""A spec's bytes -> Node: bounded in every direction, and with a place for all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from declconn.errors import Place, Problem, SpecError
from declconn.spec.node import Node
from declconn.spec.syntax import explain, where
from declconn.spec.tree import TreeBuilder, UnreadableError

MAX_BYTES: Final = 1 << 20

# Not in YAML, or a line end to the parser only, or able to show a reader another text than the one that is read.
_HIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_spec_text(text: bytes, file: str) -> Node:
    """The tree of a spec's text.

    Args:
        text: the file's bytes: UTF-8, one YAML document, at most 1 MiB.
        file: how places name the file.

    Raises:
        SpecError: with every problem that was found.
    """
    return _good(*compose(text, file))


def read_spec_file(path: Path) -> Node:
    """The tree of a spec's file. Raises ``SpecError`` as ``read_spec_text``, and for a file that cannot be read."""
    return _good(*compose_file(path))


def compose_file(path: Path) -> tuple[Node | None, list[Problem]]:
    """As ``compose``, of a file; it is read no further than the bound."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        return None, [Problem(Place(str(path), 1, 1), "", f"the file cannot be read: {reason}")]
    return compose(text, str(path))


def compose(text: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree and what is wrong with it; no tree where a problem makes the rest unreadable."""
    problem = _unfit(text, file)
    if problem is not None:
        return None, [problem]
    return compose_events(yaml.parse(text.decode(), Loader=_LOADER), text, file)


def compose_events(events: Iterator[Any], text: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """As ``compose``, from the events of either of the YAML library's two parsers."""
    builder = TreeBuilder(file)
    try:
        root = builder.build(_parsed(events, builder, text.decode().splitlines()))
    except UnreadableError:
        return None, builder.problems
    if root is None or root.value is None:
        builder.note(Place(file, 1, 1), "the file is empty; a spec begins with `spec: 1` and `name:`")
        return None, builder.problems
    if not root.is_map:
        what = "a list" if isinstance(root.value, list) else f"the text '{str(root.value)[:40]}'"
        builder.note(root.place, f"a spec is a map of words like `spec: 1`, found {what}")
        return None, builder.problems
    return root, builder.problems


def _good(node: Node | None, problems: list[Problem]) -> Node:
    if node is None or problems:
        raise SpecError(problems)
    return node


def _unfit(text: bytes, file: str) -> Problem | None:
    """Why these bytes are not handed to the parser at all."""
    if len(text) > MAX_BYTES:
        return Problem(Place(file, 1, 1), "", f"the file is larger than {MAX_BYTES:,} bytes; a spec has about 10,000")
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        before = text[: error.start].decode()
        found = f"byte 0x{text[error.start]:02X} at offset {error.start} is not UTF-8"
        return Problem(_place_after(before, file), "", f"{found}; save the file as UTF-8")
    if decoded.startswith("\ufeff"):
        return Problem(Place(file, 1, 1), "", "the file begins with a byte order mark; save it as UTF-8 without one")
    hidden = _HIDDEN.search(decoded)
    if hidden is None:
        return None
    message = f"the invisible character U+{ord(hidden.group()):04X} stands here; remove it, or write it as an escape"
    return Problem(_place_after(decoded[: hidden.start()], file), "", message)


def _place_after(before: str, file: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _parsed(events: Iterator[Any], builder: TreeBuilder, lines: list[str]) -> Iterator[Any]:
    """The parser's events; what it refuses becomes a problem."""
    try:
        yield from events
    except yaml.MarkedYAMLError as error:
        mark, message = where(error, lines), explain(error, lines)
        if mark is None or mark.line < len(lines):
            raise builder.refused(mark, message) from None
        raise builder.ended() or builder.refused(mark, message) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The Python parser lets chr() refuse an escape, and then knows no place.
        raise builder.refused(None, f"not valid YAML: {' '.join(str(error).split())}") from None

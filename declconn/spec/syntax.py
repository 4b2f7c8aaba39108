"""The YAML parser's complaints, in words that help somebody who writes a spec."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import yaml

from declconn.spec.tree import Mark

_MAX_LINE: Final = 400  # the patterns below would take hours on a line of a megabyte
_FLOW: Final = "while parsing a flow"
_ENCLOSED: Final = (_FLOW, "while scanning a quoted")

# What is usually meant where the parser gives up; the first that fits the line is shown.
_HINTS: Final = (
    (re.compile(r"[ ]*\t"), "indent with spaces, not with tabs"),
    (re.compile(r".*(?:^|[:,\[{-]\s+)\{[^{}]*\}[^\s,}\]#]"), 'quote a template: url: "{env.rest}/path"'),
    (re.compile(r".*(?:^|[:,\[{-]\s+)\[[^\[\]]*\][^\s,}\]#]"), "quote a path that begins with '['"),
    (re.compile(r".*(?:^|[:,\[{-]\s+)[@`%!&*]"), "quote a text that begins with one of @ ` % ! & *"),
    (re.compile(r".*:\s.*:\s"), "quote a text that holds a colon and a space"),
)
_NO_HINT: Final = "look at the indentation, quotes and brackets"


def where(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Mark | None:
    """The mark to show: where the parser gave up, or the bracket or quote on an earlier line that is not closed.

    Args:
        error: the parser's error.
        lines: the file's text.
    """
    began, gave_up = error.context_mark, error.problem_mark
    is_later = began is not None and gave_up is not None and began.line < gave_up.line
    if is_later and (error.context or "").startswith(_ENCLOSED) and not _inner_bracket(error, lines):
        return began
    return gave_up or began


def explain(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> str:
    """One line: what the parser says, and what to try; the arguments are those of ``where``."""
    shown, said = where(error, lines), error.problem or "it cannot be parsed"
    if error.problem_mark is not shown and error.problem_mark:
        said += f" at {error.problem_mark.line + 1}:{error.problem_mark.column + 1}"
    elif error.context:
        mark = error.context_mark
        said += f" {error.context}" + (f" that begins at {mark.line + 1}:{mark.column + 1}" if mark else "")
    if bracket := _inner_bracket(error, lines):
        hint = f"quote it: a text inside of {{..}} or [..] that holds '{bracket}' needs quotes"
    else:
        line = _line(error.problem_mark, lines)[:_MAX_LINE] if shown is error.problem_mark else ""
        hint = next((hint for pattern, hint in _HINTS if pattern.match(line)), _NO_HINT)
    return f"not valid YAML: {' '.join(said.split())}; {hint}"


def _inner_bracket(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> str:
    """The bracket in an unquoted text at which the parser gave up: ``{get: /ticker/{symbol}}``; else nothing."""
    mark = error.problem_mark
    if mark is None or not (error.context or "").startswith(_FLOW):
        return ""
    before, found = _line(mark, lines)[: mark.column], _line(mark, lines)[mark.column : mark.column + 1]
    return found if found in ("{", "[") and before[-1:].strip() else ""


def _line(mark: Mark | None, lines: Sequence[str]) -> str:
    return lines[mark.line] if mark is not None and mark.line < len(lines) else ""

"""The YAML parser's complaints, in words that help somebody who writes a spec."""

from __future__ import annotations

import re
from typing import Final

import yaml

from declconn.spec.tree import Mark

_MAX_LINE: Final = 400  # the patterns below would take hours on a line of a megabyte
_ENCLOSED: Final = ("while parsing a flow", "while scanning a quoted")

# What is usually meant where the parser gives up; the first that fits the line is shown.
_HINTS: Final = (
    (re.compile(r"[ ]*\t"), "indent with spaces, not with tabs"),
    (re.compile(r".*(?:^|[:,\[{-]\s+)\{[^{}]*\}[^\s,}\]#]"), 'quote a template: url: "{env.rest}/path"'),
    (re.compile(r".*(?:^|[:,\[{-]\s+)\[[^\[\]]*\][^\s,}\]#]"), "quote a path that begins with '['"),
    (re.compile(r".*(?:^|[:,\[{-]\s+)[@`%!&*]"), "quote a text that begins with one of @ ` % ! & *"),
    (re.compile(r".*:\s.*:\s"), "quote a text that holds a colon and a space"),
)
_NO_HINT: Final = "look at the indentation, quotes and brackets"


def where(error: yaml.MarkedYAMLError) -> Mark | None:
    """The mark to show: where the parser gave up, or the bracket or quote on an earlier line that is not closed."""
    began, gave_up = error.context_mark, error.problem_mark
    if began and gave_up and began.line < gave_up.line and (error.context or "").startswith(_ENCLOSED):
        return began
    return gave_up or began


def explain(error: yaml.MarkedYAMLError, line: str) -> str:
    """One line: what the parser says, and what to try.

    Args:
        error: the parser's error.
        line: the text of the line that ``where`` shows.
    """
    said = error.problem or "it cannot be parsed"
    if error.problem_mark is not where(error) and error.problem_mark:
        said += f" at {error.problem_mark.line + 1}:{error.problem_mark.column + 1}"
    elif error.context:
        mark = error.context_mark
        said += f" {error.context}" + (f" that begins at {mark.line + 1}:{mark.column + 1}" if mark else "")
    hints = [hint for pattern, hint in _HINTS if pattern.match(line[:_MAX_LINE])]
    return f"not valid YAML: {' '.join(said.split())}; {hints[0] if hints else _NO_HINT}"

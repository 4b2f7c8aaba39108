"""The YAML parser's complaints, in words that help somebody who writes a spec."""

from __future__ import annotations

import re
from typing import Final

import yaml

# What is usually meant where the parser gives up; the first that fits the line is shown.
_HINTS: Final = (
    (re.compile(r"[ ]*\t"), "indent with spaces, not with tabs"),
    (re.compile(r".*(?:^|[:,\[{-]\s+)\{[^{}]*\}[^\s,}\]#]"), 'quote a template: url: "{env.rest}/path"'),
    (re.compile(r".*(?:^|[:,\[{-]\s+)\[[^\[\]]*\][^\s,}\]#]"), "quote a path that begins with '['"),
    (re.compile(r".*(?:^|[:,\[{-]\s+)[@`%!&*]"), "quote a text that begins with one of @ ` % ! & *"),
    (re.compile(r".*:\s.*:\s"), "quote a text that holds a colon and a space"),
)


def where(error: yaml.MarkedYAMLError) -> yaml.Mark | None:
    """The mark to show: where something began that never ends, else where the parser gave up."""
    if error.context_mark and "end of stream" in (error.problem or ""):
        return error.context_mark
    return error.problem_mark or error.context_mark


def explain(error: yaml.MarkedYAMLError, line: str) -> str:
    """One line: what the parser says, and what to try.

    Args:
        error: the parser's error.
        line: the text of the line that it points at.
    """
    said = error.problem or "it cannot be parsed"
    if error.context:
        mark = error.context_mark
        said += f" {error.context}" + (f" that begins at {mark.line + 1}:{mark.column + 1}" if mark else "")
    hint = next(
        (hint for pattern, hint in _HINTS if pattern.match(line)), "look at the indentation, quotes and brackets"
    )
    return f"not valid YAML: {' '.join(said.split())}; {hint}"

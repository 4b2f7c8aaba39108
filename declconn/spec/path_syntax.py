"""Why a text is no JMESPath, in words that help somebody who writes a spec."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from jmespath.exceptions import JMESPathError

MAX_DIGITS: Final = 40
"""Of a number in a path; no list has so many items, and Python itself refuses a few thousand digits."""

_LONG_NUMBER: Final = re.compile(rf"(?<!\w)[0-9]{{{MAX_DIGITS + 1}}}", re.ASCII)
_TEXT: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")

_HOLE: Final = re.compile(r"\{[\w.]+\}")
_FORM: Final = "a path looks like data.items[0].price (docs/paths.md has the rest)"


def has_long_number(text: str) -> bool:
    """Whether a path holds a number of more digits than are read."""
    return _LONG_NUMBER.search(_TEXT.sub("", text)) is not None


def explain_syntax(text: str, error: JMESPathError) -> str:
    """What is wrong with a path, where, and what to write instead.

    Args:
        text: the path.
        error: the refusal of JMESPath's parser.
    """
    if not text.strip():
        return "the path is empty; '@' is the whole message"
    position = getattr(error, "lex_position", None)
    at = position if isinstance(position, int) else len(text)
    end = ", its end" if at >= len(text) else ""
    hint = next((hint for fits, hint in _HINTS if fits(text, at)), _FORM)
    return f"path {short(text)} is not JMESPath at character {at + 1}{end}; {hint}"


def short(text: str) -> str:
    """A path in the words of an error, quoted."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _is_number(text: str, _at: int) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdecimal()


def _is_assignment(text: str, at: int) -> bool:
    return text[at : at + 1] == "=" and text[at + 1 : at + 2] != "="


def _has_open_quote(text: str, _at: int) -> bool:
    return any(text.count(quote) % 2 for quote in "'\"`")


def _has_hyphen(text: str, _at: int) -> bool:
    return "-" in _QUOTED.sub("", text)


def _is_template(text: str, _at: int) -> bool:
    return _HOLE.search(text) is not None


def _has_open_bracket(text: str, _at: int) -> bool:
    bare = _QUOTED.sub("", text)
    return any(bare.count(opening) > bare.count(closing) for opening, closing in ("[]", "()", "{}"))


_HINTS: Final[tuple[tuple[Callable[[str, int], bool], str], ...]] = (
    (_is_number, "a constant number is written without quotes"),
    (_has_open_quote, "a quote is not closed"),
    (_is_assignment, "write '==' to compare"),
    (_is_template, "a path has no braces; '{symbol}' is a template, and 'symbol' a path"),
    (_has_open_bracket, "a bracket is not closed"),
    (_has_hyphen, "a key with a hyphen is quoted: '\"filled-amount\"'"),
)
"""What is usually meant; the first that fits is shown."""

"""Names to specs.

A name is looked up, in this order, among the built-in specs, the directories of ``DECLCONN_PATH``, the user's
config directory and the entry points (group ``declconn.specs``) of installed packages. The first that has it wins,
so a spec found on disk never takes a built-in name. A text that ends in ``.yaml`` or holds a path separator is a
file, and is read as it is.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec as find_module
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from declconn.errors import Problem, UnknownSpecError
from declconn.spec import Spec, check_spec_file, load_spec_file, resolve_spec_file

BUILT_IN = "built-in"
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A spec that can be loaded by name, and where it was found."""

    name: str
    path: Path
    origin: str


def available() -> list[SpecFile]:
    """Every spec that can be loaded by name, sorted by name; one that an earlier place hides is left out."""
    found: dict[str, SpecFile] = {}
    for origin, folder in _folders():
        for path in sorted(path for path in folder.glob("*.yaml") if path.is_file()):
            found.setdefault(path.stem, SpecFile(path.stem, path, origin))
    return sorted(found.values(), key=lambda file: file.name)


def find_spec(name_or_path: str | os.PathLike[str]) -> Path:
    """The file of a spec.

    Raises:
        UnknownSpecError: there is no such name or file; the message says what is near and where was looked.
    """
    text = os.fspath(name_or_path)
    if text.endswith((".yaml", ".yml")) or os.sep in text:
        return _file(Path(text))
    path = _by_name(text) if NAME.fullmatch(text) else None
    if path is not None:
        return path
    names = _names()
    near = difflib.get_close_matches(text, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}"
    raise UnknownSpecError(
        f"no spec is called {text!r}; {hint} (a file is given by its path; DECLCONN_PATH names further directories)"
    )


def load_spec(name_or_path: str | os.PathLike[str], *, strict: bool = False) -> Spec:
    """A spec, read and checked.

    Args:
        name_or_path: a name (``binance``) or a file (``./my_venue.yaml``).
        strict: lints are errors too.

    Raises:
        UnknownSpecError: there is no such spec.
        SpecError: it is not right; carries every problem with its place.
    """
    path = find_spec(name_or_path)
    return load_spec_file(path, lambda parent: _parent(parent, path), _names, strict=strict)


def check_spec(name_or_path: str | os.PathLike[str]) -> list[Problem]:
    """Everything that is wrong with a spec, and everything that is doubtful (``warning``), sorted by place.

    Raises:
        UnknownSpecError: there is no such spec.
    """
    path = find_spec(name_or_path)
    return check_spec_file(path, lambda parent: _parent(parent, path), _names)[1]


def resolved_spec(name_or_path: str | os.PathLike[str]) -> dict[str, Any]:
    """A spec's text after `extends`, `endpoint_defaults` and `like`, as dicts, lists and scalars.

    Raises:
        UnknownSpecError, SpecError: as ``load_spec``.
    """
    path = find_spec(name_or_path)
    return resolve_spec_file(path, lambda parent: _parent(parent, path), _names)


def _folders() -> Iterator[tuple[str, Path]]:
    """The places where specs are looked for, in order, each with what it is called."""
    yield BUILT_IN, built_in_folder()
    for folder in filter(None, os.environ.get("DECLCONN_PATH", "").split(os.pathsep)):
        yield "DECLCONN_PATH", Path(folder)
    yield "user", user_config_path("declconn") / "specs"
    from importlib.metadata import entry_points  # slow, and needed only for what was found nowhere else

    for point in entry_points(group="declconn.specs"):
        # Finding a top-level package does not run its code.
        module = find_module(point.value)
        for location in (module.submodule_search_locations if module else None) or ():
            yield f"package {point.name}", Path(location)


def built_in_folder() -> Path:
    """Where the built-in specs are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


def _names() -> list[str]:
    return [file.name for file in available()]


def _file(path: Path) -> Path:
    if path.is_file():
        return path
    if path.exists():
        raise UnknownSpecError(f"{str(path)!r} is not a file, but a directory or a device")
    raise UnknownSpecError(f"there is no file {str(path)!r}")


def _by_name(name: str) -> Path | None:
    for _, folder in _folders():
        path = folder / f"{name}.yaml"
        if path.is_file():
            return path
    return None


def _parent(name: str, child: Path) -> Path | None:
    """The file that ``extends: name`` means: a built-in spec, one beside the child, or any other by name."""
    built_in = built_in_folder() / f"{name}.yaml"
    beside = child.parent / f"{name}.yaml"
    return next((path for path in (built_in, beside) if path.is_file()), None) or _by_name(name)


def registered(name: str) -> Spec | None:
    """The spec that a name stands for, whose hosts may see that name's credentials."""
    path = _by_name(name)
    return None if path is None else load_spec_file(path, lambda parent: _parent(parent, path), _names)

"""Names to specs to connectors.

A name is looked up, in this order, among the built-in specs, the directories of ``DECLCONN_PATH``, the user's
config directory and the entry points (group ``declconn.specs``) of installed packages. The first that has it wins,
so a spec found on disk never takes a built-in name. A text that ends in ``.yaml`` or holds a path separator is a
file, and is read as it is.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import entry_points
from importlib.util import find_spec as find_module
from pathlib import Path
from random import Random
from typing import Any, Final

from platformdirs import user_config_path

from declconn.book import Precision
from declconn.clock import Clock, SystemClock
from declconn.connector.build import build
from declconn.connector.exchange import Exchange
from declconn.connector.requests.shared_limits import SharedLimits
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.credentials import Credentials, credentials_for
from declconn.errors import ConfigurationError, Problem, UnknownSpecError
from declconn.net.transport import Transport
from declconn.nonces import NonceSource
from declconn.spec import Spec, check_spec_file, load_spec_file, resolve_spec_file

BUILT_IN = "built-in"
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
PROCESS_LIMITS: Final = SharedLimits()
"""What connectors share that are given nothing else: a venue counts a process, however many connectors it has."""


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


def connect(
    name_or_path: str | os.PathLike[str],
    trading_pairs: Sequence[str] = (),
    *,
    credentials: Mapping[str, Any] | Credentials | None = None,
    environment: str | Mapping[str, str] | None = None,
    options: Mapping[str, str | int | Decimal | bool | Mapping[str, Any]] | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    levels: Precision = "exact",
    trading: TradingSettings | bool = True,
    nonces: NonceSource | None = None,
    limits: SharedLimits | None = None,
) -> Exchange:
    """A connector for a venue: an ``Exchange``, or a ``Derivative`` if its spec says so.

    Nothing is sent before it is started; ``async with connect(...) as exchange`` starts and stops it.

    Args:
        name_or_path: a spec's name or file.
        trading_pairs: what to follow from the start, as ``BASE-QUOTE``; more can be added while it runs.
        credentials: the spec's credentials by name; looked up in the environment if not given.
        environment: one of the spec's environments by name (default: its first), or its urls by name, for a
            venue that runs elsewhere (a local one, a proxy).
        options: values for the options that the spec declares.
        transport: how requests and sockets leave; the network by default.
        clock: the source of time; the machine's by default.
        random: the source of jitter.
        levels: what order books keep: ``exact`` every digit of the venue's; ``float`` floats, which is faster, and
            cannot be had where the venue sends checksums.
        trading: how the account is traded, if there are credentials; ``False``: not at all, so that its orders are
            left to whoever keeps them.
        nonces: where rising numbers come from; kept in memory by default, which is enough for one process at a time.
        limits: shared with the other connectors that are given it, as far as they use the same address or the same
            account. By default all connectors of the process share theirs, but for those with a clock of their own.

    Raises:
        UnknownSpecError, SpecError: as ``load_spec``.
        ConfigurationError: the environment, an option or a credential does not fit the spec.
    """
    if isinstance(trading_pairs, str):
        raise ConfigurationError(f"trading_pairs is a list of pairs: [{trading_pairs!r}]")
    spec = load_spec(name_or_path)
    if not isinstance(credentials, Credentials):
        credentials = credentials_for(spec, credentials, registered)
    return build(
        spec,
        trading_pairs,
        credentials=credentials,
        environment=environment,
        options=options or {},
        transport=transport,
        clock=clock or SystemClock(),
        random=random or Random(),
        levels=levels,
        trading=_trading_settings(trading),
        nonces=nonces,
        limits=limits or (PROCESS_LIMITS if clock is None else None),
    )


def _trading_settings(trading: TradingSettings | bool) -> TradingSettings | None:
    if isinstance(trading, bool):
        return TradingSettings() if trading else None
    if not isinstance(trading, TradingSettings):
        raise ConfigurationError(
            f"trading: found {trading!r}, expected True, False or settings, like TradingSettings(store='orders.db')"
        )
    return trading


def _folders() -> Iterator[tuple[str, Path]]:
    """The places where specs are looked for, in order, each with what it is called."""
    yield BUILT_IN, built_in_folder()
    for folder in filter(None, os.environ.get("DECLCONN_PATH", "").split(os.pathsep)):
        yield "DECLCONN_PATH", Path(folder)
    yield "user", user_config_path("declconn") / "specs"
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

"""`show`: what one spec says."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from declconn.cli.output import print_json
from declconn.spec import Spec
from declconn.spec.capabilities import capabilities
from declconn.spec.order_terms import times_in_force, triggers
from declconn.spec_files import find_spec, load_spec, resolved_spec
from declconn.types import TimeInForce, Trigger


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("--json", action="store_true", help="the whole spec, after `extends` and `like`")


def run(options: argparse.Namespace) -> int:
    """One spec in short, or whole as JSON."""
    if options.json:
        print_json(resolved_spec(options.spec))
        return 0
    spec = load_spec(options.spec)
    for title, text in _lines(spec, find_spec(options.spec)):
        print(f"{title:<16}{text}")
    return 0


def _lines(spec: Spec, path: Path) -> list[tuple[str, str]]:
    lines = [
        ("name", f"{spec.name} ({spec.kind})"),
        ("file", str(path)),
        ("docs", spec.docs or "-"),
        ("declares", ", ".join(capabilities(spec))),
        ("credentials", ", ".join(spec.credentials) or "none: market data only"),
    ]
    for name, urls in spec.environments.items():
        lines.append(("environment", f"{name}: " + ", ".join(f"{key} {url}" for key, url in urls.items())))
    lines.append(("operations", ", ".join(spec.endpoints)))
    if spec.orders:
        lines += [("order type", _order_type(*each)) for each in spec.orders.types.items()]
    for name, stream in spec.streams.items():
        events = ", ".join(f"{event} -> {model.emit}" for event, model in stream.events.items())
        lines.append((f"stream {name}", events))
    book = spec.order_book
    checksum = f", checksum {book.checksum.crc32 or 'hook'}" if book.checksum else ""
    lines.append(("order book", f"snapshot {book.snapshot.from_}, rule {book.rule}{checksum}"))
    return lines


def _order_type(order_type: str, fields: Mapping[str, Any]) -> str:
    """A type with the times in force and the triggers that the venue takes it with."""
    known = {*times_in_force(fields), *triggers(fields)}
    return f"{order_type}: {', '.join(word for word in (*TimeInForce, *Trigger) if word in known)}"

"""`show`: what one spec says."""

from __future__ import annotations

import argparse
from pathlib import Path

from declconn.cli.output import print_json
from declconn.spec import Spec
from declconn.spec.capabilities import capabilities
from declconn.spec_files import find_spec, load_spec, resolved_spec


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
    for name, stream in spec.streams.items():
        events = ", ".join(f"{event} -> {model.emit}" for event, model in stream.events.items())
        lines.append((f"stream {name}", events))
    book = spec.order_book
    checksum = f", checksum {book.checksum.crc32 or 'hook'}" if book.checksum else ""
    lines.append(("order book", f"snapshot {book.snapshot.from_}, rule {book.rule}{checksum}"))
    return lines

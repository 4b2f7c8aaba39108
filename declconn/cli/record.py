"""`record`: write down everything that a venue says."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from declconn.cli.arguments import add_connection, environment, network
from declconn.testing.record import record


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.description = (
        "Connect to a venue and write every request, answer and frame to FILE, one JSON object per line, gzipped "
        "if its name ends in .gz. Secrets are left out: credentials, signatures, tokens, listen keys."
    )
    add_connection(command)
    command.add_argument("-o", "--output", metavar="FILE", required=True, type=Path)


def run(options: argparse.Namespace) -> int:
    """Record until the time is over."""
    frames = asyncio.run(
        record(
            options.spec,
            options.pairs,
            options.output,
            seconds=options.seconds,
            environment=environment(options),
            transport=network(options),
        )
    )
    print(f"{options.output}: {frames} frames")
    return 0 if frames else 1

"""`record`: write down everything that a venue says."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from declconn.cli.arguments import add_connection, environment
from declconn.testing.record import record


def add_commands(commands: Any) -> None:
    """Add this command to the command line."""
    command = commands.add_parser(
        "record",
        help="write what a live venue says to a file that `replay` reads",
        description=(
            "Connect to a venue and write every request, answer and frame to FILE, one JSON object per line, gzipped "
            "if its name ends in .gz. Secrets are left out: credentials, signatures, tokens, listen keys."
        ),
    )
    add_connection(command)
    command.add_argument("-o", "--output", metavar="FILE", required=True, type=Path)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Record until the time is over."""
    frames = asyncio.run(
        record(options.spec, options.pairs, options.output, seconds=options.seconds, environment=environment(options))
    )
    print(f"{options.output}: {frames} frames")
    return 0 if frames else 1

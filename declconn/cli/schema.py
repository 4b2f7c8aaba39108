"""`schema`: the JSON Schema of the language."""

from __future__ import annotations

import argparse
import sys

from declconn.errors import ConfigurationError
from declconn.spec.schema import SCHEMA_FILE, schema_text


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.add_argument("--write", action="store_true", help="write schema/ of a checkout instead")


def run(options: argparse.Namespace) -> int:
    """The JSON Schema, to stdout or to its file."""
    if options.write:
        if not SCHEMA_FILE.parent.is_dir():
            raise ConfigurationError(f"{SCHEMA_FILE.parent} does not exist: --write is for a checkout")
        SCHEMA_FILE.write_text(schema_text())
        print(SCHEMA_FILE, file=sys.stderr)
    else:
        sys.stdout.write(schema_text())
    return 0

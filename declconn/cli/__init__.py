"""The command line; `declconn.cli.main` holds its root, every other module adds commands."""

from __future__ import annotations

from declconn.cli.main import main

__all__ = ["main"]

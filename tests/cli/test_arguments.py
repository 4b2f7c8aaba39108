"""Where the venue is, as the command line says it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from declconn.cli.arguments import add_environment, environment


def chosen(spec: Path, *arguments: str) -> object:
    command = argparse.ArgumentParser()
    command.add_argument("spec")
    add_environment(command)
    return environment(command.parse_args([str(spec), *arguments]))


def test_a_base_is_another_host_for_requests_and_for_sockets(toy: Path) -> None:
    assert chosen(toy, "--base", "http://127.0.0.1:80") == {
        "rest": "http://127.0.0.1:80/api",
        "ws": "ws://127.0.0.1:80/ws",
    }
    assert chosen(toy, "--base", "https://proxy.example")["ws"] == "wss://proxy.example/ws"  # type: ignore[index]


def test_an_environment_is_a_name_or_urls_but_not_both(toy: Path) -> None:
    assert chosen(toy) is None
    assert chosen(toy, "--environment", "test") == "test"
    assert chosen(toy, "--url", "rest=http://x", "--url", "ws=ws://y") == {"rest": "http://x", "ws": "ws://y"}
    with pytest.raises(SystemExit):
        chosen(toy, "--environment", "test", "--url", "rest=http://x")

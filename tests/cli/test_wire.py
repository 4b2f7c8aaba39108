"""What of a request may be shown: a header is starred as soon as a secret goes into it anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from declconn.cli.wire import Wire, plain_headers
from declconn.net.transport import Request, Response
from declconn.net.watching import Exchanged
from declconn.registry import load_spec

MORE = """\
session: {token: {obtain: log_in}}
auth:
  recipes:
    other:
      let: {digest: {hash: sha256, data: "{sign}{clock.ms}", out: hex}, sign: "{cred.api_secret|text}"}
      inject: {headers: {TIME: "{clock.ms}", DIGEST: "{digest}", NONCE: "{nonce.ms}", TOKEN: "{session.token}"}}
endpoints:
  log_in: {post: /login, headers: {Client: us, KIND: "{cred.api_key}"}, result: {token: token}}
  ping: {get: /ping, auth: other, headers: {Kind: plain}}
"""


def test_headers_without_a_secret_are_shown_and_all_others_starred(toy: Path) -> None:
    path = toy.with_name("other.yaml")
    path.write_text(f"spec: 1\nextends: toy\nname: other\n{MORE}")
    assert plain_headers(load_spec(path)) == {"content-type", "accept", "time", "nonce", "client"}


def test_attempts_that_look_the_same_are_shown_once_and_counted(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = Request("GET", "https://toy.example/api?key=hidden", {"Accept": "*/*", "KEY": "hidden"})
    lost = [Exchanged(request, failure="nobody listens") for _ in range(3)]
    answered = Exchanged(request, 0.01, Response(200, {}, b"[1]"))
    wire = Wire(load_spec(toy), lambda text: text.replace("hidden", "***"))

    wire.show([*lost, answered], None)
    question = "> GET https://toy.example/api?key=***\n> Accept: */*\n> KEY: ***\n"
    failed, succeeded = "< nobody listens\n(3 attempts)\n\n", "< HTTP 200 in 10 ms\n< [1]\n\n"
    assert capsys.readouterr().out == f"{question}{failed}{question}{succeeded}"

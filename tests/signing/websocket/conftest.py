"""Streams that ccxt.pro opens and we open too, from the table in `cases.yaml`: who says what, without network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from declconn.compile.assets import Assets
from declconn.compile.recipe import compile_recipe
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.streams import Streams
from declconn.connector.words import words_of
from declconn.net.transport import Request, Response
from declconn.nonces import MemoryNonces
from declconn.registry import connect, load_spec
from declconn.testing import ManualClock
from declconn.testing.offline import NoNetwork

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
MORE = {"login": "me@venue.example", "user_id": "42"}


@dataclass(frozen=True)
class Opening:
    """A stream that is opened: the spec, and how ccxt is made to open it too."""

    name: str
    entry: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def spec(self) -> Path:
        shipped, own = self.entry.get("shipped"), self.entry.get("file", self.name)
        return ROOT / "specs" / f"{shipped}.yaml" if shipped else HERE / "specs" / f"{own}.yaml"

    @property
    def secret(self) -> str:
        """How the secret is written."""
        return str(self.entry.get("secret", "text"))


def openings() -> list[Opening]:
    """The whole table."""
    table = yaml.safe_load((HERE / "cases.yaml").read_text())
    return [Opening(name, entry) for name, entry in table.items()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "opening" in metafunc.fixturenames:
        metafunc.parametrize("opening", openings(), ids=str)


@pytest.fixture(scope="session")
def all_openings() -> list[Opening]:
    """The whole table."""
    return openings()


class OneAnswer(NoNetwork):
    """Answers every request the same, and keeps what was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    async def send(self, request: Request) -> Response:
        self.asked.append((request.method, request.url, dict(request.headers), request.body))
        return Response(200, {}, json.dumps(self.answer).encode())


class SpokenError(Exception):
    """Everything that matters was said."""


@pytest.fixture
def say(now_ms: int, others: Mapping[str, str], secret_of: Callable[..., str], no_chance: Any) -> Callable[..., Any]:
    """Let a connector of ours open a stream: what it asked by REST, the handshake, and the first message."""

    def connection(opening: Opening, transport: OneAnswer, wrong: bool) -> tuple[StreamConnection, Any]:
        spec = load_spec(opening.spec)
        secret = next(name for name in ("private_key", "api_secret", "api_key") if name in spec.credentials)
        known = {**others, **MORE, **dict.fromkeys(("private_key", "api_secret"), secret_of(opening.secret))}
        known |= {secret: secret_of(opening.secret, wrong=True)} if wrong else {}
        credentials = {name: known[name] for name in spec.credentials}
        clock = ManualClock(now_ms * 10**6)
        exchange = connect(
            opening.spec,
            credentials=credentials,
            transport=transport,
            clock=clock,
            random=no_chance,
            trading=False,
            nonces=MemoryNonces(),
        )
        parts = exchange.parts
        options = {name: option.default for name, option in spec.options.items() if option.default is not None}
        environment = next(iter(spec.environments.values()))
        fixed = {"cred": credentials, "opt": options, "const": spec.constants, "env": environment}
        recipes = {
            name: compile_recipe(name, model, spec.time_unit, fixed=fixed) for name, model in spec.auth.recipes.items()
        }
        words = words_of(spec, parts.symbols, Assets(spec.assets.case, spec.assets.rename))
        [stream] = Streams(spec, parts.symbols, words, recipes=recipes).private()
        found = parts.open_connection(stream)
        if market := opening.entry.get("market"):
            found.markets["BASE-QUOTE"] = market
        return found, parts.session

    async def say(opening: Opening, *, wrong: bool = False) -> dict[str, Any]:
        transport = OneAnswer(opening.entry.get("rest"))
        conversation, session = connection(opening, transport, wrong)
        frames: list[str] = []

        async def send(frame: str | bytes) -> None:
            frames.append(str(frame))
            if conversation.stream.login is not None:
                raise SpokenError  # what comes next waits for the answer

        try:
            address = await conversation.address()
            login = conversation.stream.model.login
            if login is None:
                await conversation.opened(send)
            elif login.send is not None:
                with pytest.raises(SpokenError):
                    await conversation.opened(send)
        finally:
            await session.stop()
        meant = [json.loads(frame) for frame in frames if opening.entry.get("says", "") in frame]
        message = meant[0] if meant else None
        return {"asked": transport.asked, "url": address.url, "headers": dict(address.headers), "message": message}

    return say

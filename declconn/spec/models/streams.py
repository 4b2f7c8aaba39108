"""`streams`: connections, what is subscribed on them and what their messages mean."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from declconn.spec.models.base import (
    ANYTHING,
    AllowanceText,
    Count,
    Duration,
    DurationOrTemplate,
    Listed,
    Model,
    Shorthand,
    Size,
    Template,
    TemplateMap,
    TemplateText,
    found,
    word,
)
from declconn.spec.models.mapping import AnswerOrMatcher, Matcher, Path, Reading, SlotsOrHook, check_matcher
from declconn.types import AmountUnit, TimeUnit

Emit: TypeAlias = Literal[
    "trade",
    "liquidation",
    "ticker",
    "kline",
    "order_book_snapshot",
    "order_book_diff",
    "funding_info",
    "order_update",
    "trade_update",
    "balance_update",
    "position_update",
    "funding_payment",
    "poll",
    "reconnect",
]
EMIT_WORDS: tuple[str, ...] = get_args(Emit)

_CODECS = ("gzip", "inflate", "inflate_raw", "json", "text", "base64")
_HOOK = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)


def _check_codec(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"python"} and _HOOK.fullmatch(str(value["python"])):
        return value
    if isinstance(value, str) and (value in _CODECS or re.fullmatch(r"proto:\w+", value)):
        return value
    raise ValueError(f"expected one of {', '.join(_CODECS)}, proto:NAME, or a hook, found {found(value)}")


def _check_heartbeat_answer(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return check_matcher(value)


Codec: TypeAlias = Annotated[Any, PlainValidator(_check_codec), WithJsonSchema({"type": ["string", "object"]})]
HeartbeatAnswer: TypeAlias = Annotated[
    Any, BeforeValidator(_check_heartbeat_answer), WithJsonSchema({"type": ["string", "object"]})
]


class Limits(Model):
    """What the venue allows on this stream."""

    connect: AllowanceText | None = word("How often a connection may be opened.", "300/5m", None)
    send: AllowanceText | None = word("How often a message may be sent on one connection.", "10/1s", None)
    login: AllowanceText | None = word("How often a login may be sent.", "1/15s", None)
    channels_per_connection: Count | None = word("The most channels of one connection.", 200, None)
    args_per_message: Count | None = word("The most channels of one subscribe message.", 10, None)


def _long_heartbeat(value: Any) -> Any:
    return value if isinstance(value, dict | Heartbeat) else {"every": value}


class Heartbeat(Model):
    """How both sides know that the connection lives."""

    every: DurationOrTemplate = word("How often we speak; a template gives a duration too.", "30s")
    send: Template | None = word(
        "Our own message (a scalar is a text frame); none: a ping of the protocol.", "ping", None
    )
    answer: HeartbeatAnswer | None = word("Its answer: a text frame, or a matcher.", "pong", None)
    timeout: Duration | None = word("Silence after which to reconnect; default twice `every`.", "60s", None)


class Reply(Model):
    """Our answer to a frame that asks."""

    when: Matcher = word("What the frame must hold.", {"ping": "{ping}"})
    send: Template = word("What is answered.", {"pong": "{ping}"})


class Login(Model):
    """What happens before the first subscription; without `send` the greeting is awaited."""

    send: Template | None = word("The message.", {"op": "login", "args": ["{cred.api_key}"]}, None)
    auth: str | None = word("The recipe that signs it.", "ws_api", None)
    accepted: AnswerOrMatcher | None = word("Its good answer.", {"event": "login"}, None)


def _long_message(value: Any) -> Any:
    """The long form has `send`, or `auth` alone; everything else is the message itself."""
    is_long = isinstance(value, Message) or (isinstance(value, dict) and ("send" in value or value.keys() == {"auth"}))
    return value if is_long else {"send": value}


class Message(Model):
    """A message about channels, and how it is signed."""

    send: Template | None = word("The message.", {"op": "subscribe", "args": "{channels}"}, None)
    auth: str | None = word("The recipe that signs it; `recipe?`: only with credentials.", "ws?", None)


class Sequence(Model):
    """A counter over all frames of a connection."""

    path: Path = word("Where it stands.", "sequence_num")
    per: Path = word(
        "What has a counter of its own: `connection`, or the path of what names the channel in a frame.",
        "channel",
        "connection",
    )


class Event(Reading):
    """One kind of news among the frames of a stream."""

    when: Matcher = word("What the whole frame must hold.", {"data.e": "trade"})
    emit: Emit = word("What it is.", "order_book_diff")
    map: SlotsOrHook | None = word(
        "The record's fields: where each stands in a row.", {"symbol": "s", "price": "p"}, None
    )
    operations: Listed[str] | None = word("For `emit: poll`: what is asked again.", ["balances", "positions"], None)
    channel: str | None = word(
        "The channel that brings it; default: the one with the event's name, else it may be any.", "book", None
    )
    like: str | None = word("Another event of this stream, or an operation; the words beside it win.", "snapshot", None)


MessageOrTemplate: TypeAlias = Annotated[Message, Shorthand(_long_message, ANYTHING)]
HeartbeatOrDuration: TypeAlias = Annotated[Heartbeat, Shorthand(_long_heartbeat, {"type": "string"})]


class Stream(Model):
    """Connections to one url, which may depend on the market."""

    url: TemplateText = word("Where it connects to; one connection for each distinct url.", "{env.ws}/public")
    headers: TemplateMap | None = word("Headers of the handshake.", {"X-API-KEY": "{cred.api_key}"}, None)
    auth: str | None = word("The recipe that signs the handshake.", "handshake", None)
    symbol: TemplateText | None = word("This stream's own spelling of a market.", "{base}/{quote}", None)
    time_unit: TimeUnit | None = word("This stream's own unit of time.", "iso", None)
    amount_unit: AmountUnit | None = word("This stream's own unit of amounts.", "contracts", None)
    decode: Listed[Codec] | None = word(
        "How frames are read: gzip inflate inflate_raw json text base64 proto:NAME, in turn; default json.",
        ["gzip", "json"],
        None,
    )
    limits: Limits | None = word("What the venue allows.", {"connect": "3/1s", "send": "10/1s"}, None)
    max_age: Duration | None = word("Reconnect after this time, before the venue does.", "23h", None)
    max_frame: Size | None = word("The largest frame that is read.", "8MiB", None)
    heartbeat: HeartbeatOrDuration | None = word("How often we speak, and what.", "30s", None)
    reply: Listed[Reply] | None = word(
        "Answers to frames that ask.", [{"when": {"ping": "{ping}"}, "send": {"pong": "{ping}"}}], None
    )
    login: Login | None = word("What comes before subscriptions.", {"accepted": {"type": "welcome"}}, None)
    subscribe: MessageOrTemplate | None = word(
        "The message that asks for channels.", {"op": "subscribe", "args": "{channels}"}, None
    )
    unsubscribe: MessageOrTemplate | None = word(
        "What differs in the message that ends them.", {"op": "unsubscribe"}, None
    )
    accepted: AnswerOrMatcher | None = word(
        "The good answer to either.", {"id": "{request_id}", "result": {"is": None}}, None
    )
    refused: AnswerOrMatcher | None = word(
        "The bad answer to either.", {"when": {"event": "error"}, "code": "code"}, None
    )
    channels: dict[str, Template] = word(
        "What is subscribed: a text or a map each. With `{symbol}` once for each market.",
        {"trades": "{symbol|lower}@trade"},
        {},
    )
    sequence: Sequence | None = word(
        "A counter over all frames; a gap makes every book here unknown.", {"path": "sequence_num"}, None
    )
    unwrap: Path | None = word("The path from a frame to the payload; an event may have its own.", "data", None)
    events: dict[str, Event] = word(
        "What the frames mean.",
        {"trade": {"when": {"e": "trade"}, "emit": "trade", "map": {"symbol": "s", "price": "p", "amount": "q"}}},
        {},
    )
    like: str | None = word(
        "All words of that stream but `channels` and `events`; the words beside it win.", "market", None
    )

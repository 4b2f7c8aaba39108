"""Putting a conversation on a socket."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from declconn.clock import Clock
from declconn.compile.source_book import SourceBook
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.limits import ws_settings
from declconn.connector.feed.unsigned import refuse_unsigned
from declconn.net.throttler import AsyncThrottler
from declconn.net.transport import Transport
from declconn.net.ws_assistant import WSAssistant
from declconn.spec import Spec


@dataclass(frozen=True, slots=True)
class Dialer:
    """Makes the assistant that keeps a conversation's connection, with what all assistants share."""

    spec: Spec
    transport: Transport
    throttler: AsyncThrottler
    clock: Clock
    random: Random
    sources: SourceBook

    def __call__(self, connection: StreamConnection) -> WSAssistant:
        """The assistant of this conversation, not running yet.

        Raises:
            CredentialsError: the stream has to be signed, and there are no credentials.
        """
        stream = connection.stream
        if not self.sources.fixed["cred"]:
            refuse_unsigned(stream, self.spec)
        assistant = WSAssistant(
            name=f"{self.spec.name} {stream.name}",
            transport=self.transport,
            throttler=self.throttler,
            clock=self.clock,
            random=self.random.random,
            conversation=connection,
            settings=ws_settings(stream, self.sources),
            fields={"venue": self.spec.name, "stream": stream.name},
        )
        connection.answer_through(assistant.post)
        connection.reconnect_through(assistant.reconnect)
        return assistant

"""Streams that need what this runtime does not do yet: refused before anything is sent, rather than half done."""

from __future__ import annotations

from collections.abc import Iterator

from declconn.compile.channels import roots
from declconn.compile.stream import Stream
from declconn.connector.session import session_names
from declconn.errors import NotSupportedError
from declconn.spec import Spec


def refuse_signed(stream: Stream, spec: Spec) -> None:
    """See that nothing on a connection of this stream has to be signed.

    A recipe with a question mark signs only with credentials; a public stream works without, so it is left out.

    Raises:
        NotSupportedError: something has; says what.
    """
    for what in _signed(stream, spec):
        raise NotSupportedError(f"streams.{stream.name}: {what} has to be signed, and signing is not played yet")


def _signed(stream: Stream, spec: Spec) -> Iterator[str]:
    model = stream.model
    if model.auth:
        yield "the handshake"
    for word, message in (("login", model.login), ("subscribe", model.subscribe)):
        if message and message.auth and not message.auth.endswith("?"):
            yield f"`{word}`"
    if "auth" in roots(stream.templates):
        yield "a message that names {auth.x}"
    for name in sorted(session_names(*stream.templates)):
        if any(endpoint.auth not in (None, "none") for endpoint in spec.requests(spec.session[name].obtain)):
            yield f"the request behind {{session.{name}}}"

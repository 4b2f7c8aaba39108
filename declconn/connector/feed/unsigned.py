"""Streams that have to be signed, where there are no credentials: refused before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from declconn.compile.channels import roots
from declconn.compile.stream import Stream
from declconn.connector.session import session_names
from declconn.connector.settings import how_to_give_credentials
from declconn.errors import CredentialsError
from declconn.spec import Spec


def refuse_unsigned(stream: Stream, spec: Spec) -> None:
    """See that nothing on a connection of this stream has to be signed; asked where there are no credentials.

    A recipe with a question mark signs only with credentials; the stream works without, so it is left out.

    Raises:
        CredentialsError: something has; says what, and how to give them.
    """
    for what in _signed(stream, spec):
        raise CredentialsError(f"streams.{stream.name}: {what} has to be signed: {how_to_give_credentials(spec)}")


def _signed(stream: Stream, spec: Spec) -> Iterator[str]:
    model = stream.model
    if model.auth:
        yield "the handshake"
    for word, message in (("login", model.login), ("subscribe", model.subscribe)):
        if message and message.auth and not message.auth.endswith("?"):
            yield f"`{word}`"
    if "auth" in roots(stream.templates):
        yield "a message that names {auth.x}"
    if "cred" in roots(stream.templates):
        yield "a message that names {cred.x}"
    for name in sorted(session_names(*stream.templates)):
        if any(endpoint.auth not in (None, "none") for endpoint in spec.requests(spec.session[name].obtain)):
            yield f"the request behind {{session.{name}}}"

"""The transport over aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from yarl import URL

from declconn.errors import ConfigurationError, LostAnswerError, NetworkError
from declconn.net.aiohttp_socket import AiohttpSocket
from declconn.net.scrub import safe_url
from declconn.net.transport import AnswerTooLargeError, HandshakeError, Request, Response

_CHUNK = 64 * 1024


@dataclass(slots=True)
class _Attempt:
    """Whether the bytes of a request have left."""

    sent: bool = False


class AiohttpTransport:
    """Sends over one lazily opened aiohttp session.

    Requests leave exactly as written: the url is not encoded again, redirects are not followed, cookies are not kept,
    and nothing is sent twice.
    """

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        max_answer: int = 64 * 1024 * 1024,
        proxy: str | None = None,
        trust_env: bool = False,
    ) -> None:
        """
        Args:
            timeout: seconds for requests that name none, and for the opening of WebSockets.
            max_answer: the largest body in bytes, decompressed.
            proxy: ``http://host:port`` that everything goes through; the environment is not asked then.
            trust_env: take proxies (and logins from a ``.netrc``) from the environment.

        Raises:
            ConfigurationError: that is not the url of a proxy.
        """
        self._timeout, self._max_answer = timeout, max_answer
        self._proxy = None if proxy is None else _proxy_url(proxy)
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        attempt = _Attempt()
        timeout = self._timeout if request.timeout is None else request.timeout
        try:
            async with self._open_session().request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout),
                proxy=self._proxy,
                trace_request_ctx=attempt,
            ) as answer:
                body = await self._read(answer, request)
                return Response(answer.status, answer.headers, body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            what = f"{request.method} {safe_url(request.url)}"
            # `from None`: the text of some aiohttp errors holds the whole url, and with it a signature.
            if attempt.sent:
                raise LostAnswerError(f"{what}: sent, but the answer was lost: {_reason(error, timeout)}") from None
            raise NetworkError(f"{what}: not sent: {_reason(error, timeout)}") from None

    async def connect(
        self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None
    ) -> AiohttpSocket:
        try:
            async with asyncio.timeout(self._timeout):
                socket = await self._open_session().ws_connect(
                    URL(url, encoded=True),
                    headers=headers,
                    max_msg_size=max_frame,
                    heartbeat=ping,
                    compress=15,
                    proxy=self._proxy,
                )
        except aiohttp.WSServerHandshakeError as error:
            text = f"{safe_url(url)}: no WebSocket: {error.message} (HTTP {error.status})"
            raise HandshakeError(text, error.status, error.headers or {}) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NetworkError(f"{safe_url(url)}: not connected: {_reason(error, self._timeout)}") from None
        return AiohttpSocket(socket)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # A WebSocket holds its connection for a day: a limit would starve requests. The throttler is the limit.
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "declconn"},
                skip_auto_headers={"Content-Type"},
                trust_env=self._trust_env,
                trace_configs=[_trace()],
            )
        return self._session

    async def _read(self, answer: aiohttp.ClientResponse, request: Request) -> bytes:
        body = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._max_answer:
                answer.close()
                raise AnswerTooLargeError(
                    f"{request.method} {safe_url(request.url)}: the answer is larger than {self._max_answer} bytes; "
                    "ask for less, or raise max_answer"
                )
        return bytes(body)


def _proxy_url(text: str) -> URL:
    expected = "expected http://host:port, or http://user:password@host:port"
    try:
        url = URL(text)
    except ValueError:
        raise ConfigurationError(f"proxy: this is not a url; {expected}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(f"proxy: {safe_url(text)}; {expected}")
    return url


def _trace() -> aiohttp.TraceConfig:
    """Return the hooks that make sure of what aiohttp has no option for.

    aiohttp sends GET, PUT and DELETE again when a kept connection was dropped before the answer, and follows the
    redirects of a WebSocket's handshake. Both hooks run before any byte of the second request leaves.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_before_sending)
    trace.on_request_redirect.append(_before_redirect)
    trace.freeze()
    return trace


async def _before_sending(
    session: aiohttp.ClientSession, context: SimpleNamespace, sent: aiohttp.TraceRequestHeadersSentParams
) -> None:
    attempt = context.trace_request_ctx
    if attempt is None:  # a WebSocket's handshake changes nothing, it may be tried again
        return
    if attempt.sent:
        raise aiohttp.ClientConnectionError("the connection was dropped")
    attempt.sent = True


async def _before_redirect(
    session: aiohttp.ClientSession, context: SimpleNamespace, redirect: aiohttp.TraceRequestRedirectParams
) -> None:
    answer = redirect.response
    answer.close()
    raise aiohttp.WSServerHandshakeError(
        answer.request_info,
        answer.history,
        message="redirects are not followed",
        status=answer.status,
        headers=answer.headers,
    )


def _reason(error: Exception, timeout: float) -> str:
    """Return words for an error; never the url, a header or an answer."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, ValueError) and not isinstance(error, OSError):  # a bad certificate is both
        return "the url or a header is not valid"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the venue closed the connection"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy refused: {error.message} (HTTP {error.status})"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{type(error).__name__}: {error.message}"
    return f"{type(error).__name__}: {error}"

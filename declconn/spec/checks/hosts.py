"""Credentials go to the hosts of the environments, and to `hosts`, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from declconn.spec.checks.finding import Finding, wrong
from declconn.spec.checks.sites import Request, requests
from declconn.spec.checks.urls import request_urls, stream_urls
from declconn.spec.models import Spec, Stream
from declconn.spec.node import Loc
from declconn.spec.template import Placeholder, parse_template, placeholders


def check_rest(spec: Spec) -> Iterator[Finding]:
    """Every environment has the `rest` that paths are appended to."""
    needed = any(text.startswith("/") for request in requests(spec) for _, text in request_urls(request))
    for name, environment in spec.environments.items():
        if needed and "rest" not in environment:
            yield Finding(("environments", name), "'rest' is missing; paths like /ping are appended to it", True)
    if not spec.environments:
        yield Finding(("environments",), "there is none; write one, like {com: {rest: https://.., ws: wss://..}}", True)


def check_request_hosts(spec: Spec) -> Iterator[Finding]:
    """A request that carries credentials begins with `/` or with the environment."""
    for request in requests(spec):
        if _is_private(request):
            for loc, text in request_urls(request):
                yield from _check_url(loc, text, spec)


def check_stream_hosts(spec: Spec) -> Iterator[Finding]:
    """So does a stream."""
    for name, stream in spec.streams.items():
        if _carries_credentials(stream):
            for loc, text in stream_urls(name, spec):
                yield from _check_url(loc, text, spec)


def _is_private(request: Request) -> bool:
    endpoint = request.endpoint
    return endpoint.auth not in (None, "none") or _names_credentials(
        [endpoint.path, endpoint.params, endpoint.body, endpoint.headers]
    )


def _carries_credentials(stream: Stream) -> bool:
    parts = (stream.login, stream.subscribe, stream.unsubscribe)
    messages = [part.send for part in parts if part]
    signed = stream.auth or any(part.auth for part in parts if part)
    return bool(signed) or _names_credentials([stream.url, stream.headers, stream.channels, messages])


def _names_credentials(tree: Any) -> bool:
    sources = (source for _, hole in placeholders(tree) for source in hole.sources)
    return any(source.split(".")[0] in ("cred", "auth") and "." in source for source in sources)


def _check_url(loc: Loc, text: str, spec: Spec) -> Iterator[Finding]:
    if text.startswith("/") and not text.startswith("//"):
        return
    first, *rest = parse_template(text).parts or ("",)
    if isinstance(first, str):
        yield from _check_literal(loc, text, spec)
    elif not _is_env(first):
        if not spec.hosts or not all(source.startswith(("env.", "session.")) for source in first.sources):
            yield wrong(loc, f"credentials would go wherever '{{{first}}}' says; name its host in `hosts`")
    elif rest and not (isinstance(rest[0], str) and rest[0][0] in "/?"):
        yield wrong(loc, f"'{text}' would change the environment's host; write '/' after '{{{first}}}'")


def _is_env(placeholder: Placeholder) -> bool:
    return all(source.startswith("env.") for source in placeholder.sources)


def _check_literal(loc: Loc, text: str, spec: Spec) -> Iterator[Finding]:
    if "://" not in text:
        return  # it is no url, and `check_urls` says so
    host = urlsplit(text.partition("{")[0]).hostname or ""
    values = [str(value) for environment in spec.environments.values() for value in environment.values()]
    known = {urlsplit(value).hostname for value in values if "://" in value}
    suffixes = tuple(f".{suffix.lstrip('.')}" for suffix in spec.hosts)
    if host not in known and not f".{host}".endswith(suffixes or ("\0",)):
        yield wrong(loc, f"credentials would go to '{host}', which is no environment's host; name it in `hosts`")

"""Every url is one: of a request, of a stream, of an environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from declconn.spec.checks.finding import Finding, wrong
from declconn.spec.checks.sites import Request, requests
from declconn.spec.models import Spec
from declconn.spec.models.base import is_choice
from declconn.spec.node import Loc
from declconn.spec.template import Placeholder, parse_template

REST: Final = ("https://", "http://")
SOCKET: Final = ("wss://", "ws://")


def request_urls(request: Request) -> Iterator[tuple[Loc, str]]:
    """The template of a request's url, or those of its cases, each with its place."""
    yield from _urls((*request.loc, (request.endpoint.method or "get").lower()), request.endpoint.path)


def stream_urls(name: str, spec: Spec) -> Iterator[tuple[Loc, str]]:
    """The same of a stream."""
    yield from _urls(("streams", name, "url"), spec.streams[name].url)


def check_urls(spec: Spec) -> Iterator[Finding]:
    """A request's url is a path or a whole url, a stream's is a whole one, and both have a scheme that fits."""
    for loc, text in _of_requests(spec):
        if _literal(text) is not None and not text.startswith(("/", *REST)):
            yield wrong(loc, f"found '{text}'; a request's url begins with '/' (after `env.rest`) or with https://")
    for loc, text in _of_streams(spec):
        if _literal(text) is not None and not text.startswith(SOCKET):
            yield wrong(loc, f"found '{text}'; a stream's url begins with wss://, or with '{{env.ws}}'")


def check_environment_urls(spec: Spec) -> Iterator[Finding]:
    """What urls begin with has a scheme: `rest` and other words of an environment."""
    texts = [text for _, text in _of_requests(spec)]
    rest = {"rest"} if any(text.startswith("/") for text in texts) else set[str]()
    yield from _check_schemes(spec, rest.union(*map(_first_words, texts)), REST)
    yield from _check_schemes(spec, set[str]().union(*(_first_words(text) for _, text in _of_streams(spec))), SOCKET)


def _check_schemes(spec: Spec, words: set[str], schemes: tuple[str, ...]) -> Iterator[Finding]:
    for name, environment in spec.environments.items():
        for word in words & environment.keys():
            if not str(environment[word]).startswith(schemes):
                expected = " or ".join(schemes)
                yield wrong(("environments", name, word), f"found '{environment[word]}'; a url begins with {expected}")


def _of_requests(spec: Spec) -> Iterator[tuple[Loc, str]]:
    for request in requests(spec):
        yield from request_urls(request)


def _of_streams(spec: Spec) -> Iterator[tuple[Loc, str]]:
    for name in spec.streams:
        yield from stream_urls(name, spec)


def _urls(loc: Loc, url: Any) -> Iterator[tuple[Loc, str]]:
    if is_choice(url):
        for case, one in url["of"].items():
            yield from _urls((*loc, "of", case), one)
    elif isinstance(url, str):
        yield loc, url


def _literal(text: str) -> str | None:
    """What a template begins with, if that is no placeholder."""
    first = next(iter(parse_template(text).parts), "")
    return first if isinstance(first, str) else None


def _first_words(text: str) -> set[str]:
    """The words of an environment that a template may begin with."""
    first = next(iter(parse_template(text).parts), "")
    sources = first.sources if isinstance(first, Placeholder) else ()
    return {source.removeprefix("env.") for source in sources if source.startswith("env.")}

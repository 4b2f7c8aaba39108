"""No secret shows: not in a repr, an error, a log record, an explanation, or a recording (see also test_record)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest

import declconn
from declconn.errors import DeclconnError
from declconn.registry import available, load_spec
from declconn.signing import Signer

SECRETS = {"api_key": "K3y-visible-to-nobody", "api_secret": "c2VjcmV0LXZpc2libGUtdG8tbm9ib2R5LTEyMzQ1Njc4OTA="}


def signed_specs() -> Iterator[str]:
    for file in available():
        if file.origin == "built-in" and load_spec(file.path).credentials:
            yield file.name


def secrets_of(name: str) -> dict[str, str]:
    return {key: SECRETS.get(key, f"s3cr3t-{key}-visible-to-nobody") for key in load_spec(name).credentials}


def assert_hidden(text: str, secrets: dict[str, str]) -> None:
    for name, secret in secrets.items():
        assert secret not in text, name


@pytest.mark.parametrize("name", list(signed_specs()))
def test_a_connector_never_shows_them(name: str, caplog: pytest.LogCaptureFixture) -> None:
    secrets = secrets_of(name)
    caplog.set_level(logging.DEBUG)
    try:
        exchange = declconn.connect(name, credentials=secrets)
        shown = repr(exchange) + repr(exchange.parts) + repr(vars(exchange))
    except DeclconnError as error:
        # A made-up key need not have the form that the venue's keys have; what is said of it is what counts.
        shown = str(error) + "".join(traceback.format_exception(error))

    assert_hidden(shown + caplog.text, secrets)


@pytest.mark.parametrize("name", list(signed_specs()))
def test_an_explanation_never_shows_them(name: str, caplog: pytest.LogCaptureFixture) -> None:
    secrets = secrets_of(name)
    spec = load_spec(name)
    caplog.set_level(logging.DEBUG)
    shown = ""
    for recipe in spec.auth.recipes:
        try:
            signed = Signer(name, at_ms=1_700_000_000_000, credentials=secrets).request(
                "POST", "/x", {"a": "b"}, recipe=recipe
            )
            shown += repr(signed.request) + "".join(f"{each}" for each in signed.explain())
        except DeclconnError as error:
            shown += "".join(traceback.format_exception(error))

    assert shown
    assert_hidden(shown + caplog.text, secrets)

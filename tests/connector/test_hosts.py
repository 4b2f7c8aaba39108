"""Where a socket that the venue named may be."""

from __future__ import annotations

import pytest

from declconn.connector.hosts import Hosts
from declconn.errors import CredentialsError

HOSTS = Hosts({"rest": "https://api.toy.example/v1", "ws": "wss://ws.toy.example", "simulated": "1"}, ["kutoy.com"])


@pytest.mark.parametrize(
    "url",
    [
        "wss://ws.toy.example/other?token=t",
        "wss://api.toy.example",
        "wss://kutoy.com/endpoint",
        "wss://ws-api.spot.kutoy.com:443/endpoint",
        "ws://127.0.0.1:8080/ws",
        "ws://localhost/ws",
        "ws://[::1]:9/ws",
    ],
)
def test_the_environments_hosts_the_spec_s_suffixes_and_this_machine_are_fine(url: str) -> None:
    assert HOSTS.check("streams.market.url", url) == url


@pytest.mark.parametrize(
    "url",
    [
        "wss://evil.example/ws?token=s3cret",
        "wss://kutoy.com.evil.example/ws",
        "wss://evilkutoy.com/ws",
        "wss://toy.example/ws",
        "wss://kutoy.com@evil.example/ws",
        "wss://",
    ],
)
def test_any_other_host_is_refused_with_what_to_do_and_without_the_token(url: str) -> None:
    with pytest.raises(CredentialsError, match=r"streams\.market\.url: .*name it in `hosts`") as caught:
        HOSTS.check("streams.market.url", url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["ws://ws.toy.example/ws", "http://kutoy.com/ws"])
def test_a_known_host_without_tls_is_refused(url: str) -> None:
    with pytest.raises(CredentialsError, match="without TLS"):
        HOSTS.check("streams.market.url", url)

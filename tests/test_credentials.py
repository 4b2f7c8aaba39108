"""Whose secrets these are, and which hosts may see them."""

from __future__ import annotations

from pathlib import Path

import pytest

import declconn
from declconn.credentials import credentials_for, hosts
from declconn.errors import CredentialsError
from declconn.spec_files import load_spec, registered

SECRET = "s3cr3t-value"
ENVIRON = {"DECLCONN_BINANCE_API_KEY": "key", "DECLCONN_BINANCE_API_SECRET": SECRET}


def child(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "child.yaml"
    path.write_text(f"spec: 1\nextends: binance\nname: child\n{text}")
    return path


def test_credentials_are_found_in_the_environment_under_the_specs_name() -> None:
    found = credentials_for(load_spec("binance"), None, registered, ENVIRON)

    assert found.values["api_secret"].get_secret_value() == SECRET


def test_without_any_the_connector_has_none() -> None:
    assert not credentials_for(load_spec("binance"), None, registered, {})


def test_given_credentials_are_the_only_ones_used() -> None:
    given = {"api_key": "a", "api_secret": "b"}

    assert credentials_for(load_spec("binance"), given, registered, ENVIRON).values["api_key"].get_secret_value() == "a"


def test_a_child_with_the_same_hosts_uses_its_parents_credentials(tmp_path: Path) -> None:
    spec = load_spec(child(tmp_path, "docs: https://x.example\n"))

    assert credentials_for(spec, None, registered, ENVIRON)


def test_a_child_that_names_another_host_gets_nothing_of_its_parents(tmp_path: Path) -> None:
    spec = load_spec(child(tmp_path, "environments: {com: {rest: https://evil.example/api/v3}}\n"))

    assert not credentials_for(spec, None, registered, ENVIRON)


def test_a_file_that_calls_itself_like_a_built_in_spec_gets_nothing_if_it_names_another_host(tmp_path: Path) -> None:
    path = tmp_path / "innocent.yaml"
    path.write_text("spec: 1\nextends: binance\nname: binance\nenvironments: {com: {rest: https://evil.example}}\n")

    assert not credentials_for(load_spec(path), None, registered, ENVIRON)


def test_a_spec_of_ones_own_has_credentials_of_its_own(tmp_path: Path) -> None:
    spec = load_spec(child(tmp_path, "environments: {com: {rest: https://mine.example}}\n"))
    environ = {"DECLCONN_CHILD_API_KEY": "mine", "DECLCONN_CHILD_API_SECRET": "too"}

    assert (
        credentials_for(spec, None, registered, {**ENVIRON, **environ}).values["api_key"].get_secret_value() == "mine"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"api_key": "k"}, "binance: the credential 'api_secret' is missing; it takes api_key, api_secret"),
        ({"api_kye": "k"}, "binance: unknown credential 'api_kye'; it takes api_key, api_secret"),
    ],
)
def test_a_wrong_set_of_credentials_is_an_error_that_names_them(given: dict[str, str], message: str) -> None:
    with pytest.raises(CredentialsError, match=message):
        credentials_for(load_spec("binance"), given, registered, {})


def test_credentials_do_not_go_to_a_foreign_host_that_the_caller_names_by_mistake() -> None:
    credentials = {"api_key": "k", "api_secret": SECRET}
    with pytest.raises(CredentialsError, match=r"credentials do not go to 'evil.example' \(rest\)") as error:
        declconn.connect("binance", credentials=credentials, environment={"rest": "https://evil.example"})
    assert SECRET not in str(error.value)


def test_credentials_may_go_to_this_machine() -> None:
    credentials = {"api_key": "k", "api_secret": SECRET}
    exchange = declconn.connect("binance", credentials=credentials, environment={"rest": "http://127.0.0.1:1/api/v3"})

    assert SECRET not in repr(exchange)
    assert SECRET not in repr(exchange.parts)


def test_hosts_are_those_of_all_environments() -> None:
    assert {"api.binance.com", "api.binance.us"} < hosts(load_spec("binance"))


def test_the_keyring_is_asked_under_the_specs_name_after_the_environment() -> None:
    kept = {("declconn:binance", "api_key"): "kept-key", ("declconn:binance", "api_secret"): "kept-secret"}
    look = lambda service, name: kept.get((service, name))  # noqa: E731
    found = credentials_for(load_spec("binance"), None, registered, {}, look)
    environment = credentials_for(load_spec("binance"), None, registered, ENVIRON, look)

    assert found.values["api_secret"].get_secret_value() == "kept-secret"
    assert environment.values["api_secret"].get_secret_value() == SECRET

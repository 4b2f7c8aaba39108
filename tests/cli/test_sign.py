"""`sign`: the request that a spec would make, checked against what venues publish."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from declconn.cli import main

# The account of the example in Binance's API documentation (not a live one).
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
ORDER = ["symbol=LTCBTC", "side=BUY", "type=LIMIT", "timeInForce=GTC", "quantity=1", "price=0.1", "recvWindow=5000"]
MAKER = ["--arg", "type=LIMIT_MAKER", "--arg", "side=buy"]
SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    path = tmp_path / "account.yaml"
    path.write_text(f"api_key: {KEY}\napi_secret: {SECRET}\n")
    path.chmod(0o600)
    return path


def sign(*arguments: str) -> list[str]:
    return ["sign", "binance", "--recipe", "signed", "--at", "1499827319559", *arguments]


def order(*more: str) -> list[str]:
    fields = [part for field in ORDER for part in ("--param", field)]
    return sign("--method", "POST", "--path", "/api/v3/order", *fields, *more)


def test_the_published_example_is_signed_as_published(credentials: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(order("--credentials", str(credentials), "--json")) == 0
    request = json.loads(capsys.readouterr().out)

    assert (request["method"], request["url"]) == ("POST", "https://api.binance.com/api/v3/order")
    assert request["headers"]["X-MBX-APIKEY"] == KEY
    assert request["body"] == "&".join([*ORDER, "timestamp=1499827319559", f"signature={SIGNATURE}"])


def test_a_wrong_secret_signs_otherwise(credentials: Path, capsys: pytest.CaptureFixture[str]) -> None:
    credentials.write_text(f"api_key: {KEY}\napi_secret: {SECRET[:-1]}x\n")
    assert main(order("--credentials", str(credentials), "--json")) == 0
    assert SIGNATURE not in capsys.readouterr().out


def test_every_value_that_led_to_a_signature_is_explained_with_secrets_starred(
    credentials: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(order("--credentials", str(credentials), "--explain")) == 0
    output = capsys.readouterr().out

    assert "&".join([*ORDER, "timestamp=1499827319559"]) in output
    assert SECRET not in output
    assert KEY not in output


def test_the_host_can_be_another_one(credentials: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(order("--credentials", str(credentials), "--json", "--base", "http://127.0.0.1:8080")) == 0
    assert json.loads(capsys.readouterr().out)["url"] == "http://127.0.0.1:8080/api/v3/order"


def test_a_path_without_the_prefix_of_the_environment_is_signed_as_it_stands_and_told(
    credentials: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(sign("--path", "/order", "--credentials", str(credentials), "--json")) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["url"].startswith("https://api.binance.com/order?")
    assert "its own /order would be --path /api/v3/order" in shown.err

    assert main(order("--credentials", str(credentials))) == 0
    assert capsys.readouterr().err == ""


def test_an_operation_of_the_spec_is_signed_with_its_arguments(
    credentials: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--arg", "symbol=LTCBTC", "--arg", "client_order_id=my-order"]
    at = ["--at", "1499827319559", "--credentials", str(credentials), "--json"]
    assert main(["sign", "binance", "order_status", *arguments, *at]) == 0
    url = json.loads(capsys.readouterr().out)["url"]

    query = "symbol=LTCBTC&origClientOrderId=my-order&timestamp=1499827319559&signature="
    assert url.startswith(f"https://api.binance.com/api/v3/order?{query}")


def test_sides_and_types_of_orders_are_read_in_any_case(credentials: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["symbol=LTCBTC", "side=buy", "type=limit", "price=0.1", "amount=1", "client_order_id=x"]
    arguments = [part for argument in given for part in ("--arg", argument)]
    assert main(["sign", "binance", "place_order", *arguments, "--credentials", str(credentials), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)["body"]
    assert {"side=BUY", "type=LIMIT", "price=0.1"} <= set(body.split("&"))


def test_without_credentials_it_says_which_to_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "kraken", "balances"]) == 2
    assert capsys.readouterr().err == (
        "balances has to be signed: give --credentials FILE with api_key, api_secret, "
        "or set DECLCONN_KRAKEN_API_KEY, DECLCONN_KRAKEN_API_SECRET\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sign", "binance", "--path", "/x", "--recipe", "singed"], "no recipe 'singed'; did you mean 'signed'?"),
        (["sign", "binance", "order_statu"], "no operation 'order_statu'; did you mean 'order_status'?"),
        (["sign", "binance"], "name an operation of the spec, or a --path"),
        (["sign", "binance", "order_status"], "order_status needs --arg symbol="),
        (["sign", "binance", "order_status", "--arg", "foo=1"], "order_status takes no argument 'foo'"),
        (["sign", "binance", "place_order", "--arg", "type=STOP"], "'type' is 'STOP'; expected LIMIT or"),
        (["sign", "binance", "place_order", "--arg", "side=long"], "side: found 'long', expected BUY or SELL"),
        (
            ["sign", "binance", "place_order", *MAKER, "--arg", "time_in_force=IOC"],
            "LIMIT_MAKER IOC orders are not offered here; there are LIMIT_MAKER",
        ),
        (["sign", "binance", "place_order", "--arg", "amount=-1"], "--arg amount=-1: expected a number above 0"),
        (["sign", "binance", "place_order"], "place_order needs --arg type=, which may be LIMIT or"),
        (["sign", "binance", "ping", "--base", "localhost"], "--base localhost: expected a scheme and a host"),
    ],
)
def test_what_does_not_fit_is_one_line(
    credentials: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--credentials", str(credentials)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert SECRET not in error


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        ("api_key: x\n", 0o644, "others than its owner may read it; run: chmod 600"),
        ("- a\n", 0o600, "expected a map of names to texts"),
        ("api_key: [s3cr3t]\n", 0o600, "expected a map of names to texts"),
        ("api_secret: 's3cr3t\n", 0o600, "neither JSON nor YAML"),
        ("api_secret: s3cr3t\n", 0o600, "the credential 'api_key' is missing"),
    ],
)
def test_a_bad_file_of_credentials_is_told_and_not_shown(
    tmp_path: Path, content: str, mode: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "account.yaml"
    path.write_text(content)
    path.chmod(mode)

    assert main(order("--credentials", str(path))) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "s3cr3t" not in error

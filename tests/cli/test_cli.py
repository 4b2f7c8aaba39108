"""The command line: what it prints, and exit codes that a script can trust."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

import declconn
from declconn.book.sides import NATIVE
from declconn.cli import main
from declconn.cli.main import Doubts

RECORDING = """\
wss://toy.example/ws <-> 1700000000.0
https://toy.example/api/markets -> 1700000000.1: [{"id": "btcusd", "base": "BTC", "quote": "USD"}]
1700000000.2: {"t": "depth", "s": "btcusd", "f": 9, "u": 10, "b": [], "a": []}
https://toy.example/api/book?market=btcusd -> 1700000000.3: {"seq":10, "bids": [["99.0","1.50"]], "asks": [["101","2"]]}
1700000000.4: {"t": "depth", "s": "btcusd", "f": 11, "u": 12, "b": [["99.5", "0.10"]], "a": []}
1700000000.5: {"t": "weather"}
"""


BOMB = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10 if n else ['x'])}]" for n in range(9)).encode()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "TOY.0"
    path.write_text(RECORDING)
    return path


def test_list_names_every_built_in_spec(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert re.search(r"^kraken +exchange +built-in +order book, trades, ", capsys.readouterr().out, re.MULTILINE)


def test_list_as_json_says_what_each_spec_declares(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert "order book" in rows["binance"]["capabilities"]


def test_list_shows_a_market_data_spec_for_what_it_is(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.write_text(
        re.sub(
            r"(?m)^(credentials|auth|  recipes|    signed|      let|      inject|  balances).*\n", "", toy.read_text()
        )
    )
    monkeypatch.setenv("DECLCONN_PATH", str(toy.parent))
    assert main(["list", "--json"]) == 0
    row = next(row for row in json.loads(capsys.readouterr().out) if row["name"] == "toy")
    assert row["origin"] == "DECLCONN_PATH"
    assert row["capabilities"] == ["order book", "trades", "tickers", "klines"]


def test_list_keeps_going_at_a_broken_spec_and_fails(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.write_text("spec: 2")
    monkeypatch.setenv("DECLCONN_PATH", str(toy.parent))
    assert main(["list"]) == 1
    output = capsys.readouterr().out
    assert re.search(r"toy.*toy\.yaml:1:", output)
    assert "kraken" in output


def test_show_tells_hosts_operations_and_book_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "binance"]) == 0
    output = capsys.readouterr().out
    assert "https://api.binance.us/api/v3" in output
    assert re.search(r"order book +snapshot rest, rule range", output)


def test_show_tells_how_orders_may_be_placed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "binance"]) == 0
    types = re.findall(r"^order type +(.*)$", capsys.readouterr().out, re.MULTILINE)
    assert "LIMIT: GTC, IOC, FOK, STOP, TAKE_PROFIT" in types
    assert any(line.startswith("MARKET: GTC") for line in types)


@pytest.mark.parametrize("command", [["-m", "declconn"], ["-c", "from declconn.cli import main; main()"]])
def test_the_version_says_whether_books_are_compiled(command: list[str]) -> None:
    run = subprocess.run([sys.executable, *command, "--version"], capture_output=True, text=True, check=True)
    books = "in Python" if NATIVE is None else "compiled"
    assert run.stdout == f"declconn {declconn.__version__} (order books {books})\n"


def test_show_as_json_is_the_spec_after_extends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "kraken", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["order_book"]["snapshot"]["from"] == "stream"


def test_validate_without_names_checks_every_spec(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--strict"]) == 0
    assert "binance.yaml: ok" in capsys.readouterr().out


def test_validate_prints_every_problem_with_its_place(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = toy.read_text().replace("kind: exchange", "kind: exchang").replace("weight: 1}", "weigth: 1}")
    toy.write_text(text)

    assert main(["validate", str(toy)]) == 1
    places = [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()]
    assert places == ["kind"]
    toy.write_text(text.replace("exchang\n", "exchange\n"))
    assert main(["validate", str(toy)]) == 1
    assert re.match(
        rf"{toy}:18:\d+: endpoints\.trading_rules\.cost\.weigth: .*did you mean 'weight'\?", capsys.readouterr().out
    )


def test_validate_as_json_is_for_programs(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy.write_text(toy.read_text() + "extra: 1\n")

    assert main(["validate", "--json", str(toy)]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["path"], problem["column"]) == ("extra", 1)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- a\n- b\n", b"[" * 5000, BOMB, b"{" * 100_000])
def test_validate_of_anything_is_one_clear_line_and_no_traceback(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "thing.yaml"
    path.write_bytes(content)

    assert main(["validate", str(path)]) == 1
    output = capsys.readouterr()
    assert re.match(rf"{path}:\d+:\d+: ", output.out)
    assert len(output.out.splitlines()) == 1
    assert output.err == ""


def test_an_unknown_spec_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "krakn"]) == 2
    assert capsys.readouterr().err.startswith("no spec is called 'krakn'; did you mean kraken")


def test_a_wrong_command_line_exits_with_2() -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["replay"])
    assert exit_.value.code == 2


def test_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "declconn exchange spec, version 1"


def test_replay_prints_books_with_exact_digits(toy: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--json", str(toy), str(recording)]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["frames"], summary["unrouted"]) == (3, 1)
    assert summary["books"]["BTC-USD"] == {
        "synced": True,
        "applied": 2,
        "stale": 1,
        "gaps": 0,
        "resyncs": 0,
        "checksums_ok": 0,
        "checksums_failed": 0,
        "crossed": 0,
        "bids": [["99.5", "0.10"], ["99.0", "1.50"]],
        "asks": [["101", "2"]],
    }


def test_a_replay_in_which_no_frame_is_the_event_of_a_book_fails(
    toy: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.write_text(toy.read_text().replace("when: {t: depth}", "when: {t: dephts}"))

    assert main(["replay", str(toy), str(recording)]) == 1
    output = capsys.readouterr().out
    assert "3 frames, of which 3 are no event" in output
    assert "no frame is the event of a book; does its `when` fit?" in output


def test_what_is_doubtful_about_a_spec_is_said_once() -> None:
    doubts = Doubts()
    doubt = logging.LogRecord("declconn.spec", logging.WARNING, "", 0, "this is strange", None, None)
    other = logging.LogRecord("declconn.net", logging.WARNING, "", 0, "this is strange", None, None)
    assert [doubts.filter(doubt), doubts.filter(doubt)] == [True, False]
    assert [doubts.filter(other), doubts.filter(other)] == [True, True]


def test_replay_of_a_recording_with_a_gap_fails(toy: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording.write_text(RECORDING.replace('"f": 11', '"f": 12'))

    assert main(["replay", str(toy), str(recording)]) == 1
    assert re.search(r"^BTC-USD +NO ", capsys.readouterr().out, re.MULTILINE)


def test_replay_of_a_recording_without_markets_says_what_is_missing(
    toy: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_text("\n".join(line for line in RECORDING.splitlines() if "markets" not in line))

    assert main(["replay", str(toy), str(recording)]) == 1
    assert "no answer of trading_rules" in capsys.readouterr().err


def test_replay_can_be_told_what_a_recording_does_not_say(
    toy: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_text(
        "\n".join(line for line in RECORDING.splitlines() if "markets" not in line).replace("/api/book?", "/v0/depth?")
    )
    flags = ["--market", "BTC-USD=btcusd", "--answer", "order_book_snapshot=/v0/depth", "--option", "depth=100"]

    assert main(["replay", *flags, str(toy), str(recording)]) == 0
    assert re.search(r"^BTC-USD +yes ", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["replay", "x", __file__, "--market", "BTC-USD"], "argument --market: 'BTC-USD' is not NAME=VALUE"),
        (["replay", "x", __file__, "--answer", "a="], "argument --answer: 'a=' is not NAME=VALUE"),
        (["replay", "x", __file__, "--pair", "btcusd"], "'btcusd' is not a trading pair; write BASE-QUOTE, like BTC-"),
        (["replay", "x", "nowhere.gz"], "argument FILES: there is no file 'nowhere.gz'"),
        (["book", "x", "BTC-USD", "--url", "rest"], "argument --url: 'rest' is not NAME=VALUE"),
        (["demo", "--seconds", "nan"], "'nan' is not a number of seconds above 0"),
        (["demo", "--seconds", "0"], "'0' is not a number of seconds above 0"),
        (["demo", "--pair", "btc-usd"], "'btc-usd' is not a trading pair"),
    ],
)
def test_a_wrong_argument_is_told_before_anything_runs(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_recording_into_a_directory_that_is_not_there_is_one_line(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", str(toy), "BTC-USD", "-o", str(tmp_path / "no" / "x.gz")]) == 2
    assert "the directory" in capsys.readouterr().err


def test_a_recording_that_fails_leaves_the_file_that_was_there(toy: Path, tmp_path: Path) -> None:
    path = tmp_path / "capture.jsonl"
    path.write_text("precious")
    nobody = ["--url", "rest=http://127.0.0.1:9/api", "--url", "ws=ws://127.0.0.1:9/ws", "--seconds", "1"]

    assert main(["record", str(toy), "BTC-USD", "-o", str(path), *nobody]) == 1
    assert path.read_text() == "precious"
    assert [file.name for file in tmp_path.iterdir() if "capture" in file.name] == ["capture.jsonl"]


def test_a_replay_whose_messages_cannot_be_read_fails(
    toy: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_text(RECORDING + "1700000000.6: [[[[not json\n")

    assert main(["replay", str(toy), str(recording)]) == 1
    assert "1 x streams.market.decode" in capsys.readouterr().out


def test_a_replay_that_finds_no_market_in_the_answer_says_where_to_look(
    toy: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.write_text(
        toy.read_text().replace('{get: /markets, cost: {weight: 1}, each: "@"', "{get: /markets, each: nothing")
    )

    assert main(["replay", str(toy), str(recording)]) == 1
    assert "toy finds no market in it; look at its `each`, `where` and `result`" in capsys.readouterr().err


def test_validate_as_json_tells_doubts_too_and_they_count_only_if_asked(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.write_text(toy.read_text() + "fees: {maker_percent_fee_decimal: 0.002, taker_percent_fee_decimal: 0.001}\n")

    assert main(["validate", "--json", str(toy)]) == 0
    (doubt,) = json.loads(capsys.readouterr().out)["problems"]
    assert doubt["warning"] is True
    assert main(["validate", "--strict", str(toy)]) == 1


@pytest.mark.parametrize("name", ["a" * 5000, "/dev/null", "."])
def test_a_name_that_is_no_spec_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", name]) == 2
    assert len(capsys.readouterr().out.splitlines()) == 1

"""The models: short forms become long ones, every word is explained, nothing unknown passes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from declconn.records import EMITS
from declconn.spec import models
from declconn.spec.capabilities import capabilities
from declconn.spec.load import load_spec_file, sibling_finder
from declconn.spec.models.base import Model
from declconn.spec.models.steps import STEPS, Hmac
from declconn.spec.models.streams import EMIT_WORDS
from declconn.spec.units import Allowance, parse_allowance, parse_duration, parse_size

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("DECLCONN_DATA", HERE.parents[2] / "shared" / "data")).parent
DRAFTS = sorted((SHARED / "design" / "examples").glob("*.yaml"))


def all_models(root: type[Model] = Model) -> Iterator[type[Model]]:
    for model in root.__subclasses__():
        yield model
        yield from all_models(model)


MODELS = sorted({model for model in all_models() if "[" not in model.__name__}, key=lambda model: model.__name__)


def good(name: str) -> models.Spec:
    path = HERE / "good" / f"{name}.yaml"
    return load_spec_file(path, sibling_finder(path, lambda name: None), strict=True)


def test_ids_have_32_characters_if_nothing_else_is_said_and_uuids_36() -> None:
    lengths = {format: models.ClientOrderId.model_validate({"format": format}).length for format in ("text", "uuid")}
    assert lengths == {"text": models.ClientOrderId().length, "uuid": 36} == {"text": 32, "uuid": 36}
    assert models.ClientOrderId.model_validate({"format": "uuid", "prefix": "x", "length": 37}).length == 37


def stream(**words: Any) -> models.Stream:
    return models.Stream.model_validate({"url": "{env.ws}", **words})


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_word_has_a_description_and_an_example(model: type[Model]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.examples, name


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_is_documented_and_refuses_unknown_words(model: type[Model]) -> None:
    assert model.__doc__
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"]


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        good("market_data").name = "other"


def test_a_heartbeat_may_be_a_duration() -> None:
    assert stream(heartbeat="30s").heartbeat == stream(heartbeat={"every": "30s"}).heartbeat
    assert stream(heartbeat="30s").heartbeat.every == Decimal(30)


def test_a_heartbeat_may_be_learnt() -> None:
    assert stream(heartbeat={"every": "{session.public.ping}"}).heartbeat.every == "{session.public.ping}"


def test_a_message_may_be_written_alone() -> None:
    message = {"op": "subscribe", "args": "{channels}"}
    assert stream(subscribe=message).subscribe == stream(subscribe={"send": message}).subscribe
    assert stream(subscribe={"auth": "ws?"}).subscribe.auth == "ws?"


def test_a_matcher_may_be_written_alone() -> None:
    assert stream(accepted={"id": 1}).accepted == stream(accepted={"when": {"id": 1}}).accepted


def test_a_condition_may_ask_for_nothing() -> None:
    assert stream(accepted={"result": {"is": None}}).accepted.when == {"result": {"is": None}}


def test_a_rate_may_be_an_allowance_or_a_choice_of_allowances() -> None:
    endpoint = models.Endpoint.model_validate({"get": "/x", "rate": "20/2s"})
    assert endpoint.rate == models.RateLimit.model_validate({"allow": "20/2s"})
    chosen = models.Endpoint.model_validate({"get": "/x", "rate": {"by": "opt.tier", "of": {"pro": "20+60/1m"}}})
    assert chosen.rate.allow.of["pro"] == Allowance(20, 60, Decimal(60))


def test_a_snapshot_may_be_one_word() -> None:
    book = models.OrderBook.model_validate({"snapshot": "rest", "rule": "range"})
    assert book.snapshot == models.Snapshot.model_validate({"from": "rest"})


def test_a_slot_may_be_a_path_a_constant_or_a_list_of_paths() -> None:
    endpoint = models.Endpoint.model_validate({"get": "/x", "result": {"a": "b.c", "d": 5, "e": ["wsname", "key()"]}})
    assert {name: slot.path for name, slot in endpoint.result.items()} == {"a": "b.c", "d": 5, "e": "[wsname, key()]"}


def test_a_rule_of_errors_may_be_written_without_a_list() -> None:
    errors = models.Errors.model_validate({"kinds": {"nonce": {"code": -1}}})
    assert errors == models.Errors.model_validate({"kinds": {"nonce": [{"code": [-1]}]}})


def test_modes_may_be_a_list() -> None:
    assert models.Positions.model_validate({"modes": ["ONEWAY"]}).modes == {"ONEWAY": "ONEWAY"}


def test_an_option_may_be_its_default() -> None:
    options = good("trading").options
    assert options["recv_window"].default == 5000
    assert options["label"].default is None


def test_an_endpoint_knows_its_method_and_path() -> None:
    endpoint = models.Endpoint.model_validate({"delete": "/orders/{exchange_order_id}"})
    assert (endpoint.method, endpoint.path) == ("DELETE", "/orders/{exchange_order_id}")


def test_an_operation_may_be_a_list_of_requests() -> None:
    spec = good("market_data")
    assert [request.path for request in spec.requests("last_price")] == ["/ticker"]
    assert spec.requests("balances") == []


def test_steps_nest() -> None:
    signature = good("trading").auth.recipes["signed"].let["signature"]
    assert isinstance(signature, Hmac)
    assert isinstance(signature.data, STEPS["concat"])


def test_every_word_of_a_step_is_its_first_field() -> None:
    for word, model in STEPS.items():
        first = next(iter(model.model_fields.items()))
        assert word == (first[1].alias or first[0])


def test_every_emit_but_two_fills_a_record() -> None:
    assert set(EMIT_WORDS) == {*EMITS, "poll", "reconnect"}


def test_a_spec_without_credentials_is_a_market_data_spec() -> None:
    assert capabilities(good("market_data")) == ("order book", "trades", "tickers")


def test_what_a_connector_can_do_follows_from_what_its_spec_declares() -> None:
    words = ("order book", "trades", "tickers", "trading", "balances", "user stream", "positions")
    assert capabilities(good("trading")) == words


@pytest.mark.skipif(not DRAFTS, reason=f"the drafts are not in {SHARED}")
@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_the_drafts_load(path: Path) -> None:
    assert load_spec_file(path, sibling_finder(path, lambda name: None)).name == path.stem


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", "0.5"), ("30s", "30"), ("1.5s", "1.5"), ("2m", "120"), ("23h", "82800"), ("1d", "86400")],
)
def test_durations(text: str, seconds: str) -> None:
    assert parse_duration(text) == Decimal(seconds)


@pytest.mark.parametrize(("text", "size"), [("512KiB", 524_288), ("8MiB", 8_388_608), ("1GiB", 1 << 30), ("7B", 7)])
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_allowances() -> None:
    assert parse_allowance("6000/1m") == Allowance(None, 6000, Decimal(60))
    assert parse_allowance("15+20/1m") == Allowance(15, 20, Decimal(60))


NEITHER = st.text().filter(lambda text: not text[:1].isdigit()) | st.integers() | st.none() | st.lists(st.integers())


@pytest.mark.parametrize("parse", [parse_duration, parse_size, parse_allowance])
@given(value=NEITHER)
def test_anything_else_is_refused_with_a_hint(parse: Callable[[Any], Any], value: object) -> None:
    with pytest.raises(ValueError, match="write"):
        parse(value)


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_an_allowance_keeps_its_numbers(burst: int, refill: int, unit: str) -> None:
    allowance = parse_allowance(f"{burst}+{refill}/2{unit}")
    assert (allowance.burst, allowance.refill, allowance.window) == (burst, refill, parse_duration(f"2{unit}"))

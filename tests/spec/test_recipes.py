"""What the checks of recipes let pass; what they refuse is in `broken/recipe_*.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from declconn.errors import SpecError
from declconn.spec.load import load_spec_file

HERE = Path(__file__).parent


def load(tmp_path: Path, recipe: str, *, strict: bool = True) -> None:
    path = tmp_path / "venue.yaml"
    path.write_text(f"spec: 1\nextends: trading\nname: venue\nauth:\n  recipes:\n    signed: {recipe}\n")
    load_spec_file(path, lambda name: HERE / "good" / f"{name}.yaml", strict=strict)


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(
            "{unbound: true, let: {signature: {data: '{clock.ms}{cred.api_key}'}}}",
            id="a venue that signs only who and when",
        ),
        pytest.param(
            "{by: cred.api_secret|kind, of: {ed25519: {unbound: body, let: {t: {jwt: {alg: EdDSA, "
            "key: '{cred.api_secret}', key_enc: base64, "
            "claims: {sub: '{cred.api_key}', uri: '{req.method} {req.host}{req.path}'}}}}, "
            "inject: {headers: {A: '{t}'}}}}}",
            id="a token that names the path",
        ),
        pytest.param(
            "{let: {key: {hash: md5, data: '{cred.api_secret}'}, signature: {key: '{key}'}}}",
            id="a key that is derived",
        ),
        pytest.param(
            "{let: {signature: {python: 'my.hooks:sign', hmac: null, key: null, data: null, out: null}}}",
            id="a hook, of which nothing is known",
        ),
        pytest.param(
            "{unbound: body, let: {digest: null, fields: {form: {a: 1}}, signature: {data: '{fields}{req.path}'}}}",
            id="a value with the name of a source",
        ),
        pytest.param(
            "{let: {digest: {out: raw}, signature: {data: {concat: null, lines: ['{digest}', x]}}}}",
            id="bytes among lines",
        ),
        pytest.param("{let: {signature: {key: {decode: hex, data: '{cred.api_secret}'}}}}", id="bytes as a key"),
    ],
)
def test_a_recipe_that_is_right_passes(recipe: str, tmp_path: Path) -> None:
    load(tmp_path, recipe)


def test_the_same_without_unbound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="does not depend on what is asked"):
        load(tmp_path, "{let: {signature: {data: '{clock.ms}{cred.api_key}'}}}")


def naming(source: str) -> str:
    """A recipe whose signature is made of one source."""
    return f"{{let: {{signature: {{data: '{{{source}}}'}}}}}}"


@pytest.mark.parametrize("source", ["fields.symbol", "body.side", "fields.price|lower"])
def test_what_is_signed_may_be_one_field_of_what_is_asked(source: str, tmp_path: Path) -> None:
    load(tmp_path, naming(source))


@pytest.mark.parametrize("source", ["params.id", "req.target", "req.path"])
def test_bodies_that_are_not_signed_are_doubtful_unless_the_venue_wants_it_so(source: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="the signature of 'place_order' does not depend on its body"):
        load(tmp_path, naming(source))
    load(tmp_path, naming(source), strict=False)
    load(tmp_path, naming(source).replace("{let", "{unbound: body, let", 1))


@pytest.mark.parametrize("source", ["fields.simbol", "params.side"])
def test_a_field_that_no_request_has_is_refused(source: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=rf"unknown source '{source}'"):
        load(tmp_path, naming(source))


def test_fields_that_need_themselves_are_found(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"needs itself: req\.payload -> req\.payload"):
        load(tmp_path, "{fields: {after: {x: '{req.payload}'}}}")

"""Requests that ccxt signs and we sign too, from the table in `cases.yaml`; all keys are made up."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from declconn.compile.recipe import Recipe, compile_recipe
from declconn.compile.source_book import FrozenClock
from declconn.net.transport import Request
from declconn.nonces import MemoryNonces, Nonces
from declconn.spec import Spec
from declconn.spec.load import load_spec_file, sibling_finder

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

NOW_MS = 1_700_000_000_000
"""A whole second: ccxt rounds HTX's seconds to the nearest."""

FIELDS: Mapping[str, dict[str, Any]] = {
    "empty": {},
    "plain": {"symbol": "BTC-USDT", "side": "buy", "amount": "0.010", "limit": 10},
    "flags": {"postOnly": True, "reduceOnly": False},
    "signs": {"note": "a b/c+d&e=f?g#h%i", "tail": "~*'()!,;:@[$]\"\\"},
    "unicode": {"note": "Zürich 東京 €", "face": "🦀"},
    "numbers": {"ids": [3, 1, 2]},
    "lists": {"symbol": "BTC-USDT", "ids": ["3", "1", "2"]},
    "order": {
        "type": "order",
        "orders": [{"a": 0, "b": True, "p": "50000", "s": "0.1", "r": False, "t": {"limit": {"tif": "Gtc"}}}],
        "grouping": "na",
    },
    "market_order": {
        "symbol": "BTC/USDT-P",
        "nonce": NOW_MS,
        "side": "BID",
        "orderType": "MARKET",
        "quantity": "0.0105",
        "price": "",
        "maxFeesPercent": "0.00045",
    },
    "cancel": {"type": "cancel", "cancels": [{"a": 10_000, "o": 123_456_789_012}]},
    "nested": {"order": {"price": "1.5", "legs": [{"b": "2", "a": "1"}]}, "ids": ["3", "1"]},
}
"""What requests carry: their keys are not sorted, so that sorting shows."""

FLAT = ("empty", "plain", "flags", "signs", "unicode")
CARRIERS: Mapping[str, tuple[str, ...]] = {
    "nothing": ("empty",),
    "query": FLAT,
    "form": FLAT,
    "both": FLAT,
    "json": (*FLAT, "numbers", "lists", "nested"),
    "json-flat": FLAT,  # what ccxt signs of lists in this JSON has no meaning
    "action": ("order", "cancel"),
    "packed": ("market_order",),
}
"""The kinds of fields that are tried, by how they travel."""


@dataclass(frozen=True)
class Case:
    """One request: what is asked, of which venue, with which fields."""

    venue: str
    entry: Mapping[str, Any]
    section: tuple[str, ...]
    method: str
    carrier: str
    path: str
    kind: str
    sorted: bool

    def __str__(self) -> str:
        return f"{self.venue}-{'.'.join(self.section)}-{self.method}-{self.path.replace('/', '.')}-{self.kind}"

    @property
    def file(self) -> str:
        """The name of ccxt's class, and of our file if the spec is not a shipped one."""
        return str(self.entry.get("file", self.venue))

    @property
    def spec(self) -> Path:
        """The spec that holds the recipe."""
        shipped = self.entry.get("shipped")
        return ROOT / "specs" / f"{shipped}.yaml" if shipped else HERE / "recipes" / f"{self.file}.yaml"

    @property
    def recipe(self) -> str:
        return str(self.entry.get("recipe", "signed"))

    @property
    def fields(self) -> dict[str, Any]:
        """What the request carries, in the order in which it is given."""
        fields = copy.deepcopy(FIELDS[self.kind])
        return dict(sorted(fields.items())) if self.sorted else fields

    @property
    def all_fields(self) -> dict[str, Any]:
        """The same as we are given them: where one url serves all, the operation is a field."""
        named = {self.entry["operation"]: self.path} if "operation" in self.entry else {}
        return {**named, **self.fields}

    def secret(self, wrong: bool = False) -> str:
        """The venue's secret in its form, or another one of the same form."""
        return SECRETS[self.entry.get("secret", "text")](wrong)


def cases() -> Iterator[Case]:
    """Every case of the table."""
    for venue, entry in yaml.safe_load((HERE / "cases.yaml").read_text()).items():
        for section, calls in entry["calls"].items():
            for call in calls:
                asked, _, more = call.partition(" + ")
                method, carrier, path = asked.split()
                kinds = dict.fromkeys((*CARRIERS[carrier], *more.split()))
                is_sorted = kinds.pop("sorted", ...) is None
                for kind in kinds:
                    yield Case(venue, entry, tuple(section.split()), method, carrier, path, kind, is_sorted)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", list(cases()), ids=str)


@pytest.fixture(scope="session")
def all_cases() -> list[Case]:
    """The whole table."""
    return list(cases())


@pytest.fixture(scope="session")
def now_ms() -> int:
    """Where all clocks stand."""
    return NOW_MS


@pytest.fixture(scope="session")
def others() -> Mapping[str, str]:
    """What of an account is no secret key, by our names."""
    return OTHERS


@pytest.fixture(scope="session")
def secret_of() -> Callable[..., str]:
    """A secret by how it is written; `wrong`: another one."""
    return lambda form, wrong=False: SECRETS[form](wrong)


@pytest.fixture(scope="session")
def no_chance() -> Random:
    """A source of randomness that leaves nothing to it."""
    return Zeros()


@pytest.fixture(scope="session")
def public_key() -> ec.EllipticCurvePublicKey:
    """Verifies what the secret of the form `ec` signs."""
    return _ec(False).public_key()


def _text(wrong: bool) -> str:
    return "another-text/of+this=kind!" if wrong else "not-base64/but+this=kind!"


def _seed(wrong: bool) -> bytes:
    return bytes(range(2, 34)) if wrong else bytes(range(1, 33))


def _base58(wrong: bool) -> str:
    return "8rUz82MkFsfqjpVjjgWEM66Brr1sm1R7VKZ991fF41e" if wrong else "4wBqpZM9xaSheZzJSMawUKKwhdpChKbZ5eu5ky4Vigw"


@cache
def _rsa(wrong: bool) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def _ec(wrong: bool) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1000 if wrong else 999, ec.SECP256R1())


SECRETS: Mapping[str, Callable[[bool], str]] = {
    "text": _text,
    "base64": lambda wrong: base64.b64encode(_seed(wrong) * 2).decode(),
    "base58": _base58,
    "ed25519_pem": lambda wrong: _pem(ed25519.Ed25519PrivateKey.from_private_bytes(_seed(wrong))),
    "rsa": lambda wrong: _pem(_rsa(wrong)),
    "rsa_bare": lambda wrong: "".join(_pem(_rsa(wrong)).splitlines()[1:-1]),
    "ec": lambda wrong: _pem(_ec(wrong)),
    "letters44": lambda wrong: ("b" if wrong else "a") * 44,
    "evm": lambda wrong: "0x" + ("22" if wrong else "11") * 32,
}
"""Secrets by how they are written."""

OTHERS: Mapping[str, str] = {
    "api_key": "account-key",  # Gemini's keys say `account`
    "passphrase": "pass phrase",
    "uid": "42",
    "account_id": "account-1",
    "address": "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a",
}
"""What of an account is no secret key."""


def credentials(case: Case, spec: Spec, *, wrong: bool = False) -> dict[str, str]:
    """The credentials that a spec names; with `wrong` its secret, or the key where there is none, is another one."""
    secret = next(name for name in ("private_key", "api_secret", "api_key") if name in spec.credentials)
    values = {**OTHERS, **dict.fromkeys(("private_key", "api_secret"), case.secret())}
    return {**values, secret: case.secret(wrong)} if secret != "api_key" or wrong else values


@cache
def spec_of(path: Path) -> Spec:
    return load_spec_file(path, sibling_finder(path, lambda name: None))


@cache
def recipe_of(path: Path, name: str) -> Recipe:
    spec = spec_of(path)
    return compile_recipe(name, spec.auth.recipes[name], spec.time_unit)


class Zeros(Random):
    """Nothing is left to chance."""

    def getrandbits(self, k: int, /) -> int:
        return 0


def sources(case: Case, spec: Spec, *, wrong: bool = False) -> dict[str, Any]:
    """What templates may name, with clock and nonces that stand still; random nonces are zeros."""
    secrets = credentials(case, spec, wrong=wrong)
    return {
        "env": next(iter(spec.environments.values())),
        "opt": {name: option.default for name, option in spec.options.items()} | case.entry.get("options", {}),
        "cred": {name: SecretStr(value) for name, value in secrets.items()},
        "const": spec.constants,
        "session": {"token": "session-token"},
        "clock": FrozenClock(NOW_MS * 10**6),
        "nonce": Nonces(MemoryNonces(), "test", NOW_MS * 10**6, Zeros()),
    }


Sign: TypeAlias = Callable[..., Request]


@pytest.fixture
def sign() -> Sign:
    """Sign a case at a url, as a user's raw call is signed: fields travel where the recipe says."""

    def sign(case: Case, url: str, *, wrong: bool = False, known: bool = False) -> Request:
        spec = spec_of(case.spec)
        named = sources(case, spec, wrong=wrong)
        recipe = recipe_of(case.spec, case.recipe)
        if known:  # what a connector does: everything that stays as it is is there when the recipe is compiled
            fixed = {name: named[name] for name in ("env", "opt", "cred")} | {"const": spec.constants}
            recipe = compile_recipe(case.recipe, spec.auth.recipes[case.recipe], spec.time_unit, fixed=fixed)
        return recipe.sign(recipe.draft(case.method, url, case.all_fields, named), named)

    return sign

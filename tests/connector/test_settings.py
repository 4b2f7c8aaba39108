"""Options are of the kind that the spec says, whoever gives them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.connector.settings import choose_options
from declconn.errors import ConfigurationError
from declconn.registry import load_spec
from declconn.spec import Spec

OPTIONS = """\
options:
  operator: 1
  share: 0.5
  loud: false
  account: "12"
  depth: {default: 10, choices: [10, 100]}
  broker: {}
"""


@pytest.fixture
def spec(toy: Path) -> Spec:
    lines = [line for line in toy.read_text().splitlines() if not line.startswith("options:")]
    toy.write_text("\n".join(lines) + "\n" + OPTIONS)
    return load_spec(toy)


@pytest.mark.parametrize(
    ("name", "given", "chosen"),
    [
        ("operator", "7", 7),
        ("operator", 7, 7),
        ("operator", "0.5", Decimal("0.5")),
        ("share", "2", 2),
        ("loud", "true", True),
        ("loud", True, True),
        ("account", 34, "34"),
        ("depth", "100", 100),
        ("broker", 3, 3),
    ],
)
def test_a_value_becomes_what_the_default_is(spec: Spec, name: str, given: Any, chosen: Any) -> None:
    value = choose_options(spec, {name: given})[name]
    assert (value, type(value)) == (chosen, type(chosen))


def test_what_nobody_gives_is_the_default_or_absent(spec: Spec) -> None:
    assert choose_options(spec, {}) == {
        "operator": 1,
        "share": Decimal("0.5"),
        "loud": False,
        "account": "12",
        "depth": 10,
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"operator": "me"}, "toy: option 'operator' is a number, by default 1; found 'me'"),
        ({"operator": "nan"}, "toy: option 'operator' is a number, by default 1; found 'nan'"),
        ({"loud": "yes"}, "toy: option 'loud' is true or false, by default false; found 'yes'"),
        ({"depth": 50}, "toy: option 'depth' may be 10, 100; found 50"),
        ({"dept": 50}, "toy has no option 'dept'; did you mean 'depth'?"),
    ],
)
def test_what_is_none_is_refused(spec: Spec, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        choose_options(spec, given)
    assert says in str(error.value)

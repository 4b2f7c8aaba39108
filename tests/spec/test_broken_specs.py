"""Every broken spec says what is wrong with it, and where: its first lines hold the words that are expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from declconn.errors import SpecError
from declconn.spec.load import load_spec_file, sibling_finder

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))
EXPECT = "# expect: "


def good(name: str) -> Path | None:
    """The whole specs that broken ones build on."""
    path = HERE / "good" / f"{name}.yaml"
    return path if path.is_file() else None


def problems_of(path: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_spec_file(path, sibling_finder(path, good), strict=True)
    directories = (f"{path}:", f"{path.parent}/", f"{HERE / 'good'}/")
    return [_without(str(problem), directories) for problem in caught.value.problems]


def _without(text: str, directories: tuple[str, ...]) -> str:
    for directory in directories:
        text = text.replace(directory, "")
    return text


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_spec_says_where_and_what(path: Path) -> None:
    lines = path.read_text().splitlines()
    expected = [line.removeprefix(EXPECT) for line in lines if line.startswith(EXPECT)]
    assert problems_of(path) == expected


@pytest.mark.parametrize("name", ["market_data", "trading"])
def test_the_specs_that_broken_ones_build_on_are_whole(name: str) -> None:
    path = HERE / "good" / f"{name}.yaml"
    assert load_spec_file(path, sibling_finder(path, good), strict=True).name == name


def aliases(depth: int) -> str:
    """Each list holds the one before nine times: a billion items at the tenth level."""
    levels = [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]" for level in range(1, depth)]
    return "\n".join(["l0: &l0 [x]", *levels])


BOMBS: dict[str, Callable[[], str]] = {
    "aliases": lambda: aliases(10),
    "depth": lambda: "constants: " + "[" * 100_000,
    "size": lambda: f"docs: {'x' * (2 << 20)}",
    "keys": lambda: "\n".join(f"k{number}: 1" for number in range(60_000)),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(bomb: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(f"spec: 1\nname: bomb\n{BOMBS[bomb]()}\n")
    assert problems_of(path)

"""What the README shows is true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import declconn
from declconn.cli import main
from declconn.errors import SpecError

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    (text,) = blocks("yaml")
    path = tmp_path / "my_venue.yaml"
    path.write_text(text)
    return path


def test_the_example_spec_is_right_and_has_no_lints(example: Path) -> None:
    assert declconn.load_spec(example, strict=True).name == "my_venue"


def test_the_typing_errors_are_told_as_shown(example: Path) -> None:
    text = example.read_text()
    example.write_text(
        text.replace('{market: "{symbol}"}', '{market: "{symbl}"}').replace("first_update_id", "first_updte_id")
    )
    with pytest.raises(SpecError) as error:
        declconn.load_spec(example)

    told = [str(problem).removeprefix(f"{example.parent}/") for problem in error.value.problems]
    assert len(told) == 2
    assert "\n".join(told) in README.read_text()


def test_the_python_example_uses_only_public_names() -> None:
    (text,) = blocks("python")
    used = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    used &= {name for name in used if re.search(rf"\bdeclconn\.{name}\b", text)}

    assert used
    assert used <= set(declconn.__all__)


def test_every_command_of_the_table_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^\| `declconn (\w+)", README.read_text(), re.MULTILINE)

    assert len(commands) == 9
    for command in commands:
        with pytest.raises(SystemExit) as exit_:
            main([command, "--help"])
        assert exit_.value.code == 0
    assert capsys.readouterr().out.count("usage: declconn") == len(commands)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(((?!https?:)[^)]+)\)", README.read_text())

    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []

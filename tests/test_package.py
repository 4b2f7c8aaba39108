"""What is installed: the specs ship inside the wheel, and the names are there from a wheel and from an sdist."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from importlib import import_module
from importlib.metadata import version
from inspect import isclass, isfunction
from pathlib import Path
from typing import get_type_hints

import pytest

import declconn

ROOT = Path(__file__).parents[1]


def test_public_names_are_sorted_and_exist() -> None:
    assert list(declconn.__all__) == sorted(declconn.__all__)
    assert [name for name in declconn.__all__ if not hasattr(declconn, name)] == []


def test_names_come_from_where_type_checkers_are_told() -> None:
    (block,) = (
        node for node in ast.parse(Path(declconn.__file__).read_text()).body if _head(node) == "if TYPE_CHECKING:"
    )
    told = {
        name.name: getattr(import_module(str(node.module)), name.name)
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }

    assert {*told, "__version__"} == set(declconn.__all__)
    assert {name: getattr(declconn, name) for name in told} == told


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'declconn' has no attribute 'conect'"):
        declconn.conect  # type: ignore[attr-defined]  # noqa: B018


def test_importing_it_imports_nothing_else() -> None:
    code = "import sys, declconn; print(*(name for name in sys.modules if name.startswith('declconn')))"
    assert said(code).split() == ["declconn"]


@pytest.mark.parametrize("module", ["errors", "records", "testing", "signing", "prometheus"])
def test_a_module_is_there_whether_or_not_anybody_imported_it(module: str) -> None:
    assert said(f"import declconn; print(declconn.{module}.__name__)") == f"declconn.{module}"


def test_looking_for_what_is_not_there_runs_and_imports_nothing() -> None:
    code = "import sys, declconn; print(hasattr(declconn, '__main__'), hasattr(declconn, 'conect'), *sys.modules)"
    main, conect, *modules = said(code).split()
    assert (main, conect) == ("False", "False")
    assert [name for name in modules if name.startswith("declconn")] == ["declconn"]


def test_it_lists_its_names_and_not_what_it_is_made_with() -> None:
    assert {name for name in dir(declconn) if not name.startswith("__")} == {*declconn.__all__} - {"__version__"}


def test_the_version_is_the_installed_ones() -> None:
    assert declconn.__version__ == version("declconn")


def test_the_types_of_attributes_and_of_what_functions_and_classes_are_called_with_can_be_looked_up() -> None:
    things = [getattr(declconn, name) for name in declconn.__all__]
    classes = [thing for thing in things if isclass(thing)]
    called = [*things, *(one.__init__ for one in classes)]
    for thing in (*classes, *filter(isfunction, called)):
        get_type_hints(thing)


def said(code: str) -> str:
    """What a Python of its own prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def _head(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0]


def build(*options: str | Path, source: Path = ROOT, **environment: str) -> str:
    """Build this checkout, or another; returns what was said."""
    command = [sys.executable, "-m", "build", *options, source]
    done = subprocess.run(
        command, env={**os.environ, **environment}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build("--outdir", folder)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_holds_specs_schema_and_the_typing_mark(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert {"declconn/specs/binance.yaml", "declconn/specs/kraken.yaml", "declconn/py.typed"} <= set(names)
    assert "declconn/schema/exchange-spec.v1.json" in names


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_sdist_holds_what_a_build_and_the_tests_need(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}

    assert {"specs/binance.yaml", "tests/test_package.py", "pyproject.toml", "README.md", "LICENSE"} <= names
    assert {"hatch_build.py", "declconn/book/native_side.pyx", "declconn/book/native_side.pyi"} <= names
    assert {"Makefile", "scripts/venv.sh", "bench/__main__.py", "CONTRIBUTING.md", ".pre-commit-config.yaml"} <= names
    assert not [name for name in names if name.endswith((".so", ".pyd"))]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_wheel_with_compiled_sides_is_for_one_platform_and_one_without_is_for_all(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    compiled = f"declconn/book/native_side{suffix}" in zipfile.ZipFile(wheel).namelist()

    assert compiled != wheel.name.endswith("-py3-none-any.whl")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_same_source_makes_the_same_wheel_wherever_it_lies(distributions: Path, tmp_path: Path) -> None:
    with tarfile.open(*distributions.glob("*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    build("--wheel", "--outdir", tmp_path, source=source)

    (one,), (other,) = distributions.glob("*.whl"), tmp_path.glob("*.whl")
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("environment", "warnings"), [({"CC": "false"}, 1), ({"DECLCONN_PURE": "1"}, 0)], ids=["no compiler", "on purpose"]
)
def test_without_a_compiler_a_wheel_is_built_all_the_same(
    tmp_path: Path, environment: dict[str, str], warnings: int
) -> None:
    said = build("--wheel", "--outdir", tmp_path, **environment)

    (wheel,) = tmp_path.glob("*-py3-none-any.whl")
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".so", ".pyd"))]
    assert said.count("order books will be Python's") == warnings


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_an_installed_package_lists_its_specs(distributions: Path, tmp_path: Path, kind: str) -> None:
    (distribution,) = distributions.glob(kind)
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, distribution]
    subprocess.run(install, check=True, capture_output=True)
    command = [sys.executable, "-c", "import sys; from declconn.cli import main; sys.exit(main(['list']))"]
    environment = {**os.environ, "PYTHONPATH": str(target)}
    listed = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout

    assert "kraken" in listed
    assert "built-in" in listed

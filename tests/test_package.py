"""What is installed: the specs ship inside the wheel, and the names are there from a wheel and from an sdist."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import declconn

ROOT = Path(__file__).parents[1]


def test_public_names_are_sorted_and_exist() -> None:
    assert list(declconn.__all__) == sorted(declconn.__all__)
    assert [name for name in declconn.__all__ if not hasattr(declconn, name)] == []


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True, capture_output=True)
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

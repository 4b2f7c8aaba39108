"""Compiles the fast sides of order books where there is a C compiler; elsewhere declconn is installed without them.

``DECLCONN_PURE=1`` in the environment of the build leaves them out on purpose.
"""

from __future__ import annotations

import os
import shutil
import sysconfig
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from Cython.Build import cythonize
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.errors import BaseError, CCompilerError

MODULE = "declconn/book/native_side"
LIBRARY = MODULE + sysconfig.get_config_var("EXT_SUFFIX")


class NativeSideHook(BuildHookInterface):
    """Puts one compiled module into a wheel, or beside its source for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files of a wheel."""
        self.folder = TemporaryDirectory()
        library = None if os.environ.get("DECLCONN_PURE", "0") != "0" else self.compiled()
        build_data["pure_python"] = library is None
        build_data["infer_tag"] = library is not None
        if version == "editable":
            put_in_place(library, Path(self.root, LIBRARY))
        elif library is not None:
            build_data["force_include"][str(library)] = LIBRARY

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called by hatchling when the wheel is written."""
        self.folder.cleanup()

    def compiled(self) -> Path | None:
        """The compiled module, in a folder that has nothing else to do with the source."""
        try:
            return compile_module(Path(self.root, f"{MODULE}.pyx"), self.folder.name)
        except (BaseError, CCompilerError, OSError) as error:
            self.app.display_warning(f"order books will be Python's, which are slower: {MODULE}.pyx: {error}")
            return None


def compile_module(source: Path, folder: str) -> Path:
    """Compile; raises what setuptools does if there is no compiler or it fails.

    Paths are relative to the folder, which has another name each time: the module holds its source's path, and the same
    source makes the same module.
    """
    copy = Path(folder, f"{MODULE}.pyx")
    copy.parent.mkdir(parents=True)
    shutil.copy(source, copy)
    with chdir(folder):
        flags = ["-g0"] if os.name == "posix" else []  # a fifth of the size
        extension = Extension(MODULE.replace("/", "."), [f"{MODULE}.pyx"], extra_compile_args=flags)
        command = Distribution({"ext_modules": cythonize([extension], quiet=True)}).get_command_obj("build_ext")
        command.build_lib = command.build_temp = "."
        command.ensure_finalized()
        command.run()
    return Path(folder, LIBRARY)


def put_in_place(library: Path | None, place: Path) -> None:
    """Replace an older module, or remove it, in one step: a process that runs keeps the one that it has."""
    if library is None:
        place.unlink(missing_ok=True)
    else:
        Path(shutil.copy(library, place.with_suffix(".new"))).replace(place)

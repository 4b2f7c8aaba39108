"""The venue's names of assets and ours, both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

_Recase: TypeAlias = Callable[[str], str]

CASES: dict[str | None, tuple[_Recase, _Recase]] = {
    "upper": (str.upper, str.lower),
    "lower": (str.lower, str.upper),
    None: (str, str),
}
"""How a name is read and how it is written, by the case of ours."""


class Assets:
    """``XBT`` is ``BTC`` here, or every name in another case.

    Args:
        case: ``upper`` where the venue writes lower case and we upper (``lower`` the other way round), or ``None``.
        rename: the venue's name: ours. Where several of the venue's names are one of ours, the first is written.
    """

    def __init__(self, case: str | None = None, rename: Mapping[str, str] | None = None) -> None:
        self._ours = dict(rename or {})
        self._theirs: dict[str, str] = {}
        for theirs, ours in self._ours.items():
            self._theirs.setdefault(ours, theirs)
        self._read_case, self._write_case = CASES[case]

    def read(self, theirs: str) -> str:
        """Our name of an asset that the venue wrote."""
        return self._ours.get(theirs) or self._read_case(theirs)

    def write(self, ours: str) -> str:
        """The venue's name of an asset."""
        return self._theirs.get(ours) or self._write_case(ours)

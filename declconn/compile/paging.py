"""`paging` compiled: which fields ask for the next page, until there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declconn.compile.functions import is_true
from declconn.compile.path import compile_path
from declconn.spec import models

Page = Mapping[str, Any]


class Paging:
    """The fields of one page after the other.

    By what the answer says comes ``next`` (until it is empty, or ``more`` is false), by page numbers up to ``last``,
    or by an offset that grows by ``step`` until a page is empty.
    """

    def __init__(self, model: models.Paging) -> None:
        self._param, self._start, self._step = model.param, model.start, model.step
        self._next = None if model.next is None else compile_path(model.next)
        self._more = None if model.more is None else compile_path(model.more)
        self._last = None if model.last is None else compile_path(model.last)

    @property
    def first(self) -> Page:
        """The fields of the first page."""
        return {} if self._next is not None else {self._param: self._start}

    def following(self, page: Page, document: Any, rows: int) -> Page | None:
        """The fields of the page after this one, or ``None``.

        Args:
            page: this page's fields.
            document: the whole answer.
            rows: how many records it gave.
        """
        if self._more is not None and not is_true(self._more(document)):
            return None
        if self._next is not None:
            cursor = self._next(document)
            return None if cursor in (None, "") or cursor == page.get(self._param) else {self._param: cursor}
        number = int(page[self._param])
        if self._last is not None:
            return {self._param: number + 1} if number < int(self._last(document) or 0) else None
        return {self._param: number + (self._step or 1)} if rows else None

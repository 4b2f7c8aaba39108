"""One request of a spec: how it is written, and how its answer is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from declconn.compile.decode import compile_decode
from declconn.compile.errors import ErrorReader
from declconn.compile.lookup import ABSENT, Sources
from declconn.compile.mapping import Reader
from declconn.compile.order_types import types_of
from declconn.compile.paging import Page, Paging
from declconn.compile.recipe import PLAIN, Draft, Recipe
from declconn.compile.template import as_text, compile_template
from declconn.errors import MappingError, VenueError
from declconn.net.backoff import retry_after
from declconn.net.transport import Request, Response
from declconn.spec import models
from declconn.spec.template import is_choice
from declconn.types import TimeUnit

NO_PAGE: Page = MappingProxyType({})
_NONE: Final[frozenset[str]] = frozenset()


class Endpoint:
    """An operation, or one item of an operation that is a list.

    It holds no state and does no I/O: it writes a ``Request`` from sources and reads a ``Response`` into records.

    Attributes:
        then: the request that follows for each of its records.
    """

    def __init__(
        self,
        operation: str,
        model: models.Endpoint,
        *,
        reader: Reader | None,
        errors: ErrorReader,
        time_unit: TimeUnit,
        recipe: Recipe = PLAIN,
        orders: models.Orders | None = None,
        then: Endpoint | None = None,
    ) -> None:
        self.operation = operation
        self.model = model
        self.then = then
        self.method = model.method or "GET"
        self.auth = model.auth
        self._reader = reader
        self._errors = errors
        self._url = compile_template(_url(model.path), time_unit)
        self._params = compile_template(model.params or {}, time_unit)
        self._headers = compile_template(model.headers or {}, time_unit)
        self._body = None if model.body is None else compile_template(model.body, time_unit)
        self._recipe = recipe.with_encoding(model.encoding)
        self._cost = compile_template(model.cost or {}, time_unit)
        self._decode = compile_decode(["json"])
        self.paging = None if model.paging is None else Paging(model.paging)
        self._types = types_of(operation, model, orders, time_unit)

    def draft(self, sources: Sources, page: Page = NO_PAGE) -> Draft:
        """The request as fields, before its recipe makes it into bytes.

        Args:
            sources: as for ``request``.
            page: the fields of a further page.
        """
        more, without = page, _NONE
        if self._types is not None:
            sources, more, without = self._types.written(sources)
        headers = {name: as_text(value) for name, value in self._headers(sources).items()}
        params, written = self._params(sources), ABSENT if self._body is None else self._body(sources)
        body: Any = None if written is ABSENT else written
        if body is None:
            params = _over(params, more, without)
        elif more or (without and isinstance(body, Mapping)):
            body = _over(body, more, without)
        return Draft(self.method, str(self._url(sources)), params, body, headers)

    def request(self, sources: Sources, page: Page = NO_PAGE) -> Request:
        """The request as it is sent, signed if the endpoint has a recipe.

        Args:
            sources: the operation's arguments and what the templates may name (``env``, ``opt``, ``const``, ...). What
                places or amends an order has its ``type`` besides, a word of ours.
            page: the fields of a further page, from ``paging``.

        Raises:
            ConfigurationError: a source is absent, or a value does not fit.
            CredentialsError: a key does not have the form that the recipe needs.
        """
        return self._recipe.sign(self.draft(sources, page), sources)

    def cost(self, sources: Sources) -> dict[str, int]:
        """What this request draws from which pools."""
        facts = {"auth": self.auth or "none", "req": {"method": self.method}}
        drawn: dict[str, int] = self._cost({**sources, **facts})
        return drawn

    def read(self, response: Response, given: Mapping[str, Any]) -> tuple[list[Any], list[MappingError]]:
        """The records of an answer, and what was wrong with rows that could not be read.

        Args:
            response: the answer.
            given: the request's arguments, which fill fields of the same name that the answer lacks.

        Raises:
            VenueError, MappingError: as ``answer``.
        """
        return self.records(self.answer(response), given)

    def answer(self, response: Response) -> Any:
        """What an answer says.

        Raises:
            VenueError: the answer is an error by the spec's rules.
            MappingError: the answer is not JSON.
        """
        status, body = response.status, response.body
        try:
            # What only has to be done may be done without a word.
            document = self._decode(body) if body or self._reader is not None else None
        except MappingError as error:
            document = None
            if 200 <= status < 300:
                raise MappingError(f"endpoints.{self.operation}", "", error.reason, _beginning(body)) from error
        if self._errors.is_good(status, document):
            return document
        text, wait = _beginning(body), retry_after(response.headers)
        raise self._errors.error(self.operation, status, document, text=text, retry_after=wait)

    def row_error(self, code: str) -> VenueError:
        """The error of one row of an answer, by the code in it."""
        return self._errors.error(self.operation, None, None, code=code, text=code)

    def records(self, document: Any, given: Mapping[str, Any]) -> tuple[list[Any], list[MappingError]]:
        """The records of what an answer says; as ``read``."""
        return ([], []) if self._reader is None else self._reader.salvage(document, given)

    def misplaced(self, document: Any) -> str | None:
        """What is doubtful about an answer without records; ``None`` if it may well have none."""
        return None if self._reader is None else self._reader.misplaced(document)


def _over(fields: Mapping[str, Any], more: Mapping[str, Any], without: Collection[str]) -> dict[str, Any]:
    """Fields with more put over them, and without some of them."""
    own = {name: value for name, value in fields.items() if name not in without} if without else fields
    return {**own, **more}


def _url(path: Any) -> Any:
    """The template of the whole url, also where it is a choice: a path is appended to the environment's."""
    if is_choice(path):
        return {**path, "of": {case: _url(one) for case, one in path["of"].items()}}
    return f"{{env.rest}}{path}" if path.startswith("/") else path


def _beginning(body: bytes) -> str:
    """Enough of an answer for a person to see what it is."""
    return body[:200].decode("utf-8", "replace")

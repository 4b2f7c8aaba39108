"""Signing without sending: the request that a spec would make, with clock and nonces held still.

What a person needs when a venue answers "invalid signature": the exact request, and every value that led to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from declconn.compile.assets import Assets
from declconn.compile.endpoint import Endpoint
from declconn.compile.errors import ErrorReader
from declconn.compile.matcher import compile_when
from declconn.compile.recipe import PLAIN, Draft, Recipe, compile_recipe
from declconn.compile.source_book import FrozenClock
from declconn.connector.requests.by_hand import declared, in_venue_words
from declconn.connector.requests.orders_by_hand import check_terms
from declconn.connector.settings import choose_environment, choose_options
from declconn.credentials import Credentials, credentials_for
from declconn.errors import ConfigurationError
from declconn.net.transport import Request
from declconn.spec import Spec, models
from declconn.spec_files import load_spec, registered
from declconn.suggest import hint
from declconn.types import TimeUnit

RISING: Final = ("s", "ms", "us", "ns")
ZEROS: Final = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "hex16": "0" * 16,
    "hex32": "0" * 32,
    "digits8": "0" * 8,
}


class FixedNonces(Mapping[str, Any]):
    """Nonces that do not move: rising ones are the time, random ones are zeros."""

    def __init__(self, ns: int) -> None:
        self._clock = FrozenClock(ns)

    def __getitem__(self, form: str) -> int | str:
        return ZEROS[form] if form in ZEROS else self._clock[form]

    def __iter__(self) -> Iterator[str]:
        return iter((*RISING, *ZEROS))

    def __len__(self) -> int:
        return len(RISING) + len(ZEROS)


class Signed:
    """A request with its signature, and how that came about.

    Attributes:
        request: as it would be sent; its header values and body hold secrets, its ``repr`` does not.
    """

    def __init__(self, recipe: Recipe, draft: Draft, sources: Mapping[str, Any]) -> None:
        self._recipe, self._draft, self._sources = recipe, draft, sources
        self.request: Request = recipe.sign(draft, sources)

    def explain(self) -> list[tuple[str, str]]:
        """Every named value of the recipe in the order in which it was computed, with secrets starred."""
        return self._recipe.explain(self._draft, self._sources)


class Signer:
    """Signs requests of one spec for one account at one instant; nothing is sent.

    Args:
        name_or_path: a spec's name or file.
        at_ms: the instant, milliseconds since the epoch.
        credentials: by the spec's names; looked up as `connect` does if not given.
        environment: one of the spec's environments, or urls that replace those of its first; by default its first.
        options: values of the spec's options.

    Raises:
        ConfigurationError, CredentialsError: something does not fit the spec.
    """

    def __init__(
        self,
        name_or_path: str | os.PathLike[str],
        *,
        at_ms: int,
        credentials: Mapping[str, Any] | Credentials | None = None,
        environment: str | Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.spec: Spec = load_spec(name_or_path)
        if not isinstance(credentials, Credentials):
            credentials = credentials_for(self.spec, credentials, registered)
        _, self._urls = choose_environment(self.spec, environment, has_credentials=False)
        ns = at_ms * 1_000_000
        self._fixed = {
            "env": self._urls,
            "opt": choose_options(self.spec, options or {}),
            "const": self.spec.constants,
            "cred": credentials.values,
        }
        self._sources = {**self._fixed, "clock": FrozenClock(ns), "nonce": FixedNonces(ns)}

    @property
    def prefix(self) -> str:
        """The path of `env.rest`, to which the spec's own paths are appended; often empty."""
        return urlsplit(str(self._urls["rest"])).path.rstrip("/")

    def request(self, method: str, path: str, fields: Mapping[str, Any], *, recipe: str | None = None) -> Signed:
        """A request that need not be in the spec.

        Args:
            method: ``GET``, ``POST``, ``PUT``, ``DELETE`` or ``PATCH``.
            path: the whole of it, as the venue's documentation prints it: ``/api/v3/order``.
            fields: what is asked for; GET and DELETE put it into the query, others into the body, unless the recipe's
                encoding says otherwise.
            recipe: a name of the spec's `auth.recipes`; may be left out where its signed endpoints all use one.

        Raises:
            ConfigurationError: there is no such recipe, or more than one to choose from.
        """
        signing = self.recipe(recipe)
        url = _rebased(path, str(self._urls["rest"]))
        return Signed(signing, signing.draft(method.upper(), url, dict(fields), self._sources), self._sources)

    def operation(self, operation: str, arguments: Mapping[str, Any]) -> Signed:
        """The request of an operation; of several the first whose `when` holds for the arguments, or else the first.

        Args:
            operation: a name of the spec's `endpoints`.
            arguments: by our names, with symbols as the venue writes them; for orders also ``type``: an order type,
                and ``side``: ``BUY`` or ``SELL``, both in any case.

        Raises:
            NotSupportedError: the spec does not declare the operation, or the venue has no such orders.
            ConfigurationError: an argument does not fit (`MissingValueError`: it is missing).
        """
        requests, written = declared(self.spec, operation), self._written(arguments)
        check_terms(self.spec, operation, written)
        sources = {**self._sources, **written}
        model = next((one for one in requests if _holds(one, sources)), requests[0])
        recipe = PLAIN if model.auth is None else self.recipe(model.auth)
        endpoint = Endpoint(
            operation,
            model,
            reader=None,
            errors=ErrorReader(self.spec.errors),
            time_unit=self.spec.time_unit,
            orders=self.spec.orders,
        )
        return Signed(recipe.with_encoding(model.encoding), endpoint.draft(sources), sources)

    def recipe(self, name: str | None) -> Recipe:
        """A recipe of the spec, compiled for these credentials."""
        recipes = self.spec.auth.recipes
        if name is None:
            used = {model.auth for operation in self.spec.endpoints for model in self.spec.requests(operation)} - {None}
            names = sorted(str(recipe) for recipe in used) or sorted(recipes)
            if len(names) != 1:
                raise ConfigurationError(f"{self.spec.name} has the recipes {', '.join(recipes) or 'none'}; name one")
            (name,) = names
        if name not in recipes:
            meant = hint(name, recipes, f"it has {', '.join(recipes) or 'none'}")
            raise ConfigurationError(f"{self.spec.name} has no recipe {name!r}; {meant}")
        return compile_recipe(name, recipes[name], self.spec.time_unit, fixed=self._fixed)

    def _written(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments in the venue's words."""
        written = in_venue_words(self.spec, arguments)
        assets = Assets(self.spec.assets.case, self.spec.assets.rename)
        for asset in ("base", "quote"):
            if asset in written:
                written[asset] = assets.write(str(written[asset]))
        return written


def _holds(model: models.Endpoint, sources: Mapping[str, Any]) -> bool:
    return not model.when or compile_when(model.when, TimeUnit.MS)(sources)


def _rebased(url: str, base: str) -> str:
    """The path of a url on another scheme and host."""
    host, path = urlsplit(base), urlsplit(url)
    return f"{host.scheme}://{host.netloc}{path.path}" + (f"?{path.query}" if path.query else "")


__all__ = ["FixedNonces", "Signed", "Signer"]

"""From a credential to the key that an algorithm takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from declconn.compile.filters import as_text
from declconn.compile.lookup import Absent, Sources
from declconn.compile.recipe.codes import as_bytes, decoded
from declconn.compile.recipe.compiler import Compiler
from declconn.errors import CredentialsError
from declconn.spec.template import parse_template

K = TypeVar("K")


class KeyReader(Generic[K]):
    """Reads the key of a step and loads it, once for as long as it stays the same.

    Args:
        key: the step or template that the key is made with.
        compiler: compiles it.
        where: the place in the spec of the step that needs it.
        load: makes the key of text or bytes; raises ``ValueError`` that says which form it expects.
    """

    def __init__(self, key: Any, compiler: Compiler, where: str, load: Callable[[Any], K]) -> None:
        self._place, self._load = f"{where}.key", load
        self._read = compiler.step(key, self._place)
        self._name = _name_of(key)
        self._last: tuple[Any, K] | None = None

    def __call__(self, sources: Sources) -> K | Absent:
        """The key, or ``ABSENT`` if what it is made of is absent.

        Raises:
            CredentialsError: it has the wrong form; names the credential and the form, never the value.
        """
        given, last = self._read(sources), self._last
        if last is not None and given == last[0]:
            return last[1]
        if isinstance(given, Absent):
            return given
        try:
            key = self._load(given)
        except ValueError as error:
            raise CredentialsError(f"{self._place}: {self._name} has the wrong form: {error}") from None
        self._last = given, key
        return key


def key_bytes(given: Any, key_enc: str) -> bytes:
    """The bytes of a secret that is text, hex, base64 or base58. Raises ``ValueError``, never with the secret."""
    if key_enc == "text" or isinstance(given, bytes):
        return as_bytes(given)
    try:
        return decoded(key_enc, as_text(given))
    except ValueError:
        raise ValueError(f"expected {key_enc.lower()} (`key_enc: {key_enc}`)") from None


def _name_of(key: Any) -> str:
    """How an error calls it: by the name of the credential that it is made of."""
    if isinstance(key, str):
        sources = [source for hole in parse_template(key).placeholders for source in hole.sources]
        named = [source.partition(".")[2] for source in sources if source.startswith("cred.")]
        if named:
            return f"the credential '{named[0]}'"
        if sources:
            return f"the key '{sources[0]}'"
    return "the key"

"""What happens inside, in numbers that somebody reads when they like.

Nothing is pushed anywhere: who wants numbers asks `exchange.metrics()`, from any thread, and hands them on.
`declconn.prometheus` does so for Prometheus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Kind: TypeAlias = Literal["counter", "gauge"]
"""A counter only grows, from zero when its connector is made; a gauge goes up and down."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One number.

    Attributes:
        name: by Prometheus' rules: a unit in the plural, ``_total`` for counters.
        value: the number; times are seconds.
        labels: which of many it is; never a secret.
        kind: how it moves.
        help: what it counts, for a person.
    """

    name: str
    value: float
    labels: Mapping[str, str]
    kind: Kind
    help: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that is taken again and again; the attributes are those of its samples."""

    name: str
    kind: Kind
    help: str

    def sample(self, value: float, **labels: str) -> Sample:
        """What it is now."""
        return Sample(self.name, float(value), labels, self.kind, self.help)


class Measured(Protocol):
    """Whatever has numbers to tell: every connector."""

    @property
    def name(self) -> str:
        """What tells it apart in messages for people."""
        ...

    def metrics(self) -> Iterator[Sample]:
        """All its numbers, as they are now."""
        ...

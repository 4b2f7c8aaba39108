"""The numbers of connectors for Prometheus (extra ``prometheus``).

from prometheus_client import REGISTRY, start_http_server
from declconn.prometheus import Collector

REGISTRY.register(Collector(exchange))
start_http_server(9100)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from declconn.errors import ConfigurationError
from declconn.metrics import Measured, Sample

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

LABEL: Final = "connector"
"""Tells connectors apart that were given names."""


class Collector:
    """Asks connectors for their numbers whenever Prometheus asks for them; register it once.

    ``Collector(kraken, okx)`` takes connectors of several venues; several of one venue are given names,
    ``Collector(maker=one, hedge=other)``, which become the label `LABEL`.

    Raises:
        ConfigurationError: the extra is not installed, or two connectors could not be told apart.
    """

    def __init__(self, *exchanges: Measured, **named: Measured) -> None:
        self._exchanges: list[tuple[dict[str, str], Measured]] = [
            *(({}, exchange) for exchange in exchanges),
            *(({LABEL: name}, exchange) for name, exchange in named.items()),
        ]
        names = [exchange.name for exchange in exchanges]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigurationError(f"two connectors of {twice}: name them, as in Collector(maker=one, hedge=other)")
        try:
            from prometheus_client.metrics_core import Metric
        except ImportError as error:
            raise ConfigurationError(
                "metrics for Prometheus need 'prometheus-client'; install it with: pip install 'declconn[prometheus]'"
            ) from error
        self._metric = Metric

    def collect(self) -> Iterator[Metric]:
        """All samples by name, in words of ``prometheus_client``, which calls this."""
        families: dict[str, Metric] = {}
        for labels, exchange in self._exchanges:
            for sample in exchange.metrics():
                family = families.setdefault(sample.name, self._family(sample))
                family.add_sample(sample.name, {**labels, **sample.labels}, sample.value)
        yield from families.values()

    def _family(self, sample: Sample) -> Metric:
        """What samples of one name have in common; the library itself puts ``_total`` behind counters."""
        return self._metric(sample.name.removesuffix("_total"), sample.help, sample.kind)

"""Connectors read by Prometheus."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from declconn.errors import ConfigurationError
from declconn.metrics import Metric, Sample
from declconn.prometheus import Collector
from declconn.testing import OfflineConnector

GAPS = Metric("declconn_book_gaps_total", "counter", "Diffs that did not follow.")
LAG = Metric("declconn_book_lag_seconds", "gauge", "How late.")


class Connector:
    """Whatever has numbers."""

    def __init__(self, name: str, gaps: int) -> None:
        self.name, self.gaps = name, gaps

    def metrics(self) -> Iterator[Sample]:
        yield GAPS.sample(self.gaps, venue=self.name, pair="BTC-USD")
        yield LAG.sample(0.25, venue=self.name, pair="BTC-USD")


def exposed(collector: Collector) -> str:
    registry = CollectorRegistry(auto_describe=True)
    registry.register(collector)
    return generate_latest(registry).decode()


def test_samples_of_all_connectors_stand_under_one_heading() -> None:
    text = exposed(Collector(Connector("one", 3), Connector("two", 0)))
    assert text == (
        "# HELP declconn_book_gaps_total Diffs that did not follow.\n"
        "# TYPE declconn_book_gaps_total counter\n"
        'declconn_book_gaps_total{pair="BTC-USD",venue="one"} 3.0\n'
        'declconn_book_gaps_total{pair="BTC-USD",venue="two"} 0.0\n'
        "# HELP declconn_book_lag_seconds How late.\n"
        "# TYPE declconn_book_lag_seconds gauge\n"
        'declconn_book_lag_seconds{pair="BTC-USD",venue="one"} 0.25\n'
        'declconn_book_lag_seconds{pair="BTC-USD",venue="two"} 0.25\n'
    )


def test_the_numbers_are_those_of_the_moment_of_asking() -> None:
    connector = Connector("one", 1)
    collector = Collector(connector)
    before = exposed(collector)
    connector.gaps = 2
    assert (before, exposed(collector)) == (exposed(Collector(Connector("one", 1))), exposed(collector))
    assert 'venue="one"} 2.0' in exposed(collector)


def test_connectors_of_one_venue_are_told_apart_by_names() -> None:
    with pytest.raises(ConfigurationError, match=r"two connectors of one: name them, as in Collector\(maker="):
        Collector(Connector("one", 1), Connector("one", 2))
    text = exposed(Collector(maker=Connector("one", 1), hedge=Connector("one", 2)))
    assert '{connector="maker",pair="BTC-USD",venue="one"} 1.0' in text
    assert '{connector="hedge",pair="BTC-USD",venue="one"} 2.0' in text


def test_a_whole_connector_can_be_read(toy: Any, markets: bytes) -> None:
    venue = OfflineConnector(toy)
    venue.on_response("trading_rules", markets)
    venue.on_response("order_book_snapshot", b'{"seq": 1, "bids": [["99", "1"]], "asks": []}', symbol="btcusd")
    venue.on_frame("market", b'no JSON \\ and a "quote"')
    families = {family.name: family for family in text_string_to_metric_families(exposed(Collector(venue.exchange)))}

    (sample,) = families["declconn_book_frames"].samples
    assert (sample.name, sample.labels) == ("declconn_book_frames_total", {"venue": "toy", "pair": "BTC-USD"})
    assert sample.value == 1
    assert families["declconn_complaints"].samples[0].value == 1


def test_without_the_extra_it_says_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from declconn.errors import ConfigurationError\n"
        "from declconn.prometheus import Collector\n"
        "try: Collector()\n"
        "except ConfigurationError as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "pip install 'declconn[prometheus]'" in run.stdout

"""``python -m bench [--rounds N]``: floors, declconn and peers on recorded frames, as a table of ratios."""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
from collections.abc import Iterator

import msgspec

from bench import frames, orders, rest, signing
from bench.contender import Contender, agree, measure, ratio
from bench.floors import floors
from bench.frames import Market
from bench.ours import Declconn
from declconn.book.sides import NATIVE, PYTHON


def contenders(market: Market) -> Iterator[Contender]:
    """Everyone who takes part, the floor of the ratios first."""
    yield from floors(market)
    for sides in (NATIVE, PYTHON):
        if sides is not None:
            yield Declconn(market, "float", "best", sides)
            yield Declconn(market, "float", "top 20", sides)
            yield Declconn(market, "exact", "best", sides)
            yield Declconn(market, "exact", "best as Decimal", sides)
            yield Declconn(market, "exact", "top 20", sides)
    if importlib.util.find_spec("ccxt") is not None:
        from bench.ccxt_pro import CcxtPro

        yield CcxtPro(market)


def report(market: Market, rounds: int) -> None:
    """Measure one market and print its table."""
    print(f"\n{market.describe()}\n")
    taking_part = list(contenders(market))
    agree(taking_part, market.frames)
    times = measure(taking_part, market.frames, rounds)
    for contender in taking_part:
        contender.close()
    floor = times[taking_part[0].name]
    print(f"| {'contender':32} | us a frame, median | fastest | x typed floats |")
    print(f"|{'-' * 34}|{'-' * 20}|{'-' * 9}|{'-' * 16}|")
    for name, taken in times.items():
        median, fastest = statistics.median(taken), min(taken)
        print(f"| {name:32} | {median:18.2f} | {fastest:7.2f} | {ratio(taken, floor):14.2f} |")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="how often everyone is measured")
    rounds = parser.parse_args().rounds
    print(f"Python {platform.python_version()}, msgspec {msgspec.__version__}, {rounds} rounds, interleaved")
    for market in (frames.binance(), frames.okx()):
        report(market, rounds)
    signing.report(rounds)
    orders.report(rounds)
    rest.report(rounds)


if __name__ == "__main__":
    main()

"""Numbers and rules that are legal, but rarely meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from declconn.spec.checks.finding import Finding, doubt, wrong_key
from declconn.spec.models import ErrorRule, Spec

_WORDS = ("code", "message", "regex", "status", "on")
_HIGH_FEE = Decimal("0.05")


def check_fees(spec: Spec) -> Iterator[Finding]:
    """Fees are fractions, and makers rarely pay more than takers."""
    fees = spec.fees
    for word in ("maker_percent_fee_decimal", "taker_percent_fee_decimal"):
        fee = getattr(fees, word)
        if abs(fee) > _HIGH_FEE:
            yield doubt(("fees", word), f"{fee} is {(fee * 100).normalize():f} %; 0.1 % is written 0.001")
    if fees.maker_percent_fee_decimal > fees.taker_percent_fee_decimal:
        yield doubt(("fees", "maker_percent_fee_decimal"), "the maker's fee is above the taker's; are they swapped?")


def check_error_rules(spec: Spec) -> Iterator[Finding]:
    """Every rule has a word, and no earlier rule takes all that a kind could get."""
    earlier: list[tuple[str, ErrorRule]] = []
    for kind, rules in spec.errors.kinds.items():
        takers = [next((name for name, rule in earlier if _covers(rule, one)), None) for one in rules]
        if rules and all(takers):
            yield doubt(("errors", "kinds", kind), f"no error can be '{kind}': '{takers[0]}' comes first and takes it")
        for index, rule in enumerate(rules):
            if not any(getattr(rule, word) for word in _WORDS):
                loc = ("errors", "kinds", kind, index)
                yield wrong_key(loc, f"a rule needs one of {', '.join(_WORDS)}; this one would take everything")
        earlier += [(kind, rule) for rule in rules]


def _covers(general: ErrorRule, special: ErrorRule) -> bool:
    """Whether everything that ``special`` takes is taken by ``general``."""
    return all(getattr(general, word) is None or _within(word, special, general) for word in _WORDS)


def _within(word: str, special: ErrorRule, general: ErrorRule) -> bool:
    ours, theirs = getattr(special, word), getattr(general, word)
    if ours is None:
        return False
    same: Callable[[str, str], bool] = {"message": _contains, "status": _is_status}.get(word, _equal)
    return all(any(same(str(one), str(other)) for other in theirs) for one in ours)


def _equal(special: str, general: str) -> bool:
    return special == general


def _contains(special: str, general: str) -> bool:
    return general in special


def _is_status(special: str, general: str) -> bool:
    return special == general or (general.endswith("xx") and special[0] == general[0])

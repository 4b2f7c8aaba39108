"""The kinds of orders that a venue takes, and what is said about others."""

from __future__ import annotations

from collections.abc import Collection

from declconn.errors import NotSupportedError
from declconn.spec.order_terms import Terms


def require_offered(terms: Terms, offered: Collection[Terms]) -> None:
    """See that a venue has orders of these terms.

    Raises:
        NotSupportedError: it has not; says which others there are.
    """
    if terms in offered:
        return
    others = [other for other in offered if other.side is terms.side]
    alike = [other for other in others if other.order_type is terms.order_type]
    listed = ", ".join(dict.fromkeys(str(other) if alike else other.order_type.value for other in alike or others))
    raise NotSupportedError(f"{terms} orders are not offered here; there are {listed or 'none'}")

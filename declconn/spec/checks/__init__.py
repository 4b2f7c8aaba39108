"""Everything that can be known before a spec is run: one small function for each rule of the language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from declconn.spec.checks import (
    books,
    cycles,
    hosts,
    lints,
    matching,
    names,
    order_fields,
    order_terms,
    paths,
    recipe_types,
    recipes,
    records,
    requests,
    slots,
    sources,
    trading,
    urls,
)
from declconn.spec.checks.finding import Finding
from declconn.spec.models import Spec

Check = Callable[[Spec], Iterator[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    sources.check_sources,
    names.check_pools,
    names.check_recipes,
    names.check_operations_named,
    names.check_operation_names,
    names.check_required_operations,
    names.check_methods,
    names.check_options,
    names.check_paging,
    recipes.check_let_cycles,
    recipes.check_secrets,
    recipes.check_bound,
    recipes.check_bodies_bound,
    recipes.check_signed_messages,
    recipes.check_credentials_used,
    recipes.check_recipes_used,
    recipes.check_private_requests,
    recipe_types.check_recipe_types,
    cycles.check_session_cycles,
    records.check_fields_known,
    records.check_balance_deltas,
    records.check_results_complete,
    records.check_events_complete,
    requests.check_when,
    requests.check_batch,
    requests.check_then,
    slots.check_slots,
    books.check_rule,
    books.check_snapshot,
    books.check_diffs,
    books.check_sides,
    books.check_checksum,
    books.check_contracts,
    books.check_market_is_told,
    matching.check_holes,
    matching.check_channels,
    matching.check_event_channels,
    matching.check_stream_symbol,
    urls.check_urls,
    urls.check_environment_urls,
    hosts.check_rest,
    hosts.check_request_hosts,
    hosts.check_stream_hosts,
    paths.check_path_lints,
    paths.check_no_jsonpath_in_events,
    lints.check_fees,
    lints.check_error_rules,
    order_fields.check_words,
    order_fields.check_one_amount,
    order_fields.check_removals,
    order_terms.check_makers,
    order_terms.check_variants,
    order_terms.check_trigger_prices,
    order_terms.check_trigger_requests,
    order_terms.check_trigger_words,
    trading.check_both_sides,
    trading.check_client_order_ids,
    trading.check_new_orders,
    trading.check_prices,
    trading.check_cancels,
    trading.check_lost_answers,
    trading.check_states,
)


def check(spec: Spec) -> Iterator[Finding]:
    """All that is wrong or doubtful in a spec whose values have the right form, in no particular order.

    What is doubtful about a part with a mistake inside may be an echo of it, and is told once that is mended.
    """
    findings = [finding for one in CHECKS for finding in one(spec)]
    broken = {
        finding.loc[:steps] for finding in findings if not finding.warning for steps in range(len(finding.loc) + 1)
    }
    yield from (finding for finding in findings if not finding.warning or finding.loc not in broken)

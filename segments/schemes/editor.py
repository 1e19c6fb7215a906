"""What a change of the scheme would do, before it is made: who would move, and how well it would have told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import Store
from lib import sql
from lib.wording import number_text, percent_text
from orders.models import Customer
from segments.grading.grades import PREVIEW_HORIZON, Grades, Past, grade_on_kept, grade_on_orders, score_as_of
from segments.grading.queries import GradedScheme, graded_draft, graded_scheme, newest_grading
from segments.models import Grading, Refresh, SchemeVersion, Segment
from segments.queries import latest_refresh
from segments.schemes.versions import current_scheme
from segments.stats import WORK_MEM, Basis


@dataclass(frozen=True)
class DraftMove:
    """People whom the draft would take from one segment to another; None: from, or to, no segment."""

    before: Segment | None
    after: Segment | None
    customers: int
    examples: Sequence[Customer]


@dataclass(frozen=True)
class DraftSize:
    """A segment's customers now and by the draft; None: the one or the other doesn't use it."""

    segment: Segment
    now: int | None
    then: int | None

    @property
    def change(self) -> int:
        return (self.then or 0) - (self.now or 0)


@dataclass(frozen=True)
class DraftPreview:
    """What would follow if the draft were in force at the latest refresh.

    `graded_now`, `graded_then`: the scheme in force and the draft over the same past, the days of `grading`;
    None before a store's first grading.
    """

    refresh: Refresh
    is_new: bool
    customers: int
    moves: Sequence[DraftMove]
    sizes: Sequence[DraftSize]
    grading: Grading | None
    graded_now: GradedScheme | None
    graded_then: GradedScheme | None

    @property
    def moved(self) -> int:
        return sum(move.customers for move in self.moves)


def preview_draft(*, store: Store, put_in_force: Callable[[], SchemeVersion]) -> DraftPreview | None:
    """Puts a draft in force, looks at what would follow, and takes it back; None before the first refresh.

    Rehearsing the very change that saving makes, in a transaction that is rolled back, leaves nothing to
    differ between the two. Raises whatever `put_in_force` raises.
    """
    with transaction.atomic():
        refresh = latest_refresh(store)
        found = None
        if refresh is not None:
            current = current_scheme(store)
            found = _preview(store, refresh, current, put_in_force())
        transaction.set_rollback(True)
    return found


def _preview(store: Store, refresh: Refresh, current: SchemeVersion, draft: SchemeVersion) -> DraftPreview:
    with sql.planner(work_mem=WORK_MEM, enable_nestloop="off"):
        flows = _flows(store, refresh, draft)
        grading = newest_grading(store, PREVIEW_HORIZON)
        graded_then = _graded(grading, draft) if grading else None
        if grading and grading.scheme_version_id == current.pk:
            graded_now: GradedScheme | None = graded_scheme(grading)
        else:
            graded_now = _graded(grading, current) if grading else None
    segments = Segment.objects.filter(store=store).in_bulk()
    return DraftPreview(
        refresh=refresh,
        is_new=draft.pk != current.pk,
        customers=sum(flow.customers for flow in flows),
        moves=_moves(store, flows, segments),
        sizes=_sizes(flows, segments, current, draft),
        grading=grading,
        graded_now=graded_now,
        graded_then=graded_then,
    )


def _flows(store: Store, refresh: Refresh, draft: SchemeVersion) -> list[Any]:
    """Rows of sql/draft_flows.sql: everybody, as of the latest refresh."""
    if draft.window_months == refresh.scheme_version.window_months:
        sql.execute("segments", "present_statistics", {"store_id": store.pk})
    else:
        basis = Basis(refresh.as_of, draft.window_months, refresh.timezone)
        looked_at = {"store_id": store.pk, "timezone": basis.timezone, "until": basis.until}
        sql.execute(
            "segments", "past_statistics", {**looked_at, "window_from": basis.window_from or "-infinity"}
        )
    score_as_of(draft, refresh.as_of)
    flows = sql.rows("segments", "draft_flows", {"store_id": store.pk})
    sql.execute("segments", "drop_past")
    return flows


def _graded(grading: Grading, scheme: SchemeVersion) -> GradedScheme:
    """A scheme over the past of a grading: from what was kept of it, or the orders for another window."""
    past = Past(grading.store, grading.as_of, grading.until_on, grading.timezone)
    same_window = scheme.window_months == grading.scheme_version.window_months
    grades: Grades = grade_on_kept(past, scheme) if same_window else grade_on_orders(past, scheme)
    segments = Segment.objects.filter(pk__in=set(scheme.cells)).order_by("health", "pk")
    return graded_draft(list(segments), grades.segments, grades.everybody, grades.separation)


def _moves(store: Store, flows: Sequence[Any], segments: Mapping[int, Segment]) -> list[DraftMove]:
    moved = [flow for flow in flows if flow.before_id != flow.after_id]
    ids = [customer_id for flow in moved for customer_id in flow.examples]
    people = Customer.objects.filter(store=store).in_bulk(ids)
    return [
        DraftMove(
            before=segments.get(flow.before_id),
            after=segments.get(flow.after_id),
            customers=flow.customers,
            examples=[people[pk] for pk in flow.examples if pk in people],
        )
        for flow in moved
    ]


def _sizes(
    flows: Sequence[Any], segments: Mapping[int, Segment], current: SchemeVersion, draft: SchemeVersion
) -> list[DraftSize]:
    now = dict.fromkeys(current.segment_ids(), 0)
    then = dict.fromkeys(draft.segment_ids(), 0)
    for flow in flows:
        if flow.before_id is not None:
            now[flow.before_id] = now.get(flow.before_id, 0) + flow.customers
        if flow.after_id is not None:
            then[flow.after_id] += flow.customers
    used = sorted((segments[pk] for pk in now.keys() | then.keys()), key=lambda one: (one.health, one.pk))
    return [DraftSize(segment, now.get(segment.pk), then.get(segment.pk)) for segment in used]


def preview_finding(preview: DraftPreview) -> str:
    """How many would move, and whether the draft would have told better who buys."""
    if not preview.is_new or not preview.moved:
        return "Nobody would move"
    share = percent_text(preview.moved / preview.customers)
    verb = "customer would" if preview.moved == 1 else "customers would"
    moved = f"{number_text(preview.moved)} {verb} move, {share} of all"
    now, then = preview.graded_now, preview.graded_then
    if now is None or then is None or now.separation is None or then.separation is None:
        return moved
    gain = round(then.separation.value, 2) - round(now.separation.value, 2)
    way = "as well" if gain == 0 else "better" if gain > 0 else "worse"
    return f"{moved}; it would have told who buys {way}{'' if gain else ' as now'}"

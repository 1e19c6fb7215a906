"""What Today shows each role: what changed and what to do for those who run the shop, what needs an answer for
support, and what stands still for admins. Figures come from roll-ups; lists are bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Invitation, Role, Store, StoreRole
from jobs.models import Job
from lib.money import format_money
from lib.periods import local_today, start_of_day
from lib.wording import count_text, number_text, times_text
from loyalty_site.key_figures import KeyFigure, key_figures, percent_change
from orders import rollup_queries
from orders.models import Import, Order
from orders.queries import has_orders, overdue_orders
from segments import findings, move_queries, queries
from segments.addresses import arrivals_url, moves_url, segment_url
from segments.history import cause_queries
from segments.models import Refresh, Segment
from segments.move_queries import Stretch, direction
from segments.queries import Freshness, SegmentFlow
from segments.weeks import Week, weeks

TURNS_SHOWN = 5
TASKS_SHOWN = 6
FAILURES_SHOWN = 5
ORDERS_SHOWN = 8
REFUNDS_SINCE = timedelta(days=60)
FAILURES_SINCE = timedelta(days=7)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Turn:
    """How many went from one segment to another since a week ago, and what led most of them; `url` opens them."""

    flow: SegmentFlow
    because: str
    url: str


@dataclass(frozen=True)
class Task:
    """People who came into a segment since a week ago, and what to do about them."""

    segment: Segment
    customers: int
    url: str
    segment_url: str


@dataclass(frozen=True)
class ManagerToday:
    """What changed since last week and what to do today. `since` None: nothing to compare with yet.

    `last_order_on`: the day of the newest order if the week had none, so that its figures say nothing; else None.
    `new_scheme` says that the scheme has changed since, so that moves are counted from then on; else empty.
    """

    finding: str
    last_order_on: date | None
    new_scheme: str
    freshness: Freshness
    figures: Sequence[KeyFigure]
    since: date | None
    turns: Sequence[Turn]
    tasks: Sequence[Task]


@dataclass(frozen=True)
class SupportToday:
    """Orders that are late and still open, and money given back lately."""

    finding: str
    late: Sequence[Order]
    late_count: int
    refunded: Sequence[Order]


@dataclass(frozen=True)
class Step:
    """One step of setting a store up, and the name of the page where it is done."""

    text: str
    done: bool
    page: str


@dataclass(frozen=True)
class AdminToday:
    """The steps of setting the store up, and what failed in the last days."""

    steps: Sequence[Step]
    failed_jobs: Sequence[Job]
    failed_imports: Sequence[Import]

    @property
    def is_set_up(self) -> bool:
        return all(step.done for step in self.steps)


def manager_today(store: Store) -> ManagerToday:
    """A fixed number of queries, all on roll-ups."""
    recent = weeks(store, today=local_today(store.timezone))
    refresh = queries.latest_refresh(store)
    week_ago = move_queries.look_back(refresh, refresh.as_of - WEEK) if refresh else None
    earlier = _by_the_same_scheme(refresh, week_ago) if refresh and week_ago else None
    stretch = move_queries.stretch_since(store, refresh, earlier.as_of) if refresh and earlier else None
    flows = _flows(stretch) if stretch else []
    since = earlier.as_of if earlier else None
    return ManagerToday(
        finding=_manager_finding(recent, flows, store.currency),
        last_order_on=None if recent[-1].orders else rollup_queries.newest_day(store),
        new_scheme=findings.new_scheme_text(refresh, week_ago, counted_from=since) if refresh else "",
        freshness=queries.freshness(store),
        figures=key_figures(store, recent),
        since=since,
        turns=_turns(stretch, flows) if stretch else [],
        tasks=_tasks(store, flows, since) if since else [],
    )


def support_today(store: Store) -> SupportToday:
    """Three queries, each bounded."""
    today = local_today(store.timezone)
    late = overdue_orders(store, today)
    count = late.count()
    since = start_of_day(today - REFUNDS_SINCE, store.timezone)
    refunded = Order.objects.filter(store=store, refunded__gt=0, placed_at__gte=since)
    late_words = count_text(count, "order is", "orders are")
    return SupportToday(
        finding=f"{late_words} late and still on the way." if count else "No order is late today.",
        late=list(late[:ORDERS_SHOWN]),
        late_count=count,
        refunded=list(refunded.select_related("customer").order_by("-placed_at", "-id")[:ORDERS_SHOWN]),
    )


def admin_today(store: Store) -> AdminToday:
    """Six queries."""
    since = start_of_day(local_today(store.timezone) - FAILURES_SINCE, store.timezone)
    failed_imports = Import.objects.filter(store=store, state=Import.State.FAILED, created_at__gte=since)
    failed = Job.objects.filter(store=store, state=Job.State.FAILED, finished_at__gte=since)
    return AdminToday(
        steps=_steps(store),
        failed_jobs=list(failed.order_by("-created_at")[:FAILURES_SHOWN]),
        failed_imports=list(failed_imports.order_by("-created_at")[:FAILURES_SHOWN]),
    )


def _by_the_same_scheme(refresh: Refresh, earlier: Refresh) -> Refresh:
    """The earlier refresh, or, if that was by another scheme, the first by the one in force: moves caused by a change
    of scheme are no news about customers, and nothing to act on today.
    """
    if earlier.scheme_version_id == refresh.scheme_version_id:
        return earlier
    theirs = queries.refreshes(refresh.store).filter(scheme_version=refresh.scheme_version_id)
    return theirs.order_by("as_of", "id").first() or refresh


def _flows(stretch: Stretch) -> list[SegmentFlow]:
    segments = {segment.pk: segment for segment in Segment.objects.filter(store=stretch.store)}
    return move_queries.flows(stretch, segments)


def _turns(stretch: Stretch, flows: Sequence[SegmentFlow]) -> list[Turn]:
    """The largest flows between two segments."""
    between = [flow for flow in flows if flow.before and flow.after][:TURNS_SHOWN]
    because = cause_queries.usual_causes(stretch.refresh_ids, between)
    return [
        Turn(flow, cause, moves_url(stretch.store, stretch.since, flow.before, flow.after))
        for flow, cause in zip(between, because, strict=True)
    ]


def _tasks(store: Store, flows: Sequence[SegmentFlow], since: date) -> list[Task]:
    """Who needs something, the segment most in danger first: those who slipped, then those who are new.

    Regulars need no rescue, and the people of the least healthy segment are past it; neither are work for today.
    """
    came: dict[Segment, int] = {}
    for flow in flows:
        if flow.after and direction(flow) in ("down", "arrived"):
            came[flow.after] = came.get(flow.after, 0) + flow.customers
    last = max(
        (segment.health for flow in flows for segment in (flow.before, flow.after) if segment), default=0
    )
    chosen = [one for one in came if not one.is_regular and one.health < last]
    chosen.sort(key=lambda one: -one.health)
    return [
        Task(one, came[one], arrivals_url(store, since, one), segment_url(store, one))
        for one in chosen[:TASKS_SHOWN]
    ]


def _manager_finding(recent: Sequence[Week], flows: Sequence[SegmentFlow], currency: str) -> str:
    """What the last week brought, against the one before; and the largest move between segments."""
    last, before = recent[-1], recent[-2]
    revenue = f"{format_money(last.revenue, currency)} in the last seven days"
    if times := times_text(before.revenue, last.revenue):
        revenue += f", {times} as much as in the seven before"
    elif change := percent_change(last.revenue, before.revenue):
        revenue += (
            f", {number_text(abs(change))}% {'more' if change > 0 else 'less'} than in the seven before"
        )
    turn = findings.turn_text(flows)
    return f"{revenue}; {turn}." if turn else f"{revenue}."


def _steps(store: Store) -> list[Step]:
    people = StoreRole.objects.filter(store=store).exclude(role=Role.ADMIN)
    invited = people.exists() or Invitation.objects.filter(store=store).exists()
    scored = queries.refreshes(store).filter(customers__gt=0).exists()
    return [
        Step("Import your orders", has_orders(store), "orders:import_list"),
        Step("Have your customers put into segments", scored, "segments:segment_list"),
        Step("Invite the people who work here", invited, "settings:team"),
    ]

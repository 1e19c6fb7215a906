"""The past of a store: reconstructed month by month when its orders arrive, and thinned with age."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from time import perf_counter

from django.db import transaction
from django.db.models import Min
from django.utils.timezone import now

from accounts.models import Store
from jobs.progress import Progress
from lib import sql
from lib.periods import add_months, local_day, local_today, month_start, start_of_next_day
from orders.models import Import, Order
from segments import moves
from segments.chain import chain
from segments.history.decomposition import explain_moves
from segments.models import (
    CauseFlow,
    Move,
    MoveCause,
    MoveFlow,
    Refresh,
    SchemeVersion,
    ScoreCell,
    SegmentSize,
)
from segments.past_scores import read_past, score_past
from segments.schemes.versions import current_scheme
from segments.scoring import lock_scoring, write_figures
from segments.stats import Basis, planned_for_everybody

RECONSTRUCT = "segments.reconstruct"  # the kind of job that does it
MONTHS = 24
DAILY = timedelta(days=90)
WEEKLY = timedelta(days=366)


def past_months(store: Store) -> list[date]:
    """The last days of the months to reconstruct, oldest first: up to MONTHS of them, since the first order,
    before the day of the store's first refresh, and no later than the month of its newest order (the history of a
    shop that closed years ago ends then, without a flat line ever since). Empty before the first refresh.
    """
    first = _first_real(store)
    counted = Order.objects.filter(store=store, counted=True, customer__isnull=False)
    oldest = counted.order_by("placed_at").values_list("placed_at", flat=True).first()
    newest = counted.order_by("-placed_at").values_list("placed_at", flat=True).first()
    if first is None or oldest is None or newest is None:
        return []
    month = month_start(local_day(oldest, store.timezone))
    newest_month = month_start(local_day(newest, store.timezone))
    ends = []
    while month <= newest_month and (end := add_months(month, 1) - timedelta(days=1)) < first.as_of:
        ends.append(end)
        month = add_months(month, 1)
    return ends[-MONTHS:]


def history_is_due(store: Store, *, import_id: int | None = None) -> bool:
    """Whether the past should be (re)constructed: months of it are missing, or the import brought orders into it."""
    months = past_months(store)
    if not months:
        return False
    reconstructed = Refresh.objects.filter(
        store=store, reason=Refresh.Reason.RECONSTRUCTED, finished_at__isnull=False
    )
    first = reconstructed.aggregate(day=Min("as_of"))["day"]
    if first is None or first > months[0]:
        return True
    brought = Import.objects.filter(store=store, pk=import_id).first() if import_id else None
    if brought is None:
        return False
    until = start_of_next_day(months[-1], store.timezone)
    return Order.objects.filter(store=store, source_import=brought, placed_at__lt=until).exists()


def reconstruct_history(
    *, store: Store, asked_at: datetime | None = None, progress: Progress | None = None
) -> list[Refresh]:
    """Scores the store as of the end of each of its past months, by the scheme in force, and has the first
    refresh lead on from there. Returns the reconstructed refreshes, oldest first.

    Reads the orders as they are known now and touches nobody's statistics. A month is one transaction; all
    months appear together, in place of those reconstructed before, when the last is done. Killed and run again
    with the same `asked_at` (default: now), it goes on with the first month that is missing.
    """
    progress, asked_at = progress or Progress(), asked_at or now()
    months, scheme = past_months(store), current_scheme(store)
    if not months:
        return []
    made = _made_since(store, asked_at, months, scheme)
    for place, day in enumerate(months):
        progress.report(done=place, total=len(months), unit="months", note=f"{day:%B %Y}")
        if place >= len(made):
            made.append(_reconstruct(store, scheme, day, made))
    progress.report(done=len(months), total=len(months), note="")
    _join(store, made)
    for refresh in [*made, _first_real(store)]:
        if refresh:
            explain_moves(refresh=refresh)
    return made


@transaction.atomic
def _made_since(store: Store, asked_at: datetime, months: list[date], scheme: SchemeVersion) -> list[Refresh]:
    """What a killed run left of these months; anything else unfinished is removed."""
    lock_scoring(store)
    unfinished = Refresh.objects.filter(
        store=store, reason=Refresh.Reason.RECONSTRUCTED, finished_at=None
    ).order_by("id")
    kept: list[Refresh] = []
    for refresh in unfinished:
        fits = refresh.started_at >= asked_at and refresh.scheme_version_id == scheme.pk
        if fits and len(kept) < len(months) and refresh.as_of == months[len(kept)]:
            kept.append(refresh)
    unfinished.exclude(pk__in=[refresh.pk for refresh in kept]).delete()
    return kept


@transaction.atomic
def _reconstruct(store: Store, scheme: SchemeVersion, day: date, earlier: list[Refresh]) -> Refresh:
    """One month; nobody sees it before `_join`."""
    clock = perf_counter()
    refresh = Refresh(store=store, as_of=day, scheme_version=scheme, reason=Refresh.Reason.RECONSTRUCTED)
    refresh.timezone, refresh.rebuilt = store.timezone, True
    basis = Basis(as_of=day, window_months=scheme.window_months, timezone=store.timezone)
    with planned_for_everybody():
        read_past(store_id=store.pk, basis=basis)
        cuts, customers = score_past(scheme=scheme, as_of=day)
        refresh.customers = refresh.recomputed = customers
        refresh.cut_points = cuts.as_json()
        refresh.save()
        write_figures(refresh, sql.rows("segments", "past_roll_up", {"as_of": day}))
        chained = {"refresh_id": refresh.pk, "earlier_ids": [one.pk for one in earlier]}
        refresh.moved = sql.execute("segments", "past_moves", chained)
    moves.roll_up(refresh)
    refresh.seconds = perf_counter() - clock
    refresh.save(update_fields=["moved", "seconds"])
    sql.execute("segments", "drop_past")
    return refresh


@transaction.atomic
def _join(store: Store, made: list[Refresh]) -> None:
    """Puts the reconstructed months before the store's first refresh, in place of those there were."""
    lock_scoring(store)
    links = chain(store)
    place = next(place for place, one in enumerate(links) if one.reason != Refresh.Reason.RECONSTRUCTED)
    first, stale = links[place], [one.pk for one in links[:place]]
    sql.execute("segments", "first_standing", {"refresh_ids": [one.pk for one in links[: place + 1]]})
    _forget_moves([first.pk])
    first.moved = sql.execute(
        "segments", "join_moves", {"refresh_id": first.pk, "past_ids": [one.pk for one in made]}
    )
    sql.execute("segments", "drop_first_standing")
    moves.roll_up(first)
    first.explained_at = None
    first.save(update_fields=["moved", "explained_at"])
    _forget_moves(stale)
    SegmentSize.objects.filter(refresh__in=stale).delete()
    ScoreCell.objects.filter(refresh__in=stale).delete()
    Refresh.objects.filter(pk__in=stale).delete()
    finished = now()
    Refresh.objects.filter(pk__in=[one.pk for one in made]).update(finished_at=finished)
    for one in made:
        one.finished_at = finished


def _forget_moves(refresh_ids: list[int]) -> None:
    for rows in (CauseFlow.objects, MoveCause.objects, MoveFlow.objects, Move.objects):
        rows.filter(refresh__in=refresh_ids).delete()


def _first_real(store: Store) -> Refresh | None:
    real = Refresh.objects.filter(store=store, finished_at__isnull=False)
    return real.exclude(reason=Refresh.Reason.RECONSTRUCTED).order_by("id").first()


def kept_days(days: Iterable[date], today: date) -> set[date]:
    """The days whose pictures are kept: each of the last 90; the last of every week and of every month of the
    last 366; before that the last of every month. Pure. Thinning every day keeps the same days as thinning once.
    """
    kept: set[date] = set()
    weeks: dict[tuple[int, int], date] = {}
    months: dict[tuple[int, int], date] = {}
    for day in sorted(days):
        if day > today - DAILY:
            kept.add(day)
            continue
        months[day.year, day.month] = day
        if day > today - WEEKLY:
            weeks[day.isocalendar()[:2]] = day
    return kept | set(weeks.values()) | set(months.values())


@transaction.atomic
def thin_history(*, store: Store, today: date | None = None) -> int:
    """Drops the sizes and score cells of refreshes that the rule doesn't keep; returns of how many refreshes.

    Of several refreshes of a day the last is kept. Moves and their causes stay, and so does the refresh that
    names them: any two pictures that are kept compare as exactly as before.
    """
    lock_scoring(store)
    links = [refresh for refresh in chain(store) if refresh.thinned_at is None]
    today = today or local_today(store.timezone)
    last_of_day = {refresh.as_of: refresh.pk for refresh in links}
    days = kept_days(last_of_day, today)
    newest = max(
        (refresh.pk for refresh in links if refresh.reason != Refresh.Reason.RECONSTRUCTED), default=0
    )
    gone = [
        refresh.pk
        for refresh in links
        if refresh.pk != newest and not (refresh.as_of in days and last_of_day[refresh.as_of] == refresh.pk)
    ]
    SegmentSize.objects.filter(refresh__in=gone).delete()
    ScoreCell.objects.filter(refresh__in=gone).delete()
    return Refresh.objects.filter(pk__in=gone).update(thinned_at=now())

"""What follows from what, across apps: scores after an import, a refresh after it and every night, tidying."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.utils.timezone import now

from accounts import people
from accounts.models import Store
from jobs.models import Job
from jobs.schedules import every
from orders import importing
from orders.import_queries import Stage, stage_of, stored_imports
from orders.models import Import
from orders.queries import has_orders
from orders.starting import job_key
from segments.asking import REFRESH, ask_for_refresh
from segments.models import Refresh
from segments.scoring import rescore_changed

# By the store's clock: late enough for the day's last orders, early enough for the morning.
NIGHT_ENDS = time(3)
FAILED_NIGHT_PAUSE = timedelta(hours=1)

CURRENCY_HELD = "The currency can't change any more: the amounts of your orders are in it."
CURRENCY_AWAITED = "The currency can't change while a file is being imported: its amounts are read in it."


def connect() -> None:
    """Puts the site's steps into the registries of the apps. Called once, when the site starts."""
    importing.after_import_steps.append(after_import)
    people.currency_holds.append(orders_hold_currency)


def after_import(import_: Import) -> None:
    """Scores customers with new or changed orders at once, and asks for a refresh, which scores everybody by new
    cut points.
    """
    rescore_changed(store=import_.store)
    ask_for_refresh(
        store=import_.store,
        key=job_key(import_),
        reason=Refresh.Reason.IMPORT,
        by=import_.imported_by,
        import_id=import_.id,
    )


def orders_hold_currency(store: Store) -> str | None:
    """A store's currency can't change once it has orders, or is about to: their amounts are in it."""
    if has_orders(store):
        return CURRENCY_HELD
    under_way = any(stage_of(import_) == Stage.UNDER_WAY for import_ in stored_imports(store))
    return CURRENCY_AWAITED if under_way else None


@every(minutes=10)
def enqueue_nightly_refreshes() -> None:
    """Asks for the night's refresh of every store whose night is over and that hasn't had it yet."""
    for store, day in due_nights(Store.objects.order_by("id"), now()):
        ask_for_refresh(store=store, key=_nightly_key(day), reason=Refresh.Reason.NIGHTLY)


@every(minutes=24 * 60)
def clear_expired_sessions() -> None:
    """Deletes the sessions of people who were signed out by time."""
    call_command("clearsessions")


def due_nights(stores: Iterable[Store], moment: datetime) -> list[tuple[Store, date]]:
    """The stores, with the day by their own clock, that are due a nightly refresh at the moment.

    A day's refresh is asked for once; one that failed is asked for again an hour later, and so on through the day,
    but one that a person cancelled stays cancelled. A store created after three at night gets its first nightly
    refresh the night after: its first import is followed by a refresh anyway.
    """
    over = {store: night_over(store.timezone, moment) for store in stores}
    days = {
        store: day
        for store, day in over.items()
        if day is not None and day != night_over(store.timezone, store.created_at)
    }
    asked = Job.objects.filter(
        kind=REFRESH, key__in={_nightly_key(day) for day in days.values()}, store__in=days
    ).exclude(state=Job.State.FAILED, finished_at__lt=moment - FAILED_NIGHT_PAUSE)
    had = set(asked.values_list("store_id", "key"))
    return [(store, day) for store, day in days.items() if (store.id, _nightly_key(day)) not in had]


def night_over(timezone: str, moment: datetime) -> date | None:
    """The day that has begun by the zone's clock, once that clock is past NIGHT_ENDS; before that, None.

    Where the clock skips NIGHT_ENDS, the night ends with the jump; where it passes it twice, the day is the same both
    times.
    """
    local = moment.astimezone(UTC).astimezone(ZoneInfo(timezone))
    return local.date() if local.time() >= NIGHT_ENDS else None


def _nightly_key(day: date) -> str:
    return f"nightly:{day.isoformat()}"

"""What follows a refresh: the work that brings every other figure of the store up to its day."""

from __future__ import annotations

from jobs.running import enqueue
from segments.grading.grades import PREVIEW_HORIZON, last_whole_day
from segments.grading.queries import GRADING, newest_grading
from segments.history.past import RECONSTRUCT, history_is_due
from segments.models import Refresh
from segments.retention.queries import RETENTION, retention_state
from segments.value.queries import VALUE, latest_fit


def ask_for_what_follows(refresh: Refresh, reason: Refresh.Reason, *, import_id: int | None = None) -> None:
    """Asks for the past, the value, the retention and the grading of the refresh's store.

    After each night and each import (`reason`) for all; after a refresh that people ask for, for what isn't as of its
    day and by its scheme yet. For the past where it is missing, or the import of this id changed it.
    """
    store = refresh.store
    brings_orders = reason in (Refresh.Reason.NIGHTLY, Refresh.Reason.IMPORT)
    if history_is_due(store, import_id=import_id):
        enqueue(store=store, kind=RECONSTRUCT, key="past")
    for kind, is_current in ((VALUE, _is_fitted), (RETENTION, _is_retained), (GRADING, _is_graded)):
        if brings_orders or not is_current(refresh):
            enqueue(store=store, kind=kind, key="newest")


def _is_fitted(refresh: Refresh) -> bool:
    fit = latest_fit(refresh.store)
    return fit is not None and fit.as_of == refresh.as_of


def _is_retained(refresh: Refresh) -> bool:
    state = retention_state(refresh.store)
    return state is not None and state.as_of == refresh.as_of


def _is_graded(refresh: Refresh) -> bool:
    grading = newest_grading(refresh.store, PREVIEW_HORIZON, refresh.scheme_version)
    return grading is not None and grading.until_on == last_whole_day(refresh.as_of, refresh.timezone)

"""A draft of a scheme, before it is saved: what it says is what then happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Store
from jobs.models import Job
from segments.grading.grades import grade_store
from segments.grading.queries import GradedScheme, graded_scheme
from segments.grading.rules import Separation
from segments.models import CustomerStats, Grading, Move, SchemeVersion, Segment, SegmentSize
from segments.queries import latest_refresh
from segments.rules import Axes
from segments.schemes.drafts import Draft, preset_draft, reshaped
from segments.schemes.editor import EXAMPLES, DraftPreview, preview_draft, preview_finding, told_finding
from segments.schemes.palette import palette
from segments.schemes.presets import PRESETS
from segments.schemes.versions import current_scheme, save_draft, set_preset
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, signed_in
from tests.segments.grading.graded_shop import make_regulars

pytestmark = pytest.mark.django_db

TODAY = date(2025, 6, 10)
PATH = "/s/shop/settings/scheme/"


@pytest.fixture
def store() -> Store:
    store = make_store("shop", timezone="Europe/Berlin")
    make_regulars(store, until=TODAY)
    refresh_store(store=store, as_of=TODAY)
    return store


def draft_of(
    preset: str,
    *,
    axes: Axes | None = None,
    bins: int | None = None,
    painted: Mapping[tuple[int, ...], str] | None = None,
    **cutting: Any,
) -> Draft:
    draft = preset_draft(PRESETS[preset], **cutting)
    draft = reshaped(draft, axes or draft.axes, bins or draft.bins)
    return replace(draft, grid={**draft.grid, **(painted or {})})


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.79, 0.83, "it would have told buyers from others better, 0.81 against 0.70"),
        (0.70, 0.92, "it would have told buyers from others about as well, 0.81 against 0.70"),
    ],
)
def test_a_difference_within_chance_is_none(low: float, high: float, words: str) -> None:
    now, then = Separation(0.70, 0.65, 0.75), Separation(0.81, low, high)
    assert told_finding(now, then) == words
    assert told_finding(then, now).startswith(words.partition(",")[0].replace("better", "worse"))


def preview_of(store: Store, draft: Draft) -> DraftPreview:
    refresh = latest_refresh(store)
    assert refresh is not None
    return preview_draft(
        store=store,
        draft=draft,
        version=current_scheme(store),
        refresh=refresh,
        segments=palette(store, draft.preset),
    )


def without_medians(graded: GradedScheme) -> GradedScheme:
    """A draft knows no medians."""
    whole = replace(graded.everybody, median_spend=None)
    return GradedScheme(
        segments=[
            replace(one, people=replace(one.people, median_spend=None), everybody=whole)
            for one in graded.segments
        ],
        everybody=whole,
        separation=graded.separation,
    )


def keys(preview: DraftPreview) -> Counter[tuple[str | None, str | None]]:
    return Counter(
        {(one.before and one.before.key, one.after and one.after.key): one.customers for one in preview.moves}
    )


DRAFTS = [
    draft_of("eleven"),
    draft_of("thirds"),
    draft_of("thirds", thresholds={"frequency": [2, 5]}, window_months=6),
    draft_of("classic", thresholds={"recency": [10, 30, 90, 200]}),
    draft_of("classic", window_months=3),
    draft_of("classic", painted={(5, 1): "loyal", (1, 5): "hibernating"}),
    draft_of("classic", axes="rfm", painted={(r, f, 5): "cant-lose" for r in (1, 2, 5) for f in range(1, 6)}),
    draft_of("eleven", bins=3),
    draft_of("thirds", axes="r_fm", bins=5),
]


@pytest.mark.parametrize("draft", DRAFTS, ids=range(len(DRAFTS)))
def test_preview_is_what_happens_after_saving_and_a_refresh(store: Store, draft: Draft) -> None:
    grade_store(store=store)
    preview = preview_of(store, draft)
    scheme = save_draft(store=store, draft=draft)
    refresh = refresh_store(store=store, as_of=TODAY)
    moves = Move.objects.filter(refresh=refresh)
    assert preview.moved == refresh.moved == moves.count() > 0
    assert keys(preview) == Counter(moves.values_list("before__key", "after__key"))
    then = {one.segment.key: one.then for one in preview.sizes if one.then is not None}
    assert then == dict(SegmentSize.objects.filter(refresh=refresh).values_list("segment__key", "customers"))
    grade_store(store=store)
    graded = without_medians(graded_scheme(Grading.objects.get(scheme_version=scheme, horizon_days=90)))
    assert preview.graded_then is not None
    assert preview.graded_then.separation == graded.separation
    assert preview.graded_then.everybody == graded.everybody
    assert {one.segment.key: one.people for one in preview.graded_then.segments} == {
        one.segment.key: one.people for one in graded.segments
    }


def test_preview_writes_nothing_of_the_store(store: Store) -> None:
    grade_store(store=store)
    before = list(CustomerStats.objects.order_by("pk").values_list())
    names = list(Segment.objects.order_by("pk").values_list())
    preview_of(store, draft_of("eleven", window_months=6))
    assert list(CustomerStats.objects.order_by("pk").values_list()) == before
    assert list(Segment.objects.order_by("pk").values_list()) == names
    assert SchemeVersion.objects.filter(store=store).count() == 1
    assert Grading.objects.count() == 3


def test_another_grid_over_the_same_cut_points_reads_nobody_again(store: Store) -> None:
    grade_store(store=store)
    preview_of(store, draft_of("classic"))
    painted = draft_of("classic", axes="rfm", painted={(1, 1, m): "at-risk" for m in range(1, 6)})
    with CaptureQueriesContext(connection) as seen:
        preview = preview_of(store, painted)
    assert preview.moved > 0
    read = " ".join(query["sql"] for query in seen)
    assert "customerstats" not in read
    assert "asofstats" not in read
    assert "orders_order" not in read


def test_what_was_counted_before_a_refresh_is_not_taken_for_what_is_after_it(store: Store) -> None:
    draft = draft_of("eleven")
    assert preview_of(store, draft).customers == 61
    make_regulars(store, until=TODAY, customers=8)
    refresh_store(store=store, as_of=TODAY)
    assert preview_of(store, draft).customers == 70


def test_scheme_in_force_moves_nobody_and_grades_as_it_did(store: Store) -> None:
    grade_store(store=store)
    preview = preview_of(store, draft_of("classic"))
    assert (preview.is_new, preview.moved) == (False, 0)
    assert preview.graded_now is not None
    assert preview.graded_then is not None
    assert preview.graded_then.separation == preview.graded_now.separation
    assert preview_finding(preview) == "Nobody would move"
    assert all(one.now == one.then for one in preview.sizes)


def test_examples_are_movers_and_the_one_with_the_most_revenue_is_the_first(store: Store) -> None:
    preview = preview_of(store, draft_of("thirds"))
    spent = dict(CustomerStats.objects.filter(store=store).values_list("customer_id", "monetary"))
    set_preset(store=store, preset="thirds")
    refresh = refresh_store(store=store, as_of=TODAY)
    for move in preview.moves:
        after = move.after.key if move.after else None
        movers = Move.objects.filter(refresh=refresh, before=move.before, after__key=after)
        ids = set(movers.values_list("customer_id", flat=True))
        shown = [one.pk for one in move.examples]
        assert set(shown) <= ids
        assert len(shown) == len(set(shown)) <= EXAMPLES
        assert shown[0] == max(ids, key=lambda pk: (spent[pk], pk))


def test_scheme_changed_since_the_last_grading_is_graded_on_the_same_past(store: Store) -> None:
    grade_store(store=store)
    set_preset(store=store, preset="thirds", window_months=4)
    preview = preview_of(store, draft_of("eleven"))
    refresh_store(store=store, as_of=TODAY)
    grade_store(store=store)
    thirds = Grading.objects.get(scheme_version=current_scheme(store), horizon_days=90)
    assert preview.graded_now == without_medians(graded_scheme(thirds))


def test_before_the_first_grading_it_says_less() -> None:
    store = make_store()
    make_regulars(store, until=TODAY, customers=8)
    refresh_store(store=store, as_of=TODAY)
    preview = preview_of(store, draft_of("thirds"))
    assert (preview.grading, preview.graded_now, preview.graded_then) == (None, None, None)
    assert "told" not in preview_finding(preview)


def test_other_stores_people_are_in_no_preview(store: Store) -> None:
    grade_store(store=store)
    alone = preview_of(store, draft_of("eleven"))
    other = make_store()
    make_regulars(other, until=TODAY - timedelta(days=3), customers=9)
    refresh_store(store=other, as_of=TODAY)
    grade_store(store=other)
    again = preview_of(store, draft_of("eleven"))
    assert (again.customers, keys(again)) == (alone.customers, keys(alone))
    assert again.graded_then is not None
    assert alone.graded_then is not None
    assert again.graded_then.separation == alone.graded_then.separation


@pytest.fixture
def client(store: Store) -> Client:
    return signed_in(store, Role.ADMIN)


def test_page_previews_what_is_in_the_form_and_saves_nothing(client: Client, store: Store) -> None:
    grade_store(store=store)
    response = client.post(PATH, {"preset": "eleven", "preview": "1"}, headers={"HX-Request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    assert "would move" in body
    assert "This draft" in body
    assert "Who would move" in body
    assert SchemeVersion.objects.filter(store=store).count() == 1
    assert not Job.objects.filter(store=store).exists()


def test_without_scripts_the_whole_page_has_the_preview_and_keeps_the_form(
    client: Client, store: Store
) -> None:
    body = client.post(PATH, {"preset": "thirds", "recency": "30 60", "preview": "1"}).content.decode()
    assert "<html" in body
    assert "Who would move" in body
    assert 'value="30 60"' in body
    assert SchemeVersion.objects.filter(store=store).count() == 1


def test_what_keeps_a_draft_from_being_previewed_is_said(client: Client, store: Store) -> None:
    given = {"preset": "classic", "recency": "30 20 10 5", "preview": "1"}
    body = client.post(PATH, given, headers={"HX-Request": "true"}).content.decode()
    assert "must rise: each above the one before." in body
    assert "Who would move" not in body

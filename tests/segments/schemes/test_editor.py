"""A draft of a scheme, before it is saved: what it says is what then happens."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import Role, Store
from jobs.models import Job
from segments.grading.grades import grade_store
from segments.grading.queries import graded_scheme
from segments.models import CustomerStats, Grading, Move, SchemeVersion, Segment, SegmentSize
from segments.schemes.editor import DraftPreview, preview_draft, preview_finding
from segments.schemes.versions import SchemeError, current_scheme, set_preset
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, make_user
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


def preview_of(store: Store, **draft: object) -> DraftPreview:
    found = preview_draft(store=store, put_in_force=lambda: set_preset(store=store, **draft))  # type: ignore[arg-type]
    assert found is not None
    return found


def keys(preview: DraftPreview) -> Counter[tuple[str | None, str | None]]:
    return Counter(
        {(one.before and one.before.key, one.after and one.after.key): one.customers for one in preview.moves}
    )


DRAFTS = [
    {"preset": "eleven"},
    {"preset": "thirds"},
    {"preset": "thirds", "thresholds": {"frequency": [2, 5]}, "window_months": 6},
    {"preset": "classic", "thresholds": {"recency": [10, 30, 90, 200]}},
    {"preset": "classic", "window_months": 3},
]


@pytest.mark.parametrize("draft", DRAFTS, ids=str)
def test_preview_is_what_happens_after_saving_and_a_refresh(store: Store, draft: dict[str, object]) -> None:
    grade_store(store=store)
    preview = preview_of(store, **draft)
    scheme = set_preset(store=store, **draft)  # type: ignore[arg-type]
    refresh = refresh_store(store=store, as_of=TODAY)
    moves = Move.objects.filter(refresh=refresh)
    assert preview.moved == refresh.moved == moves.count() > 0
    assert keys(preview) == Counter(moves.values_list("before__key", "after__key"))
    then = {one.segment.key: one.then for one in preview.sizes if one.then is not None}
    assert then == dict(SegmentSize.objects.filter(refresh=refresh).values_list("segment__key", "customers"))
    grade_store(store=store)
    graded = graded_scheme(Grading.objects.get(scheme_version=scheme, horizon_days=90))
    assert preview.graded_then is not None
    assert preview.graded_then.separation == graded.separation
    assert preview.graded_then.everybody == graded.everybody
    assert {one.segment.key: one.people for one in preview.graded_then.segments} == {
        one.segment.key: one.people for one in graded.segments
    }


def test_preview_leaves_nothing_behind(store: Store) -> None:
    grade_store(store=store)
    before = list(CustomerStats.objects.order_by("pk").values_list())
    names = list(Segment.objects.order_by("pk").values_list())
    preview_of(store, preset="eleven", window_months=6)
    assert list(CustomerStats.objects.order_by("pk").values_list()) == before
    assert list(Segment.objects.order_by("pk").values_list()) == names
    assert SchemeVersion.objects.filter(store=store).count() == 1
    assert Grading.objects.count() == 3


def test_scheme_in_force_moves_nobody_and_grades_as_it_did(store: Store) -> None:
    grade_store(store=store)
    preview = preview_of(store, preset="classic")
    assert (preview.is_new, preview.moved) == (False, 0)
    assert preview.graded_now is not None
    assert preview.graded_then is not None
    assert preview.graded_then.separation == preview.graded_now.separation
    assert preview_finding(preview) == "Nobody would move"
    assert all(one.now == one.then for one in preview.sizes)


def test_examples_are_movers_with_the_most_revenue_of_each_third(store: Store) -> None:
    preview = preview_of(store, preset="thirds")
    spent = dict(CustomerStats.objects.filter(store=store).values_list("customer_id", "monetary"))
    set_preset(store=store, preset="thirds")
    refresh = refresh_store(store=store, as_of=TODAY)
    for move in preview.moves:
        after = move.after.key if move.after else None
        movers = Move.objects.filter(refresh=refresh, before=move.before, after__key=after)
        ids = list(movers.values_list("customer_id", flat=True))
        thirds = [[pk for pk in ids if pk % 3 == third] for third in range(3)]
        best = [max(third, key=lambda pk: (spent[pk], pk)) for third in thirds if third]
        assert [one.pk for one in move.examples] == best
        assert best


def test_scheme_changed_since_the_last_grading_is_graded_on_the_same_past(store: Store) -> None:
    grade_store(store=store)
    set_preset(store=store, preset="thirds", window_months=4)
    preview = preview_of(store, preset="eleven")
    refresh_store(store=store, as_of=TODAY)
    grade_store(store=store)
    thirds = Grading.objects.get(scheme_version=current_scheme(store), horizon_days=90)
    assert preview.graded_now == graded_scheme(thirds)


def test_before_the_first_refresh_or_grading_it_says_less() -> None:
    store = make_store()
    assert preview_draft(store=store, put_in_force=lambda: set_preset(store=store, preset="thirds")) is None
    make_regulars(store, until=TODAY, customers=8)
    refresh_store(store=store, as_of=TODAY)
    preview = preview_of(store, preset="thirds")
    assert (preview.grading, preview.graded_now, preview.graded_then) == (None, None, None)
    assert "told" not in preview_finding(preview)


def test_draft_that_can_t_be_raises_and_changes_nothing(store: Store) -> None:
    with pytest.raises(SchemeError, match="must rise"):
        preview_of(store, preset="classic", thresholds={"recency": [4, 3, 2, 1]})
    assert SchemeVersion.objects.filter(store=store).count() == 1


def test_other_stores_people_are_in_no_preview(store: Store) -> None:
    grade_store(store=store)
    alone = preview_of(store, preset="eleven")
    other = make_store()
    make_regulars(other, until=TODAY - timedelta(days=3), customers=9)
    refresh_store(store=other, as_of=TODAY)
    grade_store(store=other)
    again = preview_of(store, preset="eleven")
    assert (again.customers, keys(again)) == (alone.customers, keys(alone))
    assert again.graded_then is not None
    assert alone.graded_then is not None
    assert again.graded_then.separation == alone.graded_then.separation


@pytest.fixture
def client(store: Store) -> Client:
    client = Client()
    client.force_login(make_user(store=store, role=Role.ADMIN))
    return client


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
    assert "must be above the one before it" in body
    assert "Who would move" not in body

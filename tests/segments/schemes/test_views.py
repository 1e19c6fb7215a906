"""The page of the segment scheme: what is in force, choosing another, cut points fixed by hand."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Store
from jobs.models import Job
from segments.models import SchemeVersion, Segment
from segments.schemes.drafts import preset_draft, version_draft
from segments.schemes.grids import Grid, grids_of
from segments.schemes.palette import preset_segments
from segments.schemes.presets import PRESETS
from segments.schemes.versions import current_scheme, set_preset
from segments.scoring import refresh_store
from tests.factories.accounts import make_store, signed_in
from tests.factories.segments import make_buyers
from tests.pages import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(store: Store) -> Client:
    return signed_in(store, Role.ADMIN)


PATH = "/s/shop/settings/scheme/"


def test_page_shows_the_scheme_in_force_and_its_cut_points(client: Client, store: Store) -> None:
    make_buyers(store, [3, 2, 1, 1, 1], last_on=date(2025, 6, 20))
    refresh_store(store=store, as_of=date(2025, 6, 30))
    text = words_of(client.get(PATH))
    assert "Classic, version 1 is in force" in text
    assert "Can't lose" in text
    assert "of 5 customers." in text


def test_saving_another_preset_makes_a_version_and_asks_for_a_refresh(client: Client, store: Store) -> None:
    current_scheme(store)
    response = client.post(PATH, {"preset": "eleven", "window_months": "24", "frequency": "2 3 5, 10"})
    assert response.status_code == 302
    version = SchemeVersion.objects.get(store=store, number=2)
    assert (version.preset, version.window_months) == ("eleven", 24)
    assert version.thresholds == {"frequency": [2, 3, 5, 10]}
    assert version.created_by is not None
    assert Job.objects.get(store=store).kind == "segments.refresh"


def test_monetary_cut_points_are_in_the_stores_currency(client: Client, store: Store) -> None:
    client.post(PATH, {"preset": "classic", "monetary": "10 20.50 30 1000"})
    assert current_scheme(store).thresholds == {"monetary": [1000, 2050, 3000, 100_000]}
    assert 'value="10.00 20.50 30.00 1000.00"' in client.get(PATH).content.decode()


def test_thirds_keep_their_own_recency_unless_it_is_given(client: Client, store: Store) -> None:
    client.post(PATH, {"preset": "thirds"})
    assert current_scheme(store).thresholds == {"recency": [181, 366]}
    client.post(PATH, {"preset": "thirds", "recency": "30 60"})
    assert current_scheme(store).thresholds == {"recency": [30, 60]}


def test_before_the_first_refresh_a_preview_says_what_to_do(client: Client, store: Store) -> None:
    page = client.post(PATH, {"preset": "thirds", "preview": "1"}, headers={"HX-Request": "true"})
    assert "Refresh the segments once, then come back." in words_of(page)
    assert current_scheme(store).preset == "classic"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"preset": "none"}, "Select a valid choice"),
        ({}, "This field is required."),
        ({"preset": "classic", "recency": "30 90"}, "Recency needs 4 cut points for 5 scores, not 2."),
        ({"preset": "thirds", "recency": "1 2 3 4"}, "Recency needs 2 cut points for 3 scores, not 4."),
        (
            {"preset": "classic", "recency": "30 90 90 100"},
            "The cut points of recency must rise: each above the one before.",
        ),
        ({"preset": "classic", "recency": "0 1 2 3"}, "The cut points of recency begin at 1 or above."),
        ({"preset": "classic", "frequency": "1 2 3 four"}, "“four” can't be a cut point."),
        ({"preset": "classic", "frequency": "1.5 2 3 4"}, "“1.5” can't be a cut point."),
        ({"preset": "classic", "monetary": "1 2 3 NaN"}, "“NaN” can't be a cut point."),
        ({"preset": "classic", "monetary": "1 2 3 1e30"}, "“1e30” can't be a cut point."),
        ({"preset": "classic", "monetary": "1 2 3 1e999999"}, "“1e999999” can't be a cut point."),
        ({"preset": "classic", "monetary": "1 2 3 1e14"}, "The cut points of monetary are too large"),
        ({"preset": "classic", "recency": "1 2 3 99999"}, "The cut points of recency are too large"),
        ({"preset": "classic", "window_months": "two"}, "whole number of months"),
        ({"preset": "classic", "window_months": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_can_t_be_is_said_at_the_field_and_changes_nothing(
    client: Client, store: Store, given: dict[str, str], sentence: str
) -> None:
    current_scheme(store)
    response = client.post(PATH, given)
    assert sentence in words_of(response)
    assert SchemeVersion.objects.filter(store=store).count() == 1
    assert not Job.objects.filter(store=store).exists()


def test_what_was_filled_in_is_kept_on_error(client: Client, store: Store) -> None:
    body = client.post(PATH, {"preset": "thirds", "recency": "1 2 3 4"}).content.decode()
    assert 'value="1 2 3 4"' in body
    assert re.search(r'value="thirds"[^>]*checked', body)


def test_choosing_a_preset_shows_its_grid_before_it_is_saved(client: Client, store: Store) -> None:
    response = client.get(PATH, {"preset": "thirds"}, headers={"HX-Request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    assert "Recency 3" in body
    assert SchemeVersion.objects.filter(store=store, preset="thirds").count() == 0


@pytest.mark.parametrize("preset", PRESETS)
def test_grid_of_a_version_is_that_of_its_preset(store: Store, preset: str) -> None:
    version = set_preset(store=store, preset=preset)
    keys = dict(Segment.objects.filter(store=store).values_list("pk", "key"))
    assert version_draft(version, keys) == preset_draft(PRESETS[preset])


def preset_grids(preset: str) -> list[Grid]:
    chosen = PRESETS[preset]
    return grids_of(preset_draft(chosen), preset_segments(Store(), chosen))


def test_grids_have_the_best_scores_at_the_top_right() -> None:
    (classic,) = preset_grids("classic")
    assert classic.rows[0][0] == 5
    assert classic.rows[0][1][-1].name == "Champions"
    assert classic.rows[-1][1][-1].name == "Can't lose"
    (eleven,) = preset_grids("eleven")
    assert [cell.name for cell in eleven.rows[0][1]] == ["New", "Active", "Active", "Champions", "Champions"]
    thirds = preset_grids("thirds")
    assert [grid.title for grid in thirds] == ["Recency 3", "Recency 2", "Recency 1"]
    assert thirds[2].rows[-1][1][0].name == "Inactive"  # R1, M1, F1


def test_managers_may_not_change_the_scheme(store: Store) -> None:
    client = signed_in(store, Role.MANAGER)
    assert client.get(reverse("segments:scheme", args=["shop"])).status_code == 403


def cells_of(body: str) -> dict[str, str]:
    """The grid's fields with what is chosen in them."""
    found = {}
    for name, options in re.findall(r'<select[^>]*name="(cell-[^"]*)"[^>]*>(.*?)</select>', body, re.DOTALL):
        (found[name],) = re.findall(r'value="([^"]*)"[^>]*selected', options)
    return found


def test_painted_cells_are_saved_shown_and_scored_by(client: Client, store: Store) -> None:
    make_buyers(store, [3, 2, 1, 1, 1], last_on=date(2025, 6, 20))
    body = client.get(PATH).content.decode()
    cells = cells_of(body)
    assert len(cells) == 25
    assert cells["cell-classic-rf5-5-5"] == "champions"
    painted = {**cells, "cell-classic-rf5-5-1": "loyal", "cell-classic-rf5-1-5": "hibernating"}
    assert client.post(PATH, {"preset": "classic", **painted}).status_code == 302
    version = current_scheme(store)
    keys = dict(Segment.objects.filter(store=store).values_list("pk", "key"))
    classic = PRESETS["classic"].cube
    expected = {
        (r, f, m): {(5, 1): "loyal", (1, 5): "hibernating"}.get(
            (r, f), classic[((r - 1) * 5 + f - 1) * 5 + m - 1]
        )
        for r in range(1, 6)
        for f in range(1, 6)
        for m in range(1, 6)
    }
    assert [keys[pk] for pk in version.cells] == [expected[at] for at in sorted(expected)]
    assert cells_of(client.get(PATH).content.decode()) == painted


def test_cells_can_be_painted_with_a_segment_of_another_scheme(client: Client, store: Store) -> None:
    set_preset(store=store, preset="eleven")
    set_preset(store=store, preset="classic")
    client.post(PATH, {"preset": "classic", "cell-classic-rf5-5-2": "active"})
    keys = dict(Segment.objects.filter(store=store).values_list("pk", "key"))
    assert [keys[pk] for pk in current_scheme(store).cube()[4][1]] == ["active"] * 5


def test_cells_of_a_grid_that_was_left_are_not_taken_for_the_new_ones(client: Client, store: Store) -> None:
    client.post(PATH, {"preset": "eleven", "cell-classic-rf5-5-5": "hibernating"})
    version = current_scheme(store)
    set_preset(store=store, preset="eleven")
    assert current_scheme(store) == version


def test_cell_of_no_segment_of_the_store_is_refused_and_the_rest_is_kept(
    client: Client, store: Store
) -> None:
    other = make_store()
    Segment.objects.create(store=other, key="theirs", name="Theirs", health=1)
    current_scheme(store)
    response = client.post(
        PATH, {"preset": "classic", "cell-classic-rf5-5-5": "theirs", "window_months": "7"}
    )
    assert "names a segment that this store doesn't have" in words_of(response)
    assert 'value="7"' in response.content.decode()
    assert SchemeVersion.objects.filter(store=store).count() == 1


def test_preview_shows_painted_cells_without_scripts(client: Client, store: Store) -> None:
    make_buyers(store, [3, 2, 1, 1, 1], last_on=date(2025, 6, 20))
    refresh_store(store=store, as_of=date(2025, 6, 30))
    draft = {"preset": "thirds", "cell-thirds-rfm3-3-3-3": "inactive", "preview": "1"}
    cells = cells_of(client.post(PATH, draft).content.decode())
    assert (len(cells), cells["cell-thirds-rfm3-3-3-3"]) == (27, "inactive")
    assert SchemeVersion.objects.filter(store=store).count() == 1


def test_versions_are_listed_and_an_old_one_can_be_restored(client: Client, store: Store) -> None:
    first = current_scheme(store)
    client.post(PATH, {"preset": "thirds", "window_months": "24", "cell-thirds-rfm3-3-3-3": "inactive"})
    text = words_of(client.get(PATH))
    assert "Thirds, version 2" in text
    assert "24 months" in text
    Job.objects.all().delete()
    assert client.post(PATH, {"restore": str(first.number)}).status_code == 302
    newest = current_scheme(store)
    assert (newest.number, newest.cells, newest.window_months) == (3, first.cells, None)
    assert newest.created_by is not None
    assert Job.objects.get(store=store).kind == "segments.refresh"
    client.post(PATH, {"restore": "2"})
    painted = current_scheme(store)
    assert (painted.number, painted.preset, painted.window_months) == (4, "thirds", 24)
    assert painted.cells == SchemeVersion.objects.get(store=store, number=2).cells


@pytest.mark.parametrize("number", ["99", "", "x", "-1", "²", "9" * 5000])
def test_version_that_isn_t_there_can_t_be_restored(client: Client, store: Store, number: str) -> None:
    current_scheme(store)
    other = make_store()
    set_preset(store=other, preset="thirds")
    response = client.post(PATH, {"restore": number}, follow=True)
    assert "There is no such version" in words_of(response)
    assert SchemeVersion.objects.filter(store=store).count() == 1


def test_other_axes_and_scores_can_be_chosen_and_saved(client: Client, store: Store) -> None:
    current_scheme(store)
    shape = {"preset": "classic", "axes": "rfm", "bins": "3"}
    cells = cells_of(client.get(PATH, shape, headers={"HX-Request": "true"}).content.decode())
    assert len(cells) == 27
    assert cells["cell-classic-rfm3-3-3-3"] == "champions"
    response = client.post(
        PATH, {**shape, **cells, "cell-classic-rfm3-1-1-3": "cant-lose", "recency": "30 90"}
    )
    assert response.status_code == 302
    version = current_scheme(store)
    keys = dict(Segment.objects.filter(store=store).values_list("pk", "key"))
    assert (version.axes, version.bins, len(version.cells)) == ("rfm", 3, 27)
    assert keys[version.cells[2]] == "cant-lose"
    assert keys[version.cells[26]] == "champions"
    body = client.get(PATH).content.decode()
    assert cells_of(body)["cell-classic-rfm3-1-1-3"] == "cant-lose"
    assert re.search(r'<option value="rfm"[^>]*selected', body)


def test_axes_of_a_preset_that_was_left_are_not_taken_for_the_new_one(client: Client, store: Store) -> None:
    client.post(PATH, {"preset": "eleven", "shaped": "classic", "axes": "rf", "bins": "5"})
    assert (current_scheme(store).preset, current_scheme(store).axes) == ("eleven", "r_fm")


def test_painted_scheme_can_be_had_as_it_comes(client: Client, store: Store) -> None:
    client.post(PATH, {"preset": "classic", "cell-classic-rf5-5-1": "loyal"})
    assert cells_of(client.get(PATH).content.decode())["cell-classic-rf5-5-1"] == "loyal"
    afresh = client.get(PATH, {"preset": "classic", "afresh": "1"}).content.decode()
    assert cells_of(afresh)["cell-classic-rf5-5-1"] == "new"


def test_what_isn_t_posted_stays_as_it_is_in_force(client: Client, store: Store) -> None:
    client.post(PATH, {"preset": "classic", "cell-classic-rf5-5-1": "loyal"})
    client.post(PATH, {"preset": "classic", "recency": "10 20 30 40"})
    keys = dict(Segment.objects.filter(store=store).values_list("pk", "key"))
    assert keys[current_scheme(store).cube()[4][0][0]] == "loyal"


def test_choosing_is_three_choices_and_the_rest_is_folded(client: Client, store: Store) -> None:
    body = client.get(PATH).content.decode()
    assert body.count('name="preset"') == 3
    assert re.search(r"<details class=\"panel opens\"\s*>", body)
    client.post(PATH, {"preset": "classic", "cell-classic-rf5-5-1": "loyal"})
    assert re.search(r"<details class=\"panel opens\" open>", client.get(PATH).content.decode())


def test_two_people_at_the_scheme_are_told_before_one_undoes_the_other(client: Client, store: Store) -> None:
    seen = current_scheme(store).number
    other = signed_in(store, Role.ADMIN)
    assert f'name="built_on" value="{seen}"' in other.get(PATH).content.decode()
    client.post(PATH, {"preset": "eleven", "built_on": seen})
    late = {"preset": "thirds", "window_months": "12", "built_on": seen}
    told = other.post(PATH, late)
    text = words_of(told)
    assert "Eleven, version 2 was put in force while you worked on this page, so nothing is saved." in text
    assert current_scheme(store).preset == "eleven"
    shown = told.content.decode()
    assert 'name="window_months" value="12"' in shown
    assert 'name="built_on" value="2"' in shown
    assert other.post(PATH, {**late, "built_on": 2}).status_code == 302
    assert current_scheme(store).preset == "thirds"


def test_the_same_scheme_saved_twice_by_two_people_is_saved_once(client: Client, store: Store) -> None:
    seen = current_scheme(store).number
    for person in (client, signed_in(store, Role.ADMIN)):
        assert person.post(PATH, {"preset": "eleven", "built_on": seen}).status_code == 302
    assert current_scheme(store).number == 2

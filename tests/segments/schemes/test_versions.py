from dataclasses import replace

import pytest

from accounts.models import Store
from segments.models import SchemeVersion, Segment
from segments.rules import cell_index
from segments.schemes.drafts import preset_draft
from segments.schemes.presets import PRESETS
from segments.schemes.versions import SchemeError, current_scheme, save_draft, set_preset
from tests.factories.accounts import make_store, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


def test_store_that_never_chose_gets_classic_once(store: Store) -> None:
    scheme = current_scheme(store)
    assert (scheme.preset, scheme.axes, scheme.bins, scheme.number) == ("classic", "rf", 5, 1)
    assert current_scheme(store) == scheme


def test_cells_name_the_store_s_own_segments(store: Store) -> None:
    set_preset(store=make_store(), preset="classic")
    scheme = current_scheme(store)
    champions = Segment.objects.get(store=store, key="champions")
    assert scheme.cells[cell_index(5, 4, 1, 5)] == champions.pk
    assert scheme.cube()[4][3][0] == champions.pk
    assert scheme.segment_ids() == set(Segment.objects.filter(store=store).values_list("pk", flat=True))


def test_change_is_a_new_version_and_the_old_one_stays(store: Store) -> None:
    admin = make_user()
    first = current_scheme(store)
    second = set_preset(store=store, preset="eleven", by=admin)
    assert (second.number, second.created_by) == (2, admin)
    assert current_scheme(store) == second
    assert SchemeVersion.objects.get(pk=first.pk).preset == "classic"


def test_setting_what_is_in_force_changes_nothing(store: Store) -> None:
    first = set_preset(store=store, preset="thirds", thresholds={"frequency": [2, 5]})
    assert set_preset(store=store, preset="thirds", thresholds={"frequency": [2, 5]}) == first
    assert SchemeVersion.objects.filter(store=store).count() == 1


def test_segment_of_the_same_key_keeps_its_row_over_presets(store: Store) -> None:
    set_preset(store=store, preset="thirds")
    row = Segment.objects.get(store=store, key="needs-attention")
    set_preset(store=store, preset="eleven")
    again = Segment.objects.get(store=store, key="needs-attention")
    assert again.pk == row.pk
    assert row.health == again.health == 6  # one colour everywhere
    assert Segment.objects.filter(store=store, key="inactive").exists()


def test_thresholds_stand_over_those_of_the_preset(store: Store) -> None:
    scheme = set_preset(store=store, preset="thirds", thresholds={"monetary": [1000, 5000]})
    assert scheme.thresholds == {"recency": [181, 366], "monetary": [1000, 5000]}


@pytest.mark.parametrize(
    ("thresholds", "sentence"),
    [
        ({"recency": [30, 90]}, "Recency needs 4 cut points for 5 scores, not 2."),
        ({"frequency": [2, 5, 5, 9]}, "The cut points of frequency must rise"),
        ({"recency": [0, 30, 60, 90]}, "The cut points of recency begin at 1"),
        ({"frequency": [0, 1, 2, 3]}, "The cut points of frequency begin at 1"),
        ({"margin": [1, 2, 3, 4]}, "“margin” cannot have cut points"),
    ],
)
def test_thresholds_that_don_t_fit_are_refused_with_a_sentence(
    store: Store, thresholds: dict[str, list[int]], sentence: str
) -> None:
    with pytest.raises(SchemeError, match=sentence):
        set_preset(store=store, preset="classic", thresholds=thresholds)
    assert not SchemeVersion.objects.filter(store=store).exists()
    assert not Segment.objects.filter(store=store).exists()


def test_unknown_preset_is_refused(store: Store) -> None:
    with pytest.raises(SchemeError, match="There is no preset “quarters”"):
        set_preset(store=store, preset="quarters")


def test_window_of_no_month_is_refused(store: Store) -> None:
    with pytest.raises(SchemeError, match="at least one month"):
        set_preset(store=store, preset="classic", window_months=0)


def test_window_longer_than_is_kept_is_refused(store: Store) -> None:
    with pytest.raises(SchemeError, match="240 months at most"):
        set_preset(store=store, preset="classic", window_months=241)


def test_segment_of_another_store_is_refused(store: Store) -> None:
    Segment.objects.create(store=make_store(), key="theirs", name="Theirs", health=1)
    draft = preset_draft(PRESETS["thirds"])
    with pytest.raises(SchemeError, match="this store doesn't have"):
        save_draft(store=store, draft=replace(draft, grid=dict.fromkeys(draft.grid, "theirs")))
    assert not SchemeVersion.objects.filter(store=store).exists()

"""A store's own segments: words, places, new ones, retired ones."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import Role, Store
from segments.models import CustomerStats, Segment, SegmentSize
from segments.schemes.drafts import preset_draft
from segments.schemes.presets import PRESETS
from segments.schemes.segment_words import (
    Words,
    add_segment,
    bring_back_segment,
    free_places,
    reset_words,
    retire_segment,
    reword_segment,
    segments_in_use,
)
from segments.schemes.versions import SchemeError, current_scheme, restore_scheme, save_draft, set_preset
from segments.scoring import refresh_store
from segments.urls import urlpatterns
from tests.factories.accounts import make_store, signed_in
from tests.factories.segments import make_buyers

pytestmark = pytest.mark.django_db

# What stands where a segment's key would: segments/<here>/
PAGES_OF_SEGMENTS = {
    str(each.pattern).split("/")[1]
    for each in urlpatterns
    if re.match(r"segments/[a-z-]+/$", str(each.pattern))
}

TODAY = date(2025, 6, 30)
CLASSIC = preset_draft(PRESETS["classic"])
FANS = Words("Fans", 2, "They come every week.", "Say hello.")


@pytest.fixture
def store() -> Store:
    store = make_store("shop")
    current_scheme(store)
    return store


def named(store: Store, key: str) -> Segment:
    return Segment.objects.get(store=store, key=key)


def test_own_words_outlive_every_preset_and_refresh(store: Store) -> None:
    reword_segment(store=store, key="loyal", words=FANS)
    for preset in ("eleven", "thirds", "classic"):
        set_preset(store=store, preset=preset)
        refresh_store(store=store, as_of=TODAY)
        loyal = named(store, "loyal")
        assert (loyal.name, loyal.meaning, loyal.advice, loyal.is_own) == (
            "Fans",
            "They come every week.",
            "Say hello.",
            True,
        )


def test_words_nobody_changed_are_those_of_the_preset_in_force(store: Store) -> None:
    reword_segment(store=store, key="loyal", words=FANS)
    set_preset(store=store, preset="thirds")
    assert named(store, "champions").meaning == "Bought within half a year, often, and for much."
    set_preset(store=store, preset="classic")
    assert named(store, "champions").meaning.startswith("Bought very recently")


def test_reset_gives_the_words_of_the_preset_in_force(store: Store) -> None:
    set_preset(store=store, preset="thirds")
    reword_segment(store=store, key="loyal", words=Words("Fans", 2))
    loyal = reset_words(store=store, key="loyal")
    assert (loyal.name, loyal.health, loyal.is_own) == ("Loyal", 2, False)
    assert loyal.meaning == "Come back often or spend much, and bought within a year."


def test_a_taken_place_is_exchanged(store: Store) -> None:
    reword_segment(store=store, key="loyal", words=Words("Loyal", 9))
    assert (named(store, "loyal").health, named(store, "cant-lose").health) == (9, 2)
    assert sorted(one.health for one in segments_in_use(store)) == list(range(1, 11))


def test_past_refreshes_show_the_new_name_of_the_same_segment(store: Store) -> None:
    make_buyers(store, [3, 2, 1], last_on=date(2025, 6, 20))
    refresh = refresh_store(store=store, as_of=TODAY)
    before = dict(SegmentSize.objects.filter(refresh=refresh).values_list("segment__key", "customers"))
    reword_segment(store=store, key="new", words=Words("First timers", 4))
    after = dict(SegmentSize.objects.filter(refresh=refresh).values_list("segment__name", "customers"))
    assert after["First timers"] == before["new"]


def test_a_new_segment_can_be_painted_and_scored_by(store: Store) -> None:
    make_buyers(store, [4, 1, 1], last_on=date(2025, 6, 20))
    made = add_segment(store=store, words=Words("Collectors", 11, advice="Show them the archive."))
    save_draft(store=store, draft=replace(CLASSIC, grid=dict.fromkeys(CLASSIC.grid, made.key)))
    refresh_store(store=store, as_of=TODAY)
    keys = CustomerStats.objects.filter(store=store).values_list("segment__key", flat=True)
    assert set(keys) == {"collectors"}


def test_a_segment_with_cells_is_not_retired_and_one_without_is(store: Store) -> None:
    with pytest.raises(SchemeError, match="part of the scheme in force"):
        retire_segment(store=store, key="new")
    draft = replace(CLASSIC, grid={**CLASSIC.grid, (5, 1): "promising"})
    save_draft(store=store, draft=draft)
    assert retire_segment(store=store, key="new").is_retired
    assert not bring_back_segment(store=store, key="new").is_retired


def test_a_version_that_needs_a_retired_segment_brings_it_back(store: Store) -> None:
    save_draft(store=store, draft=replace(CLASSIC, grid={**CLASSIC.grid, (5, 1): "promising"}))
    retire_segment(store=store, key="new")
    restore_scheme(store=store, number=1)
    assert not named(store, "new").is_retired


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (Words("  ", 11), "Give the segment a name"),
        (Words("loyal", 11), "already"),
        (Words("Dormant", 11), "already"),  # of a preset that the store doesn't use
        (Words("Collectors", 2), "place is taken"),
        (Words("Collectors", 13), "place is taken"),
    ],
)
def test_words_that_won_t_do_are_refused(store: Store, words: Words, sentence: str) -> None:
    with pytest.raises(SchemeError, match=sentence):
        add_segment(store=store, words=words)
    assert Segment.objects.filter(store=store).count() == 10


def test_a_name_may_keep_itself_and_be_any_in_another_store(store: Store) -> None:
    other = make_store()
    current_scheme(other)
    add_segment(store=other, words=Words("Collectors", 11))
    assert add_segment(store=store, words=Words("Collectors", 11)).key == "collectors"
    assert reword_segment(store=store, key="collectors", words=Words("collectors", 11)).name == "collectors"


@pytest.mark.parametrize("name", sorted(PAGES_OF_SEGMENTS))
def test_no_segment_takes_the_address_of_a_page(store: Store, name: str) -> None:
    made = add_segment(store=store, words=Words(name.replace("-", " "), 11))
    assert resolve(reverse("segments:segment_page", args=["shop", made.key])).url_name == "segment_page"


def test_keys_keep_out_of_each_others_way_and_of_pages(store: Store) -> None:
    assert add_segment(store=store, words=Words("Why?", 11)).key == "why-2"
    assert add_segment(store=store, words=Words("愛", 12)).key == "segment"
    assert free_places(store) == []


def test_more_segments_than_colours_are_no_scheme(store: Store) -> None:
    shared = [at for at in CLASSIC.grid if list(CLASSIC.grid.values()).count(CLASSIC.grid[at]) > 2][:3]
    for number in range(3):
        Segment.objects.create(store=store, key=f"own-{number}", name=f"Own {number}", health=10 + number)
    painted = {at: f"own-{number}" for number, at in enumerate(shared)}
    with pytest.raises(SchemeError, match="12 at most"):
        save_draft(store=store, draft=replace(CLASSIC, grid={**CLASSIC.grid, **painted}))


@pytest.fixture
def client(store: Store) -> Client:
    return signed_in(store, Role.ADMIN)


PATH = "/s/shop/settings/scheme/segments/"


def test_page_adds_a_segment_which_the_scheme_page_offers(client: Client, store: Store) -> None:
    response = client.post(
        PATH, {"name": "Collectors", "place": "11", "advice": "Show them the archive."}, follow=True
    )
    body = response.content.decode()
    assert "Paint the cells" in body
    assert "no cell: nobody is in it" in body
    assert '<option value="collectors"' in body


def test_page_says_at_the_name_what_is_wrong_and_keeps_the_form(client: Client, store: Store) -> None:
    body = client.post(PATH, {"name": "Loyal", "place": "11", "advice": "Write."}).content.decode()
    assert "There is a segment “Loyal” already" in body
    assert "Write." in body
    body = client.post(f"{PATH}loyal/", {"name": "", "place": "2"}).content.decode()
    assert "Give the segment a name." in body
    assert named(store, "loyal").name == "Loyal"


def test_page_rewords_resets_retires_and_brings_back(client: Client, store: Store) -> None:
    client.post(f"{PATH}loyal/", {"name": "Fans", "place": "2", "advice": "Say hello."})
    assert named(store, "loyal").name == "Fans"
    assert "Fans" in client.get("/s/shop/settings/scheme/").content.decode()
    client.post(f"{PATH}loyal/", {"change": "reset"})
    assert named(store, "loyal").name == "Loyal"
    refused = client.post(f"{PATH}loyal/", {"change": "retire"}, follow=True)
    assert "part of the scheme in force" in refused.content.decode()
    add_segment(store=store, words=Words("Collectors", 11))
    client.post(f"{PATH}collectors/", {"change": "retire"})
    body = client.get("/s/shop/settings/scheme/").content.decode()
    assert '<option value="collectors"' not in body
    assert "retired" in body
    client.post(f"{PATH}collectors/", {"change": "bring-back"})
    assert not named(store, "collectors").is_retired


def test_with_every_place_taken_the_page_says_so(client: Client, store: Store) -> None:
    for place in free_places(store):
        add_segment(store=store, words=Words(f"Own {place}", place))
    assert "There is no place left" in client.get(PATH).content.decode()
    assert client.post(PATH, {"name": "Another", "place": "11"}).status_code == 200
    assert not Segment.objects.filter(store=store, name="Another").exists()

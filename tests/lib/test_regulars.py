"""The template filters and tags, and the components drawn with them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.timezone import now

from jobs.models import Job
from lib.templatetags.regulars import breakable
from segments.models import Segment


def rendered(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class SampleForm(forms.Form):
    email = forms.EmailField(help_text="We write here when an import ends.")
    dates = forms.ChoiceField(
        choices=[("dmy", "Day first"), ("mdy", "Month first")], widget=forms.RadioSelect
    )
    agree = forms.BooleanField(required=False)


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (None, "GBP", "–"),
        (0, "GBP", "£0"),
        (1, "GBP", "under £1"),
        (99, "GBP", "under £1"),
        (100, "GBP", "£1.00"),
        (430, "GBP", "£4.30"),
        (87_000, "GBP", "£870"),
        (1, "JPY", "JP¥1"),
    ],
)
def test_forecast_pretends_to_no_precision_that_it_hasn_t(
    minor: int | None, currency: str, said: str
) -> None:
    assert rendered("{{ minor|rough_money:currency }}", minor=minor, currency=currency) == said


def test_figures_are_said_as_people_read_them() -> None:
    source = '{{ minor|money:"GBP" }} {{ n|number }} {{ share|percent }} {{ n|signed }} {{ none|number }}'
    assert rendered(source, minor=129900, n=1204, share=0.123, none=None) == "£1,299 1,204 12.3% +1,204 –"


def test_dates_carry_their_exact_time() -> None:
    moment = datetime(2019, 3, 4, 9, 5, tzinfo=UTC)
    expected = '<time datetime="2019-03-04T09:05:00+00:00" title="4 Mar 2019, 09:05">4 Mar 2019</time>'
    assert rendered("{{ moment|day }}", moment=moment) == expected
    assert words(rendered("{{ moment|ago }}", moment=now() - timedelta(days=3))) == "3 days ago"
    assert rendered("{{ moment|day }}{{ moment|ago }}", moment=None) == "––"
    assert 'title="4 Mar 2019"' in rendered("{{ moment|day }}", moment=date(2019, 3, 4))


@pytest.mark.parametrize(
    ("value", "good", "text", "css"),
    [
        (9, "up", "9 more than last week", "delta--good"),
        (9, "down", "9 more than last week", "delta--bad"),
        (-4, "up", "4 fewer than last week", "delta--bad"),
        (-4, "down", "4 fewer than last week", "delta--good"),
    ],
)
def test_change_is_an_arrow_a_figure_and_a_word(value: int, good: str, text: str, css: str) -> None:
    html = render_to_string("components/delta.html", {"value": value, "good": good, "text": "than last week"})
    assert words(html) == text
    assert css in html
    assert "<svg" in html


def test_no_change_has_no_arrow_and_no_verdict() -> None:
    html = render_to_string("components/delta.html", {"value": 0, "good": "up", "text": "since last week"})
    assert words(html) == "no change since last week"
    assert "svg" not in html
    assert "delta--" not in html


def test_sort_link_keeps_filters_turns_round_and_starts_at_the_first_page() -> None:
    def header(query: str) -> str:
        request = RequestFactory().get(f"/customers/?{query}")
        return rendered('{% sort_header "revenue" "Revenue" "num" %}', request=request)

    first = header("q=ann&after=17")
    assert 'href="?q=ann&amp;sort=-revenue"' in first
    assert "aria-sort" not in first
    assert 'aria-sort="descending"' in header("sort=-revenue")
    assert 'href="?sort=revenue"' in header("sort=-revenue")
    assert 'aria-sort="ascending"' in header("sort=revenue")
    assert "aria-sort" not in header("sort=-name")


def test_name_column_sorts_upwards_first() -> None:
    request = RequestFactory().get("/customers/")
    html = rendered('{% sort_header "name" "Name" first="up" %}', request=request)
    assert 'href="?sort=name"' in html


@pytest.mark.parametrize(
    ("path", "url", "expected"),
    [("/s/a/orders/7/", "/s/a/orders/", True), ("/s/a/", "/s/a/orders/", False), ("/s/a/", "", False)],
)
def test_path_is_under_an_address(path: str, url: str, expected: bool) -> None:
    assert rendered("{% if path|under:url %}yes{% endif %}", path=path, url=url) == (
        "yes" if expected else ""
    )


def test_field_names_its_help_and_its_errors_to_those_who_listen() -> None:
    form = SampleForm({"email": "ada@"})
    html = render_to_string("components/field.html", {"field": form["email"]})
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described is not None
    named = described[1].split()
    assert len(named) == 2
    assert all(f'id="{name}"' in html for name in named)
    assert 'aria-invalid="true"' in html
    assert "Enter a valid email address." in html


def test_choices_stand_in_a_named_group() -> None:
    html = render_to_string("components/field.html", {"field": SampleForm()["dates"]})
    assert re.search(r"<fieldset.*<legend[^>]*>Dates</legend>", html, re.DOTALL)


def test_check_box_stands_before_its_label() -> None:
    html = render_to_string("components/field.html", {"field": SampleForm()["agree"]})
    assert html.index('type="checkbox"') < html.index("<label")


def job(**fields: Any) -> Job:
    return Job(
        **{"id": 7, "state": "running", "unit": "rows", "started_at": now() - timedelta(seconds=10)} | fields
    )


def progress(job: Job) -> str:
    return render_to_string(
        "components/progress.html", {"job": job, "url": "/s/a/settings/tasks/7/progress/"}
    )


def test_progress_tells_count_rate_and_time_left_and_asks_again() -> None:
    html = progress(job(done=2000, total=10_000))
    assert "2,000 of 10,000 rows" in words(html)
    assert re.search(r"(199|200) a second · about 40 seconds left", words(html))
    assert "You can leave this page" in html
    assert 'hx-get="/s/a/settings/tasks/7/progress/"' in html
    assert '<progress aria-labelledby="job-7-title" max="10000" value="2000">' in html


def test_progress_stops_asking_when_the_job_has_ended() -> None:
    html = progress(job(state="failed", done=3, total=9, error="The file is empty.", finished_at=now()))
    assert "hx-get" not in html
    assert "The file is empty." in html
    assert "You can leave this page" not in html


def test_progress_without_a_total_shows_no_share() -> None:
    html = progress(job(done=30))
    assert '<progress aria-labelledby="job-7-title" ></progress>' in html


def test_segment_keeps_its_colour_by_health() -> None:
    segment = Segment(name="At risk", health=8)
    html = render_to_string("components/segment_chip.html", {"segment": segment})
    assert html.strip() == '<span class="segment segment--8">At risk</span>'
    assert words(render_to_string("components/segment_chip.html", {"segment": None})) == "–"


def test_what_a_shop_writes_is_shown_and_never_run() -> None:
    segment = Segment(name="<script>alert(1)</script>", health=1)
    assert "<script" not in render_to_string("components/segment_chip.html", {"segment": segment})


def test_icon_is_decoration() -> None:
    assert rendered('{% icon "today" "small" %}').startswith(
        '<svg class="icon icon--small" aria-hidden="true"'
    )


def test_address_breaks_before_its_at_and_is_escaped() -> None:
    assert breakable("ada@example.com") == "ada<wbr>@example.com"
    assert breakable("<b>@x") == "&lt;b&gt;<wbr>@x"

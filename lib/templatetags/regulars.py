"""Template filters and tags: figures as people read them, and the small pieces of a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from lib import wording
from lib.money import format_money, to_minor
from lib.progress import Pace, pace
from lib.sparklines import Sparkline
from lib.sparklines import sparkline as line_through

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Minor units as money; a dash for nothing known."""
    return wording.NOTHING if minor is None else format_money(minor, currency)


@register.filter
def rough_money(minor: int | None, currency: str) -> str:
    """Money that is a forecast: £870, decimals below ten, under £1 as such; a dash for nothing known."""
    if minor is None:
        return wording.NOTHING
    if 0 < minor < (one := to_minor(Decimal(1), currency)):
        return f"under {format_money(one, currency, whole_from=1)}"
    return format_money(minor, currency, whole_from=10 if minor else 0)


@register.filter
def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """1,204; a dash for nothing known."""
    return wording.number_text(value, digits)


@register.filter
def percent(share: float | Decimal | None) -> str:
    """A share from 0 to 1 in per cent: 12.3%."""
    return wording.percent_text(share)


@register.filter
def signed(value: float | Decimal | None) -> str:
    """A change with its sign: +12, −3, 0."""
    return wording.signed_text(value)


@register.filter
def ago(moment: date | None) -> str:
    """3 days ago, with the exact time on hover; a dash for nothing known."""
    return _time(moment, wording.ago_text(moment)) if moment else wording.NOTHING


@register.filter
def day(moment: date | None) -> str:
    """12 Nov (12 Nov 2024 in another year), exact on hover; a dash for nothing known."""
    return _time(moment, wording.day_text(moment)) if moment else wording.NOTHING


def _time(moment: date, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), wording.exact_text(moment), text
    )


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that a narrow column breaks before its @, rather than anywhere."""
    name, at, domain = address.partition("@")
    return format_html("{}<wbr>{}{}", name, at, domain)


@register.filter
def duration(seconds: float | None) -> str:
    """About how long, in words: 12 seconds, 3 minutes."""
    return wording.NOTHING if seconds is None else wording.duration_text(seconds)


@register.filter
def size(count: int | None) -> str:
    """A file's size in bytes: 12 MB."""
    return wording.NOTHING if count is None else wording.size_text(count)


@register.filter
def direction(value: float | Decimal | None) -> str:
    """up, down or same: where a change went."""
    return "same" if not value else "up" if value > 0 else "down"


@register.filter
def size_of(value: float | None) -> float | None:
    """The figure without its sign."""
    return None if value is None else abs(value)


@register.filter
def under(path: str, url: str) -> bool:
    """Whether the path is the URL or lies under it; an empty URL (one not routed) has nothing under it."""
    return bool(url) and path.startswith(url)


@register.filter
def is_choice_list(field: BoundField) -> bool:
    """Whether a form field is a list of radio buttons or check boxes, which needs a fieldset."""
    return bool(field.use_fieldset)


@register.filter(name="pace")
def pace_of(job: Any) -> Pace:
    """How fast a job goes (see lib.progress.pace); it has `done`, `total` and `started_at`."""
    until: datetime = job.finished_at or now()
    return pace(done=job.done, total=job.total, started_at=job.started_at, now=until)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of static/icons.svg; `size` may be "small". Decoration: the words stand beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" icon--{size}" if size else "",
        static("icons.svg"),
        name,
    )


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float | None], label: str = "") -> dict[str, Sparkline | str | None]:
    """A trend the size of a word, oldest value first; `label` says it to those who can't see it."""
    return {"line": line_through(values), "label": label}


@register.inclusion_tag("components/share.html")
def share_bar(share: float | Decimal | None) -> dict[str, object]:
    """A share from 0 to 1 in per cent with a small bar beside it."""
    return {"share": share, "width": round(min(max(float(share or 0), 0.0), 1.0) * 64, 1)}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context, key: str, label: str, css: str = "", first: str = "down", title: str = ""
) -> dict[str, object]:
    """A column's header that sorts by `key` (?sort=key, ?sort=-key), keeping the filters and leaving the page.

    `first` is the way a first press sorts: "down" for figures, "up" for names. `title` says what a short label means.
    """
    url, state = _sorting(context, key, first), sort_state(context, key)
    return {"label": label, "css": css, "url": url, "state": state, "title": title}


@register.simple_tag(takes_context=True)
def sort_link(context: template.Context, key: str, label: str, first: str = "down") -> SafeString:
    """The link of such a header alone, for one that holds something else, too; see sort_state."""
    return format_html('<a href="{}">{}</a>', _sorting(context, key, first), label)


@register.simple_tag(takes_context=True)
def sort_state(context: template.Context, key: str) -> str:
    """The header's aria-sort: how the list is sorted by `key` now; empty where it isn't."""
    now_by = context["request"].GET.get("sort", "")
    return {key: "ascending", f"-{key}": "descending"}.get(now_by, "")


def _sorting(context: template.Context, key: str, first: str) -> str:
    query = context["request"].GET.copy()
    now_by = query.get("sort", "")
    for place in ("after", "before", "page"):
        query.pop(place, None)
    opposite = {key: f"-{key}", f"-{key}": key}
    query["sort"] = opposite.get(now_by, f"-{key}" if first == "down" else key)
    return f"?{query.urlencode()}"

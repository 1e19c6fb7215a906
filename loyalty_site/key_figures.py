"""The figures at the top of Today: the last whole week beside the week before, and the trend they belong to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from accounts.models import Store
from lib.money import format_money
from lib.wording import day_text, number_text, percent_text
from orders.addresses import orders_url
from segments.addresses import page_url
from segments.weeks import Week


@dataclass(frozen=True)
class KeyFigure:
    """A figure of the last whole week: its text, its change on the week before (None: not known) with its unit and
    the words for more and for less of it, its trend by week, and the page of what is behind it.
    """

    label: str
    value: str
    url: str
    change: int | None
    unit: str
    words: tuple[str, str]
    trend: Sequence[float | None]

    @property
    def trend_label(self) -> str:
        return f"{self.label}: trend of {len(self.trend)} weeks"


def key_figures(store: Store, recent: Sequence[Week]) -> list[KeyFigure]:
    """`recent`: two weeks at least, the oldest first."""
    before, last = recent[-2:]
    orders = orders_url(store, since=before.ends + timedelta(days=1), until=last.ends)
    return [
        _revenue(recent, store.currency, orders),
        _orders(recent, orders),
        _returning(recent, page_url(store, "retention", {})),
        _regulars(recent, page_url(store, "segment_list", {})),
    ]


def percent_change(now: int, before: int) -> int | None:
    """Rounded; None where there was nothing to compare with."""
    return round((now - before) * 100 / before) if before > 0 else None


def _revenue(recent: Sequence[Week], currency: str, url: str) -> KeyFigure:
    before, last = recent[-2:]
    return KeyFigure(
        label=f"Revenue, week to {day_text(last.ends)}",
        value=format_money(last.revenue, currency),
        url=url,
        change=percent_change(last.revenue, before.revenue),
        unit="%",
        words=("more", "less"),
        trend=[week.revenue for week in recent],
    )


def _orders(recent: Sequence[Week], url: str) -> KeyFigure:
    before, last = recent[-2:]
    return KeyFigure(
        label="Orders",
        value=number_text(last.orders),
        url=url,
        change=last.orders - before.orders,
        unit="",
        words=("more", "fewer"),
        trend=[week.orders for week in recent],
    )


def _returning(recent: Sequence[Week], url: str) -> KeyFigure:
    shares = [week.returning_share for week in recent]
    before, last = shares[-2:]
    return KeyFigure(
        label="Orders of returning customers",
        value=percent_text(last),
        url=url,
        change=None if last is None or before is None else round((last - before) * 100),
        unit="points",
        words=("higher", "lower"),
        trend=shares,
    )


def _regulars(recent: Sequence[Week], url: str) -> KeyFigure:
    """Only weeks scored by the last one's scheme are compared: another scheme defines regulars differently."""
    scheme = recent[-1].scheme_version
    regulars = [week.regulars if week.scheme_version == scheme else None for week in recent]
    before, last = regulars[-2:]
    return KeyFigure(
        label="Regulars",
        value=number_text(recent[-1].regulars),
        url=url,
        change=None if last is None or before is None else last - before,
        unit="",
        words=("more", "fewer"),
        trend=regulars,
    )

"""The lives of the shop's customers: who comes, how often, why they stay away, what they buy.

Everything is drawn from the seed and the shopper's number, in days before the end: the same day gives the
same shop. What the product says about trust is true here: a late parcel costs the shop returning customers,
less so when they were told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from lib.periods import start_of_day
from loyalty_site.demo.baskets import Basket, add_up, fill_basket
from loyalty_site.demo.calendar import moment_near, season
from loyalty_site.demo.delivery import as_known_at, notices, travel
from loyalty_site.demo.people import Character, character, strangers_character
from loyalty_site.demo.sales import Item, Notice, Parcel, Repayment, Sale, Shopper
from loyalty_site.demo.shop import (
    COUNTER_METHODS,
    LATE_REFUND_REASON,
    PAYMENT_METHODS,
    REFUND_REASONS,
    TIMEZONE,
)

SEED = 20
SHOPPERS = 3000
STRANGERS = 320  # paid at the counter and left no name
DAYS = 3 * 365
_PROMISES_AFTER = 210  # days from the start after which the shop named a day of delivery
_THERE_FROM_THE_START = 0.11
_SALE_WEEK = ((11, 22), (11, 29))

# Chance of another order after the 1st, 2nd, 3rd .. when nothing went wrong.
_RETURNS = (0.61, 0.84, 0.92, 0.965)


def sales_until(today: date) -> list[Sale]:
    """Every document of the three years before `today` (the shop's day; nothing of the day itself)."""
    told = [sale for key in range(SHOPPERS) for sale in _life(key, today)]
    told += [sale for key in range(STRANGERS) for sale in _counter_sale(key, today)]
    return sorted(
        told, key=lambda sale: (sale.placed_at, sale.shopper.key if sale.shopper else -1, sale.total)
    )


def _life(key: int, today: date) -> Iterator[Sale]:
    """One shopper's sales: at least one, so that everybody in the list has bought."""
    draw = Random(f"{SEED}:{key}")  # noqa: S311  # a story, not a secret
    who = character(draw, key)
    end = start_of_day(today, TIMEZONE).astimezone(UTC)
    day = _arrival(draw, today)
    shopper, number = who.shopper, 0
    while True:
        number += 1
        counter = who.home_channel == "pos" and draw.random() < 0.8
        placed_at = moment_near(draw, day, before=today, counter=counter)
        if number == who.registers_with:
            shopper = replace(shopper, registered_at=placed_at - timedelta(minutes=4))
        sale, credit = _sale(draw, who, shopper, placed_at, today, first=number == 1, counter=counter)
        yield sale
        if credit and credit.placed_at < end:
            yield credit
        gap = _next_gap(draw, who, sale, number, placed_at)
        if gap is None or day + timedelta(days=gap) >= today:
            return
        day += timedelta(days=gap)


def _arrival(draw: Random, today: date) -> date:
    """A first day: some were there when the story begins, the shop grew, more people come before Christmas."""
    if draw.random() < _THERE_FROM_THE_START:
        return today - timedelta(days=DAYS - draw.randrange(60))
    while True:
        age = draw.random()
        day = today - timedelta(days=1 + int(age * (DAYS - 1)))
        if draw.random() * 2.4 < (1.25 - 0.6 * age) * season(day):
            return day


def _next_gap(draw: Random, who: Character, sale: Sale, number: int, placed_at: datetime) -> int | None:
    """Days to the next order; None: there is none. The lapsed are sometimes won back after months."""
    chance = _RETURNS[min(number, len(_RETURNS)) - 1]
    spoiled = (1 - _disappointment(sale)) * (0.85 if sale.as_guest else 1.04) * who.loyalty
    chance *= spoiled if number == 1 else 1 - (1 - min(spoiled, 1)) * 0.35
    if draw.random() >= chance:
        return draw.randrange(150, 400) if number > 1 and draw.random() < 0.16 else None
    stretch = 1.5 if number == 1 else 1.0
    shape = 5.0
    gap = draw.gammavariate(shape, who.cadence * stretch / shape)
    return max(7, int(gap / season(placed_at.date() + timedelta(days=int(gap / 2)))))


def _disappointment(sale: Sale) -> float:
    """How far a sale lowers the chance of another: 0 not at all."""
    spoiled = 0.0
    if sale.parcel.days_late:
        told = any(notice.kind == "delayed" for notice in sale.notices)
        spoiled += (0.16 if told else 0.34) + 0.015 * min(sale.parcel.days_late, 8)
    if sale.repayments:
        spoiled += 0.15
    if sale.status == "cancelled":
        spoiled += 0.30
    return min(spoiled, 0.8)


def _sale(
    draw: Random,
    who: Character,
    shopper: Shopper,
    placed_at: datetime,
    today: date,
    *,
    first: bool,
    counter: bool,
) -> tuple[Sale, Sale | None]:
    """A sale as it stands at the end, and the credit note that came of it, where one did."""
    end = start_of_day(today, TIMEZONE).astimezone(UTC)
    abroad = shopper.country != "United Kingdom" and not counter
    items = fill_basket(draw, who.taste, who.appetite, placed_at.date())
    percent, code = _offer(draw, shopper, placed_at.date(), first=first)
    basket = add_up(items, percent_off=percent, code=code, counter=counter, abroad=abroad)
    channel = "pos" if counter else who.home_channel if who.home_channel != "pos" else "web"
    method = _method(draw, who, counter=counter)
    status = _status(draw, method, placed_at, end)
    sale = _document(shopper, placed_at, status, channel, method, basket)
    parcel, told = Parcel(), [Notice(placed_at + timedelta(minutes=1), "confirmed", "email")]
    if status == "cancelled":
        told.append(Notice(placed_at + timedelta(hours=draw.randrange(1, 30)), "cancelled", "email"))
    elif status == "paid" and not counter:
        parcel = _parcel(draw, sale, today, abroad=abroad)
        told = notices(draw, placed_at, parcel, texts=bool(shopper.accepts_sms))
    given_back = _repayment(draw, basket, parcel, placed_at, method) if status == "paid" else None
    if given_back:
        told.append(Notice(given_back.at + timedelta(minutes=2), "refunded", "email", given_back.reason))
    sale = replace(
        sale,
        parcel=as_known_at(parcel, end),
        repayments=(given_back,) if given_back and given_back.at < end else (),
        notices=tuple(sorted((n for n in told if n.at < end), key=lambda n: (n.at, n.kind))),
    )
    return sale, _credit_note(draw, sale)


def _method(draw: Random, who: Character, *, counter: bool) -> str:
    """The shopper's usual way to pay, mostly, where it is to be had."""
    methods = COUNTER_METHODS if counter else PAYMENT_METHODS
    return who.method if who.method in methods and draw.random() < 0.85 else _pick(draw, methods)


def _status(draw: Random, method: str, placed_at: datetime, end: datetime) -> str:
    """What became of the order; a bank transfer takes three days."""
    fate = draw.random()
    status = "cancelled" if fate < 0.018 else "voided" if fate < 0.020 else "paid"
    is_under_way = method == "Bank transfer" and placed_at > end - timedelta(days=3)
    return "pending" if status == "paid" and is_under_way else status


def _parcel(draw: Random, sale: Sale, today: date, *, abroad: bool) -> Parcel:
    promises = sale.placed_at.date() >= today - timedelta(days=DAYS - _PROMISES_AFTER)
    small = len(sale.items) == 1 and sale.subtotal < 1200
    return travel(draw, sale.placed_at, abroad=abroad, small=small, promises=promises, end=today)


def _document(
    shopper: Shopper | None, placed_at: datetime, status: str, channel: str, method: str, basket: Basket
) -> Sale:
    return Sale(
        shopper=shopper,
        placed_at=placed_at,
        status=status,
        channel=channel,
        payment_method=method,
        items=basket.items,
        subtotal=basket.subtotal,
        discount=basket.discount,
        discount_code=basket.discount_code,
        shipping=basket.shipping,
        tax=basket.tax,
        total=basket.total,
    )


def _offer(draw: Random, shopper: Shopper, day: date, *, first: bool) -> tuple[int, str]:
    """Percent off, and the code that gave it."""
    if draw.random() < 0.003:
        return 100, "THANKYOU"
    if _SALE_WEEK[0] <= (day.month, day.day) <= _SALE_WEEK[1] and draw.random() < 0.45:
        return 15, "FIRESIDE15"
    if first and shopper.accepts_email and draw.random() < 0.4:
        return 10, "WELCOME10"
    return 0, ""


def _repayment(
    draw: Random, basket: Basket, parcel: Parcel, placed_at: datetime, method: str
) -> Repayment | None:
    """A refund, sooner or later; late parcels and PayPal have more of them."""
    late = parcel.days_late > 1
    chance = 0.027 + 0.10 * late + (0.012 if method == "PayPal" else 0)
    if basket.total <= 0 or draw.random() >= chance:
        return None
    reason = LATE_REFUND_REASON if late and draw.random() < 0.6 else _pick(draw, REFUND_REASONS)
    whole = draw.random() < 0.4
    amount = basket.total if whole else max(100, int(basket.total * draw.uniform(0.15, 0.6)) // 10 * 10)
    at = (parcel.delivered_at or placed_at + timedelta(days=6)) + timedelta(hours=draw.randrange(5, 300))
    return Repayment(min(amount, basket.total), at, reason)


def _credit_note(draw: Random, sale: Sale) -> Sale | None:
    """Goods taken back on a document of their own: one line of the sale, negative."""
    if sale.status != "paid" or sale.repayments or sale.discount or draw.random() >= 0.006:
        return None
    item = sale.items[0]
    back = add_up((Item(item.article, -item.quantity),), counter=True)
    at = sale.placed_at + timedelta(days=draw.randrange(5, 30), minutes=draw.randrange(600))
    return _document(sale.shopper, at, "paid", sale.channel, sale.payment_method, back)


def _counter_sale(key: int, today: date) -> Iterator[Sale]:
    """Somebody who paid at the counter and left neither name nor e-mail."""
    draw = Random(f"{SEED}:stranger:{key}")  # noqa: S311
    who = strangers_character(draw)
    day = _arrival(draw, today)
    placed_at = moment_near(draw, day, before=today, counter=True)
    basket = add_up(fill_basket(draw, who.taste, who.appetite, day), counter=True)
    yield _document(None, placed_at, "paid", "pos", _pick(draw, COUNTER_METHODS), basket)


def _pick(draw: Random, weights: dict[str, int]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]

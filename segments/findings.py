"""What the figures say, each in one sentence for the person who opens the page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from lib.money import format_money
from lib.wording import ago_text, count_text, day_text, number_text, percent_text, times_text
from segments.customers.detail import CustomerDetail
from segments.models import Refresh, ScoreCell, Segment
from segments.move_queries import VERBS, direction
from segments.queries import SegmentFlow, SizedSegment, SizeOnDay
from segments.rules import CutPoints

# A slip that is at most this many days away is said first about a customer.
SOON = 60


def regulars(shares: Sequence[SizedSegment]) -> list[SizedSegment]:
    """The segments whose people are the shop's regulars: the two healthiest."""
    return [share for share in shares if share.segment.is_regular]


def joined(names: Sequence[str]) -> str:
    """A, B and C."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def shares_finding(shares: Sequence[SizedSegment]) -> str:
    """How few regulars bring how much."""
    best = [share for share in regulars(shares) if share.customers]
    customers = sum(share.share_of_customers for share in best)
    if not best or customers == 0:
        return "No customer is among your regulars yet"
    names = joined([share.segment.name for share in best])
    verb = "brings" if len(best) == 1 else "bring"
    revenue = sum(share.share_of_revenue for share in best)
    return f"{names}, {percent_text(customers)} of customers, {verb} {percent_text(revenue)} of revenue"


def largest_finding(shares: Sequence[SizedSegment]) -> str:
    """Which segment most customers are in."""
    largest = max(shares, key=lambda share: share.customers, default=None)
    if largest is None or not largest.customers:
        return "No customer is in a segment yet"
    return f"{largest.segment.name} is the largest segment: {percent_text(largest.share_of_customers)} of customers"


def skipped_scores(cuts: Sequence[int]) -> list[int]:
    """The scores nobody can have, because two cut points fell on the same value."""
    return [score for score, (lower, upper) in enumerate(pairwise(cuts), start=2) if lower == upper]


def skipped_finding(cuts: CutPoints) -> str:
    """Why a column of the grid of recency and frequency is empty; "" where none is."""
    skipped = skipped_scores(cuts.frequency)
    if not skipped:
        return ""
    scores = joined([str(score) for score in skipped])
    return (
        f"Nobody has frequency score {scores}: equal customers get equal scores, and so many ordered equally "
        "often that they fill more than one fifth."
        if len(cuts.frequency) == 4
        else f"Nobody has frequency score {scores}: equal customers get equal scores."
    )


def moves_finding(flows: Sequence[SegmentFlow]) -> str:
    """How many went up and how many down, and the largest way they went."""
    up = sum(flow.customers for flow in flows if direction(flow) == "up")
    down = sum(flow.customers for flow in flows if direction(flow) == "down")
    arrived = sum(flow.customers for flow in flows if direction(flow) == "arrived")
    parts = [f"{number_text(up)} moved up"] if up else []
    parts += [f"{number_text(down)} slipped"] if down else []
    parts += [f"{number_text(arrived)} arrived"] if arrived else []
    if not parts:
        return "Nobody moved from one segment to another"
    return joined(parts)


def trend_finding(segment: Segment, points: Sequence[SizeOnDay]) -> str:
    """How the segment grew or shrank over the refreshes shown."""
    if not points:
        return f"{segment.name} has no refresh yet"
    first, last = points[0], points[-1]
    now = count_text(last.customers, "customer")
    if len(points) == 1 or first.customers == last.customers:
        return f"{segment.name} has {now}"
    since = day_text(first.as_of)
    change = abs(last.customers - first.customers)
    way = "grew" if last.customers > first.customers else "shrank"
    if first.customers == 0:
        return f"{segment.name} grew from nobody to {now} since {since}"
    if times := times_text(first.customers, last.customers):
        return f"{segment.name} grew to {times} its size, {now}, since {since}"
    return f"{segment.name} {way} by {percent_text(change / first.customers)} to {now} since {since}"


def cells_finding(cells: Sequence[ScoreCell]) -> str:
    """Where most customers stand on the grid of recency and frequency."""
    total = sum(cell.customers for cell in cells)
    if not total:
        return "Nobody is scored yet"
    busiest = max(cells, key=lambda cell: cell.customers)
    share = percent_text(busiest.customers / total)
    return f"The fullest cell, R{busiest.r} F{busiest.f}, holds {share} of customers"


def alike_finding(sized: Sequence[SizedSegment], cuts: CutPoints) -> str:
    """Why everybody is in one segment where nothing tells them apart; "" elsewhere."""
    held = [share for share in sized if share.customers]
    if len(held) != 1 or len(set(cuts.recency)) != 1 or len(set(cuts.frequency)) != 1:
        return ""
    name, customers = held[0].segment.name, held[0].customers
    if customers == 1:
        return (
            f"The only customer is in {name}: scores compare customers, and there is nobody to compare with"
        )
    return (
        f"All {number_text(customers)} customers are in {name}: scores compare customers with each other, and these "
        "bought too much alike to be told apart"
    )


def overview_finding(
    sized: Sequence[SizedSegment], flows: Sequence[SegmentFlow], since: date | None, cuts: CutPoints
) -> str:
    """What most people did since the earlier refresh; before there is one, who brings the revenue.

    Of people whom nothing tells apart, just that.
    """
    if alike := alike_finding(sized, cuts):
        return f"{alike}."
    turn = turn_text(flows)
    return f"{turn} since {day_text(since)}." if turn and since else f"{shares_finding(sized)}."


def new_scheme_text(refresh: Refresh, earlier: Refresh | None, *, counted_from: date | None = None) -> str:
    """That another scheme came into force since the earlier refresh; empty where the scheme is the same.

    Its moves are among those of the page, unless these are counted from a later day on.
    """
    if earlier is None or earlier.scheme_version_id == refresh.scheme_version_id:
        return ""
    told = f"{refresh.scheme_version} came into force after {day_text(earlier.as_of)}."
    if counted_from:
        return f"{told} What it moved is no news of customers, so moves are counted from {day_text(counted_from)} on."
    return f"{told} Whoever it puts in another segment counts as moved, whatever they did."


def turn_text(flows: Sequence[SegmentFlow]) -> str:
    """12 customers slipped from Loyal to At risk: what most people did; empty where nobody changed segments."""
    turn = most_telling(flows)
    if turn is None or turn.before is None or turn.after is None:
        return ""
    moved = count_text(turn.customers, "customer")
    return f"{moved} {VERBS[direction(turn)]} from {turn.before.name} to {turn.after.name}"


def turn_finding(flows: Sequence[SegmentFlow]) -> str:
    """The way most people went between two segments."""
    turn = most_telling(flows)
    if turn is None or turn.before is None or turn.after is None:
        return moves_finding(flows)
    return f"Most went from {turn.before.name} to {turn.after.name}: {count_text(turn.customers, 'customer')}"


def most_telling(flows: Sequence[SegmentFlow]) -> SegmentFlow | None:
    """The largest flow between two segments, up or down; arrivals are no news of anybody."""
    between = [flow for flow in flows if flow.before and flow.after]
    return max(between, key=lambda flow: flow.customers, default=None)


def passage_finding(segment: Segment, flows: Sequence[SegmentFlow], since: date | None) -> str:
    """How many came into the segment and left it since a day."""
    came = sum(flow.customers for flow in flows if flow.after == segment)
    left = sum(flow.customers for flow in flows if flow.before == segment)
    if since is None:
        return segment.meaning
    if not came and not left:
        return f"Nobody came and nobody left since {day_text(since)}."
    change = "the same number as before" if came == left else f"{count_text(abs(came - left), 'customer')} "
    change += "" if came == left else "more" if came > left else "fewer"
    return f"{number_text(came)} came and {number_text(left)} left since {day_text(since)}: {change}."


def list_finding(count: int | None, segment: Segment | None) -> str:
    """How many customers there are, or a segment has."""
    if count is None:
        return ""
    if segment is None and not count:
        return "No customer has an order that counts."
    if segment is None:
        return f"{count_text(count, 'customer')} {'has' if count == 1 else 'have'} ordered."
    return f"{count_text(count, 'customer')} in {segment.name}. {segment.meaning}"


def customer_finding(page: CustomerDetail, currency: str) -> str:
    """Where the customer stands, and the next thing that would change it."""
    stats = page.stats
    if stats is None or not stats.lifetime_orders or not stats.last_on:
        return "No order that counts so far."
    spent = format_money(stats.lifetime_net, currency)
    bought = f"{count_text(stats.lifetime_orders, 'order')} for {spent}, the last {ago_text(stats.last_on)}."
    slip = next(iter(page.standing.slips), None) if page.standing else None
    rise = next(iter(page.standing.rises), None) if page.standing else None
    if slip and slip.segment and (slip.days_away <= SOON or not rise):
        return f"{bought} Without another by {day_text(slip.on)} they slip to {slip.segment.name}."
    if rise and rise.segment:
        more = "One more" if rise.orders == 1 else f"{rise.orders} more"
        return f"{bought} {more} would take them to {rise.segment.name}."
    return bought

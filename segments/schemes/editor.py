"""What a change of the scheme would do, before it is made: who would move, and how well it would have told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Store
from lib.wording import count_text, number_text, percent_text
from orders.models import Customer
from segments.grading.grades import PREVIEW_HORIZON
from segments.grading.queries import GradedPeople, GradedScheme, GradedSegment, graded_scheme, newest_grading
from segments.grading.rules import Outcome, Separation, separation
from segments.models import Grading, Refresh, SchemeVersion, Segment
from segments.schemes.drafts import Draft, version_draft
from segments.schemes.score_cubes import Standing, outcomes, standing

EXAMPLES = 3


@dataclass(frozen=True)
class DraftMove:
    """People whom the draft would move from one segment to another; None: from, or to, no segment.

    `examples`: up to EXAMPLES of them who spent much.
    """

    before: Segment | None
    after: Segment | None
    customers: int
    examples: Sequence[Customer]


@dataclass(frozen=True)
class DraftSize:
    """A segment's customers now and by the draft; None where the scheme in force, or the draft, doesn't use it."""

    segment: Segment
    now: int | None
    then: int | None

    @property
    def change(self) -> int:
        return (self.then or 0) - (self.now or 0)


@dataclass(frozen=True)
class DraftPreview:
    """What would follow if the draft were in force at the latest refresh.

    `graded_now`, `graded_then`: the scheme in force and the draft over the same past, the days of `grading`; None
    before a store's first grading. Neither has medians.
    """

    refresh: Refresh
    is_new: bool
    customers: int
    moves: Sequence[DraftMove]
    sizes: Sequence[DraftSize]
    grading: Grading | None
    graded_now: GradedScheme | None
    graded_then: GradedScheme | None

    @property
    def moved(self) -> int:
        return sum(move.customers for move in self.moves)


def preview_draft(
    *, store: Store, draft: Draft, version: SchemeVersion, refresh: Refresh, segments: Mapping[str, Segment]
) -> DraftPreview:
    """What would follow from a draft that could be saved. Writes nothing.

    `version`: the scheme in force; `refresh`: the latest; `segments`: the palette of the draft's preset.
    """
    by_id = {one.pk: key for key, one in segments.items() if one.pk}
    current = version_draft(version, by_id)
    rows = standing(refresh, draft)
    grading = newest_grading(store, PREVIEW_HORIZON)
    graded_now = graded_then = None
    if grading:
        as_graded = grading.scheme_version_id == version.pk
        graded_now = graded_scheme(grading) if as_graded else _graded(grading, current, segments)
        graded_then = _graded(grading, draft, segments)
    return DraftPreview(
        refresh=refresh,
        is_new=draft != current,
        customers=sum(row.customers for row in rows),
        moves=_moves(store, rows, draft, segments, by_id),
        sizes=_sizes(rows, draft, current, segments, by_id),
        grading=grading,
        graded_now=graded_now,
        graded_then=graded_then,
    )


def _moves(
    store: Store,
    rows: Sequence[Standing],
    draft: Draft,
    segments: Mapping[str, Segment],
    by_id: Mapping[int, str],
) -> list[DraftMove]:
    """The largest first."""
    moved: Counter[tuple[str | None, str | None]] = Counter()
    best: dict[tuple[str | None, str | None], list[list[int]]] = defaultdict(list)
    for row in rows:
        ends = by_id.get(row.segment_id or 0), draft.segment_of(row.r, row.f, row.m)
        if ends[0] != ends[1]:
            moved[ends] += row.customers
            best[ends].append(row.best)
    chosen = {ends: [pk for _, pk in sorted(found, reverse=True)[:EXAMPLES]] for ends, found in best.items()}
    people = Customer.objects.filter(store=store).in_bulk([pk for found in chosen.values() for pk in found])
    return [
        DraftMove(
            before=segments[ends[0]] if ends[0] else None,
            after=segments[ends[1]] if ends[1] else None,
            customers=customers,
            examples=[people[pk] for pk in chosen[ends] if pk in people],
        )
        for ends, customers in moved.most_common()
    ]


def _sizes(
    rows: Sequence[Standing],
    draft: Draft,
    current: Draft,
    segments: Mapping[str, Segment],
    by_id: Mapping[int, str],
) -> list[DraftSize]:
    now: Counter[str] = Counter(dict.fromkeys(current.keys, 0))
    then: Counter[str] = Counter(dict.fromkeys(draft.keys, 0))
    for row in rows:
        before, after = by_id.get(row.segment_id or 0), draft.segment_of(row.r, row.f, row.m)
        now.update({before: row.customers} if before else {})
        then.update({after: row.customers} if after else {})
    return [
        DraftSize(one, now.get(key), then.get(key))
        for key, one in segments.items()
        if key in now or key in then
    ]


def _graded(grading: Grading, draft: Draft, segments: Mapping[str, Segment]) -> GradedScheme:
    """A draft over the past of a grading."""
    people: dict[str, list[int]] = {key: [0, 0, 0] for key in set(draft.grid.values())}
    for row in outcomes(grading, draft):
        key = draft.segment_of(row.r, row.f, row.m)
        if key is not None:
            people[key] = [kept + more for kept, more in zip(people[key], row[3:], strict=True)]
    everybody = GradedPeople(*map(sum, zip(*people.values(), strict=True)))
    return GradedScheme(
        segments=[
            GradedSegment(one, GradedPeople(*people[key]), everybody)
            for key, one in segments.items()
            if key in people
        ],
        everybody=everybody,
        separation=separation(
            Outcome(segments[key].health, buyers, customers - buyers)
            for key, (customers, buyers, _) in people.items()
        ),
    )


def preview_finding(preview: DraftPreview) -> str:
    """How many would move, and whether the draft would have told better who buys."""
    if not preview.is_new or not preview.moved:
        return "Nobody would move"
    share = percent_text(preview.moved / preview.customers)
    moved = f"{count_text(preview.moved, 'customer')} would move, {share} of all"
    now, then = preview.graded_now, preview.graded_then
    if now is None or then is None or now.separation is None or then.separation is None:
        return moved
    return f"{moved}; {told_finding(now.separation, then.separation)}"


def told_finding(now: Separation, then: Separation) -> str:
    """Whether the draft would have told buyers from others better; said only if the intervals don't overlap."""
    way = "better" if then.low > now.high else "worse" if then.high < now.low else "about as well"
    figures = f"{number_text(then.value, 2)} against {number_text(now.value, 2)}"
    return f"it would have told buyers from others {way}, {figures}"

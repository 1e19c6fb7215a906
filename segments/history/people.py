"""What the pages of people who moved say above their list."""

from __future__ import annotations

from django.http import QueryDict

from accounts.models import Store
from lib.keyset import PARAMETER, page_of
from lib.wording import day_text
from segments import move_queries
from segments.addresses import export_query, page_url
from segments.history.pages import ComparedPeople, PartPeople
from segments.people import BY_VALUE, PeopleList


def compared_list(store: Store, listed: ComparedPeople, query: QueryDict) -> PeopleList:
    """Who went from one segment to another between two pictures. `query`: the address's."""
    span = listed.chosen.span
    before = listed.ends.before.name if listed.ends.before else None
    after = listed.ends.after.name if listed.ends.after else None
    was = "elsewhere" if listed.ends.from_anywhere else f"in {before}" if before else "in no segment"
    return PeopleList(
        title=listed.ends.title,
        finding=(
            f"Who was {was} on {day_text(span.earlier.as_of)} and {f'in {after}' if after else 'in none'} on "
            f"{day_text(span.later.as_of)}, the best customers first."
        ),
        people=page_of(listed.people, BY_VALUE, query.get(PARAMETER, "")),
        back=page_url(store, "compare", listed.chosen.query),
        back_label="All moves",
        export_query=export_query("compare", query),
        nobody="Nobody was in the one segment then and is in the other now.",
    )


def part_list(store: Store, listed: PartPeople, query: QueryDict) -> PeopleList:
    """The people whom a cause brought into a segment or took from it. `query`: the address's."""
    span = listed.chosen.span
    verb = "came" if listed.way == "in" else "left"
    return PeopleList(
        title=f"{listed.segment.name}: {verb} {listed.group.phrase}",
        finding=(
            f"{listed.group.explanation} From {day_text(span.earlier.as_of)} to {day_text(span.later.as_of)}, "
            "the best customers first."
        ),
        people=page_of(listed.moves, move_queries.BY_VALUE, query.get(PARAMETER, "")),
        back=page_url(store, "why", {**listed.chosen.query, "segment": listed.segment.key}),
        back_label="All causes",
        export_query=export_query("why", query),
        nobody="This cause moved nobody this way between the two days.",
        dated=True,
        end="before" if listed.way == "in" else "after",
    )

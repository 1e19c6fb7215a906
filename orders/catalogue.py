"""Products: the rows that lines refer to, made when first sold and titled as newer orders title them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import compress, repeat
from operator import attrgetter, itemgetter
from typing import Any

from accounts.models import Store
from lib import sql
from orders.copying import copy_rows
from orders.documents import Article, OrderDocument

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ARTICLE, _UNIT_PRICE = itemgetter(0), itemgetter(2)  # of a line
_TYPES = ["int8", "int8", "varchar", "varchar", "varchar", "timestamptz"]


def product_ids(store: Store, documents: Iterable[OrderDocument]) -> dict[str, int]:
    """Ids of every product the documents' lines name, by id at the shop; missing ones are made.

    A product's title and category are those of the newest order that sells it at a price: lines without a price
    (stock corrections, gifts) name it only where nothing better is known. Blank ones teach nothing. A title that
    stays the same isn't dated anew: that would touch every product at every import.
    """
    said = _newest(documents)
    if not said:
        return {}
    rows = sql.rows("orders", "known_products", {"store_id": store.id, "external_ids": list(said)})
    ids: dict[str, int] = {row.external_id: row.id for row in rows}
    _retitle(rows, said)
    new = [key for key in said if key not in ids]
    if new:
        made = [row.id for row in sql.rows("orders", "new_product_ids", {"count": len(new)})]
        ids.update(zip(new, made, strict=True))
        copy_rows("copy_products", _TYPES, [(ids[key], store.id, *_named(said[key])) for key in new])
    return ids


Said = tuple[datetime, Article]


def _newest(documents: Iterable[OrderDocument]) -> dict[str, Said]:
    """The newest that is said of each article, and when. Of two at one moment, the greater title."""
    priced: dict[Article, datetime] = {}
    named: set[Article] = set()
    for document in sorted(documents, key=attrgetter("placed_at")):
        articles = list(map(_ARTICLE, document.lines))
        named.update(articles)
        at_a_price = compress(articles, map(_UNIT_PRICE, document.lines))
        priced.update(zip(at_a_price, repeat(document.placed_at)))  # the latest date of each stays
    said: dict[str, Said] = {}
    for article in named:
        known = said.get(article.external_id)
        here = (priced.get(article, LONG_AGO) if article.title else LONG_AGO, article)
        if article.external_id and (known is None or here > known):
            said[article.external_id] = here
    return said


def _named(said: Said) -> tuple[str, str, str, datetime]:
    when, article = said
    return article.external_id, article.title, article.category, when


def _retitle(rows: Iterable[Any], said: dict[str, Said]) -> None:
    newer = []
    for row in rows:
        when, article = said[row.external_id]
        known = (row.titled_at or LONG_AGO, Article(row.external_id, row.title, row.category))
        said_now = (article.title or row.title, article.category or row.category)
        if (when, article) > known and said_now != (row.title, row.category):
            newer.append((row.id, *said_now, when))
    if newer:
        names = ("ids", "titles", "categories", "titled_ats")
        columns = (list(column) for column in zip(*newer, strict=True))
        sql.execute("orders", "retitle_products", dict(zip(names, columns, strict=True)))

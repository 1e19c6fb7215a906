"""Products: the rows that lines refer to, made when first sold and titled as newer orders title them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from accounts.models import Store
from lib import sql
from orders.copying import copy_rows
from orders.documents import Article, OrderDocument

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES = ["int8", "int8", "varchar", "varchar", "varchar", "timestamptz"]


def product_ids(store: Store, documents: Iterable[OrderDocument]) -> dict[str, int]:
    """Ids of every product the documents' lines name, by id at the shop; missing ones are made.

    A product's title and category are those of the newest order that sells it at a price: lines without a price
    (stock corrections, gifts) name it only where nothing better is known. Blank ones teach nothing.
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
    said: dict[str, Said] = {}
    for document in documents:
        placed_at = document.placed_at
        for article, _quantity, unit_price in document.lines:
            key = article[0]
            known = said.get(key)
            if known is not None and known[1] is article and known[0] >= placed_at:
                continue
            when = placed_at if unit_price > 0 and article.title else LONG_AGO
            if key and (known is None or (when, article) > known):
                said[key] = (when, article)
    return said


def _named(said: Said) -> tuple[str, str, str, datetime]:
    when, article = said
    return article.external_id, article.title, article.category, when


def _retitle(rows: Iterable[Any], said: dict[str, Said]) -> None:
    newer = []
    for row in rows:
        when, article = said[row.external_id]
        known = (row.titled_at or LONG_AGO, Article(row.external_id, row.title, row.category))
        if (when, article) > known and (article.title or article.category):
            newer.append((row.id, article.title or row.title, article.category or row.category, when))
    if newer:
        names = ("ids", "titles", "categories", "titled_ats")
        columns = (list(column) for column in zip(*newer, strict=True))
        sql.execute("orders", "retitle_products", dict(zip(names, columns, strict=True)))

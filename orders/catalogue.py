"""Products: the rows that lines refer to, made when first sold and titled as newer orders title them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import compress, repeat
from operator import attrgetter, not_

from accounts.models import Store
from lib import sql
from orders.documents import Article, OrderDocument

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Said = tuple[datetime, Article]  # when a title was said, and the article with it


class Catalogue:
    """The store's products as far as documents have named them; one may serve a whole import.

    What it remembers stays true while others import too: products are never deleted, and those it doesn't know
    are looked up under the store's lock.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids: dict[str, int] = {}
        self._said: dict[str, Said] = {}

    def ids(self, documents: Sequence[OrderDocument]) -> dict[str, int]:
        """Ids of every product the documents' lines name (and of others), by id at the shop; missing ones are made.

        A product's title and category are those of the newest order that sells it at a price: lines without a price
        (stock corrections, gifts) name it only if nothing better is known. Blank ones are ignored. A title that stays
        the same keeps its date: a new one would touch every product at every import.
        """
        moments = _moments(documents)
        said = _newest((article, moments[article]) for article in self._news(moments))
        self._look_up([key for key in said if key not in self._ids])
        self._make([key for key in said if key not in self._ids], said)
        self._retitle(said)
        return self._ids

    def _news(self, moments: dict[Article, datetime]) -> list[Article]:
        """The articles that aren't known exactly like that, which are few after the first batch; and what is known
        instead.
        """
        nothing = (LONG_AGO, None)
        fresh = [
            key for key in moments if key.external_id and self._said.get(key.external_id, nothing)[1] != key
        ]
        known = (self._said.get(article.external_id, nothing)[1] for article in fresh)
        return [*fresh, *(article for article in known if article in moments)]

    def _look_up(self, keys: list[str]) -> None:
        if not keys:
            return
        parameters = {"store_id": self._store.id, "external_ids": sql.array_text(keys)}
        rows = sql.rows("orders", "known_products", parameters)
        for row in rows:
            self._ids[row.external_id] = row.id
            article = Article(row.external_id, row.title, row.category)
            self._said[row.external_id] = (row.titled_at or LONG_AGO, article)

    def _make(self, keys: list[str], said: dict[str, Said]) -> None:
        if not keys:
            return
        parameters = {
            "store_id": self._store.id,
            "external_ids": keys,
            "titles": [said[key][1].title for key in keys],
            "categories": [said[key][1].category for key in keys],
            "titled_ats": [said[key][0] for key in keys],
        }
        self._ids.update(sql.rows("orders", "make_products", parameters))
        self._said.update((key, said[key]) for key in keys)

    def _retitle(self, said: dict[str, Said]) -> None:
        newer: dict[str, Said] = {}
        for key, here in said.items():
            when, article = here
            known = self._said[key]
            title, category = article.title or known[1].title, article.category or known[1].category
            if here > known and (title, category) != known[1][1:]:
                newer[key] = (when, Article(key, title, category))
        if not newer:
            return
        self._said.update(newer)
        parameters = {
            "ids": [self._ids[key] for key in newer],
            "titles": [article.title for _when, article in newer.values()],
            "categories": [article.category for _when, article in newer.values()],
            "titled_ats": [when for when, _article in newer.values()],
        }
        sql.execute("orders", "retitle_products", parameters)


def _moments(documents: Iterable[OrderDocument]) -> dict[Article, datetime]:
    """When each article, as it is called, was last sold at a price; long ago where it never was."""
    moments: dict[Article, datetime] = {}
    for document in sorted(documents, key=attrgetter("placed_at")):
        articles, _quantities, prices = document.lines
        if not all(prices):
            for article in compress(articles, map(not_, prices)):
                moments.setdefault(article, LONG_AGO)
            articles = list(compress(articles, prices))
        moments.update(zip(articles, repeat(document.placed_at)))  # the latest date of each stays
    return moments


def _newest(named: Iterable[tuple[Article, datetime]]) -> dict[str, Said]:
    """The newest article of each product, and its moment. Of two at the same moment, the greater title."""
    said: dict[str, Said] = {}
    for article, moment in named:
        known = said.get(article.external_id)
        here = (moment if article.title else LONG_AGO, article)
        if known is None or here > known:
            said[article.external_id] = here
    return said

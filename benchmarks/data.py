"""A shop of any size, made inside the server: about half of its customers buy once, the rest by habit."""

from __future__ import annotations

from django.db import connection, transaction

from accounts.models import Store

SHOP_YEARS = 3

_CUSTOMERS = """
insert into orders_customer
    (store_id, external_id, email, phone, name, country, tags, note, first_seen_as_guest, created_at)
select %(store_id)s, 'c' || n, 'c' || n || '@example.com', '', '', 'GB', '', '', false, %(end)s
from generate_series(1, %(customers)s) as n
"""

# One order for 52 in 100 customers; for the others two and more, so that the mean is what was asked for.
_ORDERS = """
with habits as materialized (
    select
        id as customer_id,
        case
            when random() < 0.52 then 1
            else 2 + floor(-ln(1 - random()) * ((%(orders)s::float / %(customers)s - 0.52) / 0.48 - 1.5))::int
        end as orders,
        %(end)s::timestamptz - random() * %(years)s * interval '365 days' as first_at,
        exp(3.4 + 0.5 * random()) as taste
    from orders_customer
    where store_id = %(store_id)s
),
placed as materialized (
    select
        customer_id,
        case when n = 1 then first_at else first_at + random() * (%(end)s::timestamptz - first_at) end
            as placed_at,
        (100 * taste * exp(0.6 * (random() + random() + random() - 1.5)))::bigint as total,
        random() as fate
    from habits cross join lateral generate_series(1, habits.orders) as n
)
insert into orders_order
    (store_id, customer_id, external_id, number, placed_at, status, channel, payment_method, carrier, country,
     discount_code, subtotal, discount, shipping, tax, total, refunded, created_at, credits)
select
    %(store_id)s, customer_id, n::text, '#' || n, placed_at,
    case when fate < 0.02 then 'cancelled' else 'paid' end,
    'web', 'card', '', 'GB', '', total, 0, 0, 0, total,
    case when fate > 0.98 then total when fate > 0.97 then total / 3 else 0 end,
    placed_at, ''
from (select *, row_number() over (order by placed_at) as n from placed) as numbered
"""


@transaction.atomic
def make_orders(store: Store, *, customers: int, orders: int, end: str, seed: float = 0.5) -> int:
    """Fills an empty store with about `orders` orders up to the moment `end`; returns how many there are."""
    parameters = {
        "store_id": store.pk,
        "customers": customers,
        "orders": orders,
        "end": end,
        "years": SHOP_YEARS,
    }
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '128MB'")
        cursor.execute("select setseed(%s)", [seed])
        cursor.execute(_CUSTOMERS, parameters)
        cursor.execute(_ORDERS, parameters)
        return cursor.rowcount

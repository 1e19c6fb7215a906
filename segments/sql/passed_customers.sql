-- Customers whose scores may differ from those kept: those with a figure between the old and the new place of a cut
-- point, and those who were recomputed. Everybody else's scores stay.
-- Grain: one row: their ids. Source: segments_customerstats, through the indexes by last day, orders and money.
-- Parameters: store_id; customer_ids: who was recomputed; last_on_from, last_on_to, frequency_from, frequency_to,
-- monetary_from, monetary_to: the bands that cut points moved across, lower end included.
with passed as (
    select kept.customer_id
    from unnest(%(last_on_from)s::date[], %(last_on_to)s::date[]) as band (low, high)
    join segments_customerstats as kept
        on kept.store_id = %(store_id)s
        and coalesce(kept.last_on, date '0001-01-01') >= band.low
        and coalesce(kept.last_on, date '0001-01-01') < band.high
    union
    select kept.customer_id
    from unnest(%(frequency_from)s::int[], %(frequency_to)s::int[]) as band (low, high)
    join segments_customerstats as kept
        on kept.store_id = %(store_id)s and kept.frequency >= band.low and kept.frequency < band.high
    union
    select kept.customer_id
    from unnest(%(monetary_from)s::bigint[], %(monetary_to)s::bigint[]) as band (low, high)
    join segments_customerstats as kept
        on kept.store_id = %(store_id)s and kept.monetary >= band.low and kept.monetary < band.high
    union
    select unnest(%(customer_ids)s::bigint[])
)
select coalesce(array_agg(customer_id), '{}') as customer_ids
from passed

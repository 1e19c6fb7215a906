-- Grain: one row per local month on whose days orders changed since the log was drained last; drains the log.
-- Sources: orders_dirtyday, whose days are in UTC: an order's local day is that day or one beside it.
-- Parameters: store_id.
with drained as (
    delete from orders_dirtyday where store_id = %(store_id)s returning day
)

select distinct date_trunc('month', drained.day + shift.days)::date as month
from drained
cross join (values (-1), (0), (1)) as shift (days)
order by month

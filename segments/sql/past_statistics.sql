-- Statistics of every customer as of a past day, computed from the orders as they are known now.
-- Grain: one row per customer of the store, also those without an order by then; a table that lasts until the end
-- of the transaction. Sources: orders_customer, orders_order through its covering index.
-- Parameters: store_id; timezone: it decides the day; until: orders from this moment on are not looked at;
-- window_from: nor those before this one ('-infinity': all are).
-- The same figures as recompute_stats.sql keeps of the present; a test holds the two equal.
create temporary table past_statistics on commit drop as
with totals as (
    select
        customer_id,
        count(*) filter (where counted) as frequency,
        coalesce(sum(net) filter (where valued), 0) as monetary,
        max(placed_at) filter (where counted) as last_at
    from orders_order
    where store_id = %(store_id)s
        and placed_at >= %(window_from)s
        and placed_at < %(until)s
        and customer_id is not null
    group by customer_id
)
select
    customer.id as customer_id,
    coalesce(totals.frequency, 0)::int as frequency,
    coalesce(totals.monetary, 0)::bigint as monetary,
    (totals.last_at at time zone %(timezone)s)::date as last_on
from orders_customer as customer
left join totals on totals.customer_id = customer.id
where customer.store_id = %(store_id)s

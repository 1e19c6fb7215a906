-- Repeat transactions by day, of the customers whose first transaction was on or before `cut_on`.
-- Grain: one row per day that has any. A transaction is a customer and a day; the first of each isn't counted.
-- Source: orders_order through its covering index.
-- Parameters: store_id; timezone: it decides the day; until: orders from this moment on are not looked at;
-- cut_on.
with transactions as (
    select
        customer_id,
        (placed_at at time zone %(timezone)s)::date as day
    from orders_order
    where store_id = %(store_id)s
        and placed_at < %(until)s::timestamptz
        and customer_id is not null
        and counted
    group by customer_id, (placed_at at time zone %(timezone)s)::date
),
numbered as (
    select day, min(day) over (partition by customer_id) as first_on from transactions
)
select day, count(*)::int as transactions
from numbered
where day > first_on and first_on <= %(cut_on)s::date
group by day
order by day

-- Grain: one row of segments_cohortmonth per facet, value, cohort and month with a document.
-- Sources: orders_order through its covering index, retention_customer.
-- Parameters: store_id; timezone: it decides the month; until: orders from this moment on are not looked at;
-- values_kept: how many values of a facet are kept one by one; the others are summed under NULL. Customers are
-- counted once: each has one combination of cohort, channel, category and buyer, so that the combinations can be
-- summed.
with active as (
    select
        customer_id,
        date_trunc('month', placed_at at time zone %(timezone)s)::date as month,
        count(*) filter (where counted) as orders,
        coalesce(sum(net) filter (where valued), 0) as net
    from orders_order
    where store_id = %(store_id)s
        and placed_at < %(until)s
        and customer_id is not null
        and (counted or valued)
    group by 1, 2
),
combined as (
    select
        people.cohort,
        greatest(
            0,
            12 * (extract(year from active.month) - extract(year from people.cohort))
            + extract(month from active.month) - extract(month from people.cohort)
        )::int as age,
        people.channel,
        people.category,
        people.buyer,
        count(*) filter (where active.orders > 0) as customers,
        sum(active.orders) as orders,
        sum(active.net) as net
    from active
    join pg_temp.retention_customer as people on people.customer_id = active.customer_id
    group by people.cohort, active.month, people.channel, people.category, people.buyer
),
channels as (
    select channel, row_number() over (order by count(*) desc, channel) as place
    from pg_temp.retention_customer
    group by channel
),
categories as (
    select category, row_number() over (order by count(*) desc, category) as place
    from pg_temp.retention_customer
    group by category
),
faceted as (
    select 'all' as facet, '' as value, cohort, age, customers, orders, net
    from combined
    union all
    select 'buyer', buyer, cohort, age, customers, orders, net
    from combined
    union all
    select
        'channel', case when place <= %(values_kept)s then channel end, cohort, age, customers, orders, net
    from combined
    join channels using (channel)
    union all
    select
        'category', case when place <= %(values_kept)s then category end, cohort, age, customers, orders, net
    from combined
    join categories using (category)
)
insert into segments_cohortmonth (store_id, facet, value, cohort, age, customers, orders, net)
select %(store_id)s, facet, value, cohort, age, sum(customers), sum(orders), sum(net)
from faceted
group by facet, value, cohort, age
order by facet, value, cohort, age

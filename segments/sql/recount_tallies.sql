-- Counts the tallies of a store again; rows that differ are written.
-- Grain: one row: `differed`: rows that the triggers had got wrong, which should be 0.
-- Source: segments_customerstats. Parameters: store_id.
with figures as (
    select 1 as figure, last_on - date '0001-01-01' + 1 as value, count(*)::int as customers
    from segments_customerstats
    where store_id = %(store_id)s and frequency > 0
    group by last_on
    union all
    select 2, frequency, count(*)::int
    from segments_customerstats
    where store_id = %(store_id)s and frequency > 0
    group by frequency
    union all
    select 3, segments_leading_digits(monetary) as digits, count(*)::int
    from segments_customerstats
    where store_id = %(store_id)s and frequency > 0
    group by digits
    union all
    select 4, first_on - date '0001-01-01' + 1, count(*)::int
    from segments_customerstats
    where store_id = %(store_id)s and first_on is not null
    group by first_on
),
standings as (
    select
        segment_id,
        r,
        f,
        count(*)::int as customers,
        sum(frequency)::bigint as orders,
        sum(monetary)::bigint as revenue,
        coalesce(sum(last_on - date '0001-01-01' + 1), 0)::bigint as last_days
    from segments_customerstats
    where store_id = %(store_id)s
    group by segment_id, r, f
),
figures_written as (
    merge into segments_figuretally as kept
    using figures on kept.store_id = %(store_id)s and kept.figure = figures.figure and kept.value = figures.value
    when matched and kept.customers <> figures.customers then update set customers = figures.customers
    when not matched then insert (store_id, figure, value, customers)
        values (%(store_id)s, figures.figure, figures.value, figures.customers)
    when not matched by source and kept.store_id = %(store_id)s and kept.customers <> 0 then delete
    returning 1
),
standings_written as (
    merge into segments_standingtally as kept
    using standings on kept.store_id = %(store_id)s
        and kept.segment_id is not distinct from standings.segment_id
        and kept.r = standings.r
        and kept.f = standings.f
    when matched and (kept.customers, kept.orders, kept.revenue, kept.last_days)
            <> (standings.customers, standings.orders, standings.revenue, standings.last_days)
        then update set
            customers = standings.customers,
            orders = standings.orders,
            revenue = standings.revenue,
            last_days = standings.last_days
    when not matched then insert (store_id, segment_id, r, f, customers, orders, revenue, last_days)
        values (
            %(store_id)s, standings.segment_id, standings.r, standings.f,
            standings.customers, standings.orders, standings.revenue, standings.last_days
        )
    when not matched by source and kept.store_id = %(store_id)s
            and (kept.customers, kept.orders, kept.revenue, kept.last_days) <> (0, 0, 0, 0)
        then delete
    returning 1
)
select
    (select count(*)::int from figures_written) + (select count(*)::int from standings_written) as differed

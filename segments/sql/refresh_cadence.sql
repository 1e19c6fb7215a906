-- Everybody's cadence, computed from their orders and written into segments_customerstats where it differs.
-- Grain: one row: `written` rows that differed. Sources: orders_order, segments_customerstats.
-- A visit is a day with a counted order; the gap is the median of the days between visits, known from three
-- visits on; the next order is due one gap after the last visit.
-- Parameters: store_id; timezone: it decides the day; until: orders from this moment on are not looked at.
with orders_by_day as (
    select customer_id, (placed_at at time zone %(timezone)s)::date as day
    from orders_order
    where store_id = %(store_id)s and counted and customer_id is not null and placed_at < %(until)s
),
visits as (
    select customer_id, day, day - lag(day) over (partition by customer_id order by day) as gap
    from orders_by_day
),
gaps as (
    select customer_id, max(day) as latest_on, percentile_cont(0.5) within group (order by gap) as gap_days
    from visits
    where gap > 0
    group by customer_id
    having count(*) >= 2
),
written as (
    update segments_customerstats as stats
    set gap_days = fresh.gap_days, due_on = fresh.due_on
    from (
        select
            kept.customer_id, gaps.gap_days, gaps.latest_on + ceil(gaps.gap_days)::int as due_on
        from segments_customerstats as kept
        left join gaps on gaps.customer_id = kept.customer_id
            and kept.lifetime_orders >= 3  -- one who ordered since is recomputed first
        where kept.store_id = %(store_id)s
            and (kept.gap_days, kept.due_on) is distinct from
                (gaps.gap_days, gaps.latest_on + ceil(gaps.gap_days)::int)
    ) as fresh
    where stats.customer_id = fresh.customer_id
    returning 1
)
select count(*)::int as written from written

-- Why a refresh moved people: for each move from one segment to another its causes, applied one at a time.
-- Grain: one row per customer and cause that changed their segment on the way; written into segments_movecause.
-- Sources: segments_move; orders_order through its covering index, for the movers alone.
-- Parameters: refresh_id; store_id; timezone.
--   day_then, until_then, from_then: the day of the previous refresh, the end of that day, the start of its window.
--   day_now, until_now, from_now: the same of the refresh, the window as long as the one before's.
--   until_both: the later of the two ends; since_both: the earlier.
--   recency_then, frequency_then, monetary_then, cells_then, prospects_then: cut points (recency in days), segment
--   ids by r, f and m, and the segment without orders, by which the previous refresh scored; .._now: those of the
--   refresh where its scheme is the same, else those of the one before once more.
--   last_cause: what the last step is called: a changed scheme, or a correction that came after the refresh.
-- The steps, and the reasons for their order: docs/adr/0005-why-segments-change.md.
with movers as (
    select customer_id, before_id, after_id
    from segments_move
    where refresh_id = %(refresh_id)s and before_id is not null
),
-- Movers and their orders are joined only here: the planner can't know how many movers there are; it would plan a
-- second join for one row, and run it for every pair.
totals as (
    select
        movers.customer_id,
        count(*) filter (
            where counted and placed_at >= %(from_then)s and placed_at < %(until_then)s
        )::int as frequency_then,
        -- a credit note since is a refund of what was bought before
        coalesce(sum(net) filter (
            where valued and placed_at >= %(from_then)s and (placed_at < %(until_then)s or not counted)
        ), 0)::bigint as monetary_then,
        max(placed_at) filter (
            where counted and placed_at >= %(from_then)s and placed_at < %(until_then)s
        ) as last_then,
        bool_or(counted and placed_at >= %(since_both)s) as bought,
        count(*) filter (
            where counted and placed_at >= %(from_now)s and placed_at < %(until_now)s
        )::int as frequency_now,
        coalesce(sum(net) filter (
            where valued and placed_at >= %(from_now)s and placed_at < %(until_now)s
        ), 0)::bigint as monetary_now,
        max(placed_at) filter (
            where counted and placed_at >= %(from_now)s and placed_at < %(until_now)s
        ) as last_now
    from movers
    left join orders_order as orders
        on orders.store_id = %(store_id)s
        and orders.customer_id = movers.customer_id
        and orders.placed_at < %(until_both)s
    group by movers.customer_id
),
figures as (
    select
        customer_id,
        frequency_then,
        monetary_then,
        (last_then at time zone %(timezone)s)::date as last_then,
        coalesce(bought, false) as bought,
        frequency_now,
        monetary_now,
        (last_now at time zone %(timezone)s)::date as last_now
    from totals
),
scored as (
    -- the segment after each of steps 1 to 5, by what is known after that step
    select
        figures.customer_id,
        step.number,
        case
            when step.frequency = 0 and step.number < 5 then %(prospects_then)s::bigint
            when step.frequency = 0 then %(prospects_now)s::bigint
            when step.number < 5 then (%(cells_then)s::bigint[])
                [1 + cardinality(%(recency_then)s::int[]) - width_bucket(step.recency, %(recency_then)s::int[])]
                [1 + width_bucket(step.frequency, %(frequency_then)s::int[])]
                [1 + width_bucket(step.monetary, %(monetary_then)s::bigint[])]
            else (%(cells_now)s::bigint[])
                [1 + cardinality(%(recency_now)s::int[]) - width_bucket(step.recency, %(recency_now)s::int[])]
                [1 + width_bucket(step.frequency, %(frequency_now)s::int[])]
                [1 + width_bucket(step.monetary, %(monetary_now)s::bigint[])]
        end as segment_id
    from figures
    cross join lateral (
        values
            (1, frequency_then, monetary_then, %(day_then)s::date - last_then),
            (
                2,
                case when bought then frequency_now else frequency_then end,
                case when bought then monetary_now else monetary_then end,
                case when bought then %(day_now)s::date - last_now else %(day_then)s::date - last_then end
            ),
            (
                3,
                case when bought then frequency_now else frequency_then end,
                case when bought then monetary_now else monetary_then end,
                %(day_now)s::date - case when bought then last_now else last_then end
            ),
            (4, frequency_now, monetary_now, %(day_now)s::date - last_now),
            (5, frequency_now, monetary_now, %(day_now)s::date - last_now)
    ) as step (number, frequency, monetary, recency)
),
stations as (
    select customer_id, 0 as number, before_id as segment_id from movers
    union all
    select customer_id, number, segment_id from scored
    union all
    select customer_id, 6, after_id from movers
),
walked as (
    select
        customer_id,
        number,
        lag(segment_id) over (partition by customer_id order by number) as before_id,
        segment_id as after_id
    from stations
)
insert into segments_movecause (refresh_id, customer_id, cause, before_id, after_id)
select
    %(refresh_id)s,
    customer_id,
    case when number = 6 then %(last_cause)s else number end,
    before_id,
    after_id
from walked
where number > 0 and before_id is distinct from after_id

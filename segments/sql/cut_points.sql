-- The values at which a store's scored customers fall into equal shares.
-- Grain: one row: how many customers are scored, and per dimension the values at the places asked for.
-- Sources: segments_figuretally, minus the figures in segments_customerstats of customers with fresh figures, plus
-- those in segments_freshfigures. Amounts are counted by their first two digits: of them only those with the right
-- digits are read, through the index by monetary.
-- Parameters: store_id; shares: 1/bins .. (bins-1)/bins. The place of a share is the ceil(share * count)-th smallest
-- in double precision, as percentile_disc has it; tests/segments/test_rules.py shows that for 3 and 5 bins the
-- rounding never reaches another place.
-- Run it with enable_nestloop off, as score_customers.sql.
with fresh as (
    select customer_id, last_on, frequency, monetary
    from segments_freshfigures
    where store_id = %(store_id)s
),
replaced as (
    select last_on, frequency, monetary
    from segments_customerstats
    where store_id = %(store_id)s and customer_id = any(array(select customer_id from fresh))
),
changed as (
    select 1 as sign, last_on, frequency, monetary from fresh where frequency > 0
    union all
    select -1, last_on, frequency, monetary from replaced where frequency > 0
),
counted as (
    select figure, value, sum(customers)::bigint as customers
    from (
        select figure, value, customers
        from segments_figuretally
        where store_id = %(store_id)s and figure in (1, 2, 3)
        union all
        select 1, last_on - date '0001-01-01' + 1, sign from changed
        union all
        select 2, frequency, sign from changed
        union all
        select 3, segments_leading_digits(monetary), sign from changed
    ) as figures
    group by figure, value
),
ranked as (
    select
        figure,
        value,
        customers,
        sum(customers) over (partition by figure order by value) as upto,
        sum(customers) over (partition by figure) as scored
    from counted
    where customers > 0
),
cut as (
    select ranked.figure, share.number, ranked.value, place.number - (ranked.upto - ranked.customers) as within
    from ranked
    cross join unnest(%(shares)s::float8[]) with ordinality as share (share, number)
    cross join lateral (select greatest(ceil(share.share * ranked.scored), 1)::bigint as number) as place
    where place.number > ranked.upto - ranked.customers and place.number <= ranked.upto
),
amounts as (
    select
        cut.number,
        (
            select monetary
            from (
                select kept.monetary
                from segments_customerstats as kept
                where kept.store_id = %(store_id)s
                    and kept.monetary between cut.value - width.less and cut.value + width.less
                    and kept.last_on is not null  -- the condition of the index, true for everybody with an order that counts
                    and not exists (select from fresh where fresh.customer_id = kept.customer_id)
                union all
                select monetary from fresh where frequency > 0
            ) as near
            where segments_leading_digits(monetary) = cut.value
            order by monetary
            offset cut.within - 1
            limit 1
        ) as monetary
    from cut
    cross join lateral (select (10::numeric ^ greatest(length(abs(cut.value)::text) - 2, 0))::bigint as less) as width
    where cut.figure = 3
)
select
    (select coalesce(max(scored), 0)::int from ranked where figure = 2) as customers,
    (
        select array_agg(date '0001-01-01' + (value - 1)::int order by number) from cut where figure = 1
    ) as last_on,
    (select array_agg(value::int order by number) from cut where figure = 2) as frequency,
    (select array_agg(monetary order by number) from amounts) as monetary

-- The values at which a store's scored customers fall into equal shares.
-- Grain: one row: how many customers are scored, and per dimension the values at the places asked for.
-- Sources: segments_customerstats, and of those who have some segments_freshfigures.
-- Parameters: store_id; shares: 1/bins .. (bins-1)/bins. percentile_disc takes the ceil(share * count)-th
-- smallest value in double precision; tests/segments/test_rules.py shows that for 3 and 5 bins the
-- rounding never reaches another place.
-- Run it with enable_nestloop off, as score_customers.sql.
select
    count(*)::int as customers,
    percentile_disc(%(shares)s::float8[]) within group (order by last_on) as last_on,
    percentile_disc(%(shares)s::float8[]) within group (order by frequency) as frequency,
    percentile_disc(%(shares)s::float8[]) within group (order by monetary) as monetary
from (
    select last_on, frequency, monetary
    from segments_customerstats as kept
    where store_id = %(store_id)s and frequency > 0
        and not exists (select from segments_freshfigures as fresh where fresh.customer_id = kept.customer_id)
    union all
    select last_on, frequency, monetary from segments_freshfigures
    where store_id = %(store_id)s and frequency > 0
) as scored

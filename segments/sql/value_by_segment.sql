-- What a store's customers are expected to bring, by the segment they are in now.
-- Grain: one row per segment that has valued customers (NULL: in none).
-- Source: segments_customervalue. Parameters: store_id.
select
    segment_id,
    count(*)::int as customers,
    sum(expected_orders) as expected_orders,
    sum(expected_value)::bigint as expected_value
from segments_customervalue
where store_id = %(store_id)s
group by segment_id
order by segment_id

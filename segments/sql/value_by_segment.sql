-- What a store's customers are expected to bring, by the segment they are in now.
-- Grain: one row a segment that has valued customers (NULL: in none).
-- Sources: segments_customervalue, segments_customerstats. Parameters: store_id.
select
    stats.segment_id,
    count(*)::int as customers,
    sum(value.expected_orders) as expected_orders,
    sum(value.expected_value)::bigint as expected_value
from segments_customervalue as value
left join segments_customerstats as stats on stats.customer_id = value.customer_id
where value.store_id = %(store_id)s
group by stats.segment_id
order by stats.segment_id

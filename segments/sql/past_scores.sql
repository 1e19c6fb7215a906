-- Scores and segments as of a past day.
-- Grain: one row per customer; a table that lasts until the end of the transaction. Source: past_statistics.
-- Parameters: last_on, frequency, monetary: the ascending lowest values of scores 2, 3, ..; cells: segment ids
-- by r, f and m; prospects: the segment without orders (NULL: none).
create temporary table past_scores on commit drop as
select
    scored.*,
    case when scored.r = 0 then %(prospects)s::bigint
        else (%(cells)s::bigint[])[scored.r][scored.f][scored.m] end as segment_id
from (
    select
        customer_id,
        frequency,
        monetary,
        last_on,
        case when frequency = 0 then 0 else 1 + width_bucket(last_on, %(last_on)s::date[]) end as r,
        case when frequency = 0 then 0 else 1 + width_bucket(frequency, %(frequency)s::int[]) end as f,
        case when frequency = 0 then 0 else 1 + width_bucket(monetary, %(monetary)s::bigint[]) end as m
    from past_statistics
) as scored

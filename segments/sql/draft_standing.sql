-- Everybody by the segment they are in and the scores that a draft's cut points give them.
-- Grain: one row per segment (NULL: none), r, f, m (0: without a counted order) and third of the customers by id.
-- `best`: the most revenue of one of them, and whose; of equals the highest id.
-- Source: draft_people (draft_present.sql or draft_present_window.sql). Parameters: last_on, frequency, monetary:
-- the ascending lowest values of scores 2, 3, ...
select
    segment_id,
    case when frequency = 0 then 0 else 1 + width_bucket(last_on, %(last_on)s::date[]) end as r,
    case when frequency = 0 then 0 else 1 + width_bucket(frequency, %(frequency)s::int[]) end as f,
    case when frequency = 0 then 0 else 1 + width_bucket(monetary, %(monetary)s::bigint[]) end as m,
    count(*)::int as customers,
    max(array[monetary, customer_id]) as best
from draft_people
group by segment_id, r, f, m, customer_id %% 3

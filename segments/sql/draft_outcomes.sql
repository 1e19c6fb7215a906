-- What people did after a past day, by the scores that a draft's cut points give them as of it.
-- Grain: one row per triple of scores that has people.
-- Source: draft_people (draft_past.sql or draft_past_window.sql). Parameters: last_on, frequency, monetary: the
-- ascending lowest values of scores 2, 3, ...
select
    1 + width_bucket(last_on, %(last_on)s::date[]) as r,
    1 + width_bucket(frequency, %(frequency)s::int[]) as f,
    1 + width_bucket(monetary, %(monetary)s::bigint[]) as m,
    count(*)::int as customers,
    count(*) filter (where orders_since > 0)::int as buyers,
    sum(spend_since)::bigint as spend
from draft_people
group by r, f, m

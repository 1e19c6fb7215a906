-- The values at which the scored people of a draft fall into equal shares.
-- Grain: one row: per dimension the values at the places asked for; NULL where nobody is scored.
-- Source: draft_people (draft_present.sql and its likes). Parameters: shares, as in cut_points.sql.
select
    percentile_disc(%(shares)s::float8[]) within group (order by last_on) as last_on,
    percentile_disc(%(shares)s::float8[]) within group (order by frequency) as frequency,
    percentile_disc(%(shares)s::float8[]) within group (order by monetary) as monetary
from draft_people
where frequency > 0

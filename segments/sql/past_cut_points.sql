-- The values at which the customers scored as of a past day fall into equal shares.
-- Grain: one row: how many customers are scored, and per dimension the values at the places asked for.
-- Source: past_statistics (past_statistics.sql). Parameters: shares: 1/bins .. (bins-1)/bins, as in
-- cut_points.sql.
select
    count(*)::int as customers,
    percentile_disc(%(shares)s::float8[]) within group (order by last_on) as last_on,
    percentile_disc(%(shares)s::float8[]) within group (order by frequency) as frequency,
    percentile_disc(%(shares)s::float8[]) within group (order by monetary) as monetary
from past_statistics
where frequency > 0

-- Grain: one row of segments_secondorderwindow per cohort and window in which somebody's time is over.
-- Source: retention_customer. Parameters: store_id; as_of: the last day looked at, not counted as over;
-- windows (int[]): days.
insert into segments_secondorderwindow (store_id, cohort, days, elapsed, returned)
select
    %(store_id)s,
    people.cohort,
    windows.days,
    count(*),
    count(*) filter (where people.second_on - people.first_on <= windows.days)
from pg_temp.retention_customer as people
join unnest(%(windows)s::int[]) as windows (days) on people.first_on + windows.days < %(as_of)s
group by people.cohort, windows.days
order by people.cohort, windows.days

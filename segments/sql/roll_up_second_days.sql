-- Grain: one row of segments_secondorderday per cohort and number of days to the second order, up to the longest.
-- Source: retention_customer. Parameters: store_id; longest: days.
insert into segments_secondorderday (store_id, cohort, days, customers)
select %(store_id)s, cohort, second_on - first_on, count(*)
from pg_temp.retention_customer
where second_on - first_on <= %(longest)s
group by cohort, second_on - first_on
order by cohort, second_on - first_on

-- Grain: one row per session that works on a job. Source: pg_stat_activity. Parameters: prefix (of the name
-- jobs.session gives its sessions).
select application_name
from pg_stat_activity
where datname = current_database() and starts_with(application_name, %(prefix)s)

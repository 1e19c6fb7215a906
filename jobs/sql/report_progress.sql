-- Grain: no row, or the one running job. Source: jobs_job.
-- Parameters: job_id, done, total (NULL: not known), unit, note.
-- Returns whether somebody has asked for the job to be cancelled.
update jobs_job
set
    done = %(done)s,
    total = greatest(%(total)s::bigint, %(done)s),
    unit = %(unit)s,
    note = %(note)s,
    heartbeat_at = now()
where id = %(job_id)s and state = 'running'
returning cancel_asked_at is not null as cancelled

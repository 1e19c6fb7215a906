-- Grain: one row. Source: the server's advisory locks. Parameters: key (bigint, see jobs.session.lock_key).
-- True where this session now holds the job's lock; it holds it until it is closed, however that comes about.
select pg_try_advisory_lock(%(key)s) as locked

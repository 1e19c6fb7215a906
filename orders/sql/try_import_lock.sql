-- Takes the lock of a running import for this session, if nobody has it.
-- Grain: one row. Parameters: key.
select pg_try_advisory_lock(%(key)s) as is_ours

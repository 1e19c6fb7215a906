-- Releases the lock of an import.
-- Grain: one row. Parameters: key.
select pg_advisory_unlock(%(key)s) as was_ours

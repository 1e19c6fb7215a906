-- Gives the lock of an import back.
-- Grain: one row. Parameters: key.
select pg_advisory_unlock(%(key)s) as was_ours

-- Grain: one row per job that some session of this database is working on. Source: pg_locks.
-- Parameters: namespace (the upper 16 bits of a job's lock key; the lower 48 are the job's id).
-- A lock on one bigint shows its upper half as classid, its lower half as objid, and objsubid 1.
select ((classid::bigint & 65535) << 32) | objid::bigint as job_id
from pg_locks
where
    locktype = 'advisory'
    and granted
    and objsubid = 1
    and classid::bigint >> 16 = %(namespace)s
    and database = (select oid from pg_database where datname = current_database())

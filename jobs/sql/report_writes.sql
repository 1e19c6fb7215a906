-- Reports this session's writes to the server's counters at once, rather than some seconds later.
-- Grain: one row that says nothing. No parameters.
select pg_stat_force_next_flush()

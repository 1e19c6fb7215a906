-- Has the server count what this session wrote, which it would hear of some seconds later.
-- Grain: one row that says nothing. No parameters.
select pg_stat_force_next_flush()

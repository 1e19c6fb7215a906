-- What settles the tables of which a large share was written since they were last analysed or vacuumed, by whomever.
-- Grain: one row a table: `statement`, which analyses and vacuums it, and can't be in a transaction.
-- Source: the server's own counts, by which it settles tables itself about a minute later.
-- Parameters: share of a table's rows; least: so many rows, of which a smaller table needs no settling.
-- `parallel 0`, as the server does it itself: in a container the memory that workers would share may be too little.
select format('vacuum (analyze, parallel 0) %%I.%%I', schemaname, relname) as statement
from pg_stat_user_tables
where greatest(n_mod_since_analyze, n_ins_since_vacuum) >= greatest(%(share)s * n_live_tup, %(least)s)
order by relname

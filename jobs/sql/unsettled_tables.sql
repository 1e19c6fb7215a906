-- What settles the tables of which a large share was written since they were last analysed or vacuumed, by whomever.
-- Grain: one row per table: `statement`, which analyses and vacuums it, and can't be in a transaction.
-- Source: the server's own counts, by which it settles tables itself about a minute later; and the share of a table at
-- which it is told to, where that is another than of most (autovacuum_vacuum_scale_factor).
-- Parameters: share of a table's rows, unless the table has its own; least: so many rows, of which a smaller table
-- needs no settling.
-- `parallel 0`, as the server does it itself: in a container the memory that workers would share may be too little.
select format('vacuum (analyze, parallel 0) %%I.%%I', written.schemaname, written.relname) as statement
from pg_stat_user_tables as written
join pg_class as entry on entry.oid = written.relid
left join lateral (
    select option_value::float8 as share
    from pg_options_to_table(entry.reloptions)
    where option_name = 'autovacuum_vacuum_scale_factor'
) as own on true
where greatest(written.n_mod_since_analyze, written.n_ins_since_vacuum)
    >= greatest(coalesce(own.share, %(share)s) * written.n_live_tup, %(least)s)
order by written.relname

-- Statements that settle the tables of which a large share was written since they were last analysed or vacuumed.
-- Grain: one row per table: `statement`, which analyses and vacuums it, and can't be in a transaction.
-- Source: the counters that autovacuum uses, about a minute later; and a table's own autovacuum_vacuum_scale_factor,
-- if it has one.
-- Parameters: share: of a table's rows, unless the table has its own; least: with fewer rows than this written, a
-- table needs no settling.
-- `parallel 0`, as autovacuum does: in a container the shared memory may be too little for parallel workers.
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

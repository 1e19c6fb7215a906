-- Lets one process at a time make the demo store; held to the end of the transaction.
-- Grain: one row, nothing in it. Parameters: none. The key is the letters DEMO.
select pg_advisory_xact_lock(x'44454d4f'::bigint)

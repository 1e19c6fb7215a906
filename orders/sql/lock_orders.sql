-- Lets one transaction at a time write a store's orders; held to its end.
-- Grain: one row. Parameters: key (lib-wide namespace in the upper 16 bits, the store's id below).
select pg_advisory_xact_lock(%(key)s)

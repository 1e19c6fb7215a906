-- Grain: one row. Source: the server's advisory locks. Parameters: none.
-- Closing the session does the same, but some moments after the client has gone on.
select pg_advisory_unlock_all()

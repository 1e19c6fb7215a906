-- Lets the transaction's commit not wait for the disk: should the machine lose power within a second, the batch and
-- the import's counters are gone together, and it goes on from there. The import's last commit waits for all of them.
-- No rows, no parameters.
set local synchronous_commit = off

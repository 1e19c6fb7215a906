-- Drops the table of where people stood after the first refresh. No parameters.
drop table first_standing

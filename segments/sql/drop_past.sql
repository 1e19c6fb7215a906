-- Drops the tables of one past day, so that the next can have them in the same transaction. No parameters.
drop table past_scores, past_statistics

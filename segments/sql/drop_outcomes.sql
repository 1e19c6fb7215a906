-- Lets go of the tables of one grading, so that the next can have them in the same transaction. No parameters.
drop table past_scores, past_statistics, outcomes

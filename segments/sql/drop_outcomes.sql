-- Drops the tables of one grading and of the view over them (draft_past_window.sql) where there is one, so that the
-- next can have them in the same transaction. No parameters.
drop table past_scores, past_statistics, outcomes cascade

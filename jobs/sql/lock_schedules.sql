-- Grain: no rows. Source: django_q_schedule. Parameters: none.
-- Until the transaction ends nobody else changes the schedules; reading them goes on.
lock table django_q_schedule in exclusive mode

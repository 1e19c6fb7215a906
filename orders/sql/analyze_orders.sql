-- Tells the planner how large the tables are that an import fills and reads, and that the refresh after it reads.
-- Without it plans are made for the tables as they were at the last automatic analysis, perhaps empty. Only their
-- size matters, so it is run with a small default_statistics_target, which is ten times as quick.
-- No rows, no parameters.
analyze orders_order, orders_customer, orders_product

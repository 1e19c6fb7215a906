-- Lets the planner know how full the tables are that an import reads while it fills them; and the refresh after it.
-- Without it plans are made for the tables as they were at the last automatic analysis, perhaps empty. How full is
-- what matters, so it is run with a small default_statistics_target: ten times as quick.
-- No rows, no parameters.
analyze orders_order, orders_customer, orders_product

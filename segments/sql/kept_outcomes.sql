-- What people ordered after the kept past day.
-- Grain: one row a customer with orders or spend since; a table that lasts until the end of the transaction, the
-- same as outcomes.sql makes from the orders, without those whose orders came to nothing.
-- Source: segments_asofstats. Parameters: store_id.
create temporary table outcomes on commit drop as
select customer_id, orders_since as orders, spend_since as spend
from segments_asofstats
where store_id = %(store_id)s and (orders_since > 0 or spend_since <> 0)

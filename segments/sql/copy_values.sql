-- Everybody's figures into value_staging, as a binary copy.
copy value_staging (customer_id, expected_orders, p_alive, expected_spend, expected_value)
from stdin (format binary)

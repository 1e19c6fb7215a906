-- New lines, as text: five numbers each.
copy orders_orderline (order_id, position, product_id, quantity, unit_price) from stdin

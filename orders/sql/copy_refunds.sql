-- New refunds, in the binary format.
copy orders_refund (order_id, external_id, amount, refunded_at, reason) from stdin (format binary)

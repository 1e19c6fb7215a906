-- New orders, in the binary format. Rows: orders.recording.order_row.
copy orders_order (
    id, store_id, customer_id, external_id, number, placed_at, status, channel, payment_method,
    promised_on, shipped_at, delivered_at, carrier, country, discount_code,
    subtotal, discount, shipping, tax, total, refunded, credits,
    source_digest, source_import_id, created_at
) from stdin (format binary)

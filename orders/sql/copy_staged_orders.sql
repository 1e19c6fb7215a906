-- Orders whose documents changed, in the binary format.
copy staged_order (
    id, store_id, customer_id, external_id, number, placed_at, status, channel, payment_method,
    promised_on, shipped_at, delivered_at, carrier, country, discount_code,
    subtotal, discount, shipping, tax, total, refunded, credits,
    source_digest, source_import_id, created_at
) from stdin (format binary)

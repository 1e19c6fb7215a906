-- New customers, in the binary format. Rows: orders.buyers._CUSTOMER_TYPES.
copy orders_customer (
    store_id, created_at,
    id, external_id, email, phone, name, country, tags, note, accepts_email, accepts_sms,
    first_seen_as_guest, registered_at, details_at
) from stdin (format binary)

-- Customers that changed, in the binary format.
copy staged_customer (
    id, external_id, email, phone, name, country, tags, note, accepts_email, accepts_sms,
    first_seen_as_guest, registered_at, details_at
) from stdin (format binary)

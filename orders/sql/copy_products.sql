-- New products, in the binary format.
copy orders_product (id, store_id, external_id, title, category, titled_at) from stdin (format binary)

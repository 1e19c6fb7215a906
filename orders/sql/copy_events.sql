-- New events, in the binary format.
copy orders_orderevent (order_id, kind, at, channel, text) from stdin (format binary)

"""Triggers that log the days whose orders changed, for roll-ups, and that say how late each order came.

The log's triggers fire once a statement and read its transition tables. A day is in UTC: the store's own day
begins within a day of it, which is settled when the log is drained. Updates log every row they touched; an
import touches only rows that differ.

Lateness needs the store's time zone, which a generated column can't look up; its trigger fires only for rows
with both a promised day and a delivery.
"""

from django.db import migrations

CREATE = """
create function orders_log_days_of_inserted() returns trigger language plpgsql as $$
begin
    insert into orders_dirtyday (store_id, day)
    select distinct store_id, (placed_at at time zone 'UTC')::date from new_orders;
    return null;
end $$;

create function orders_log_days_of_updated() returns trigger language plpgsql as $$
begin
    insert into orders_dirtyday (store_id, day)
    select store_id, (placed_at at time zone 'UTC')::date from old_orders
    union
    select store_id, (placed_at at time zone 'UTC')::date from new_orders;
    return null;
end $$;

create function orders_log_days_of_deleted() returns trigger language plpgsql as $$
begin
    insert into orders_dirtyday (store_id, day)
    select distinct store_id, (placed_at at time zone 'UTC')::date from old_orders;
    return null;
end $$;

create function orders_log_days_of_buyers() returns trigger language plpgsql as $$
begin
    insert into orders_dirtyday (store_id, day)
    select distinct orders_order.store_id, (orders_order.placed_at at time zone 'UTC')::date
    from (
        select id, store_id
        from (
            select id, store_id, external_id is null as guest, first_seen_as_guest, registered_at
            from old_customers
            union all
            select id, store_id, external_id is null, first_seen_as_guest, registered_at
            from new_customers
        ) as both_sides
        group by id, store_id, guest, first_seen_as_guest, registered_at
        having count(*) = 1
    ) as changed
    join orders_order on orders_order.store_id = changed.store_id and orders_order.customer_id = changed.id;
    return null;
end $$;

create trigger log_days_of_inserted after insert on orders_order
    referencing new table as new_orders
    for each statement execute function orders_log_days_of_inserted();
create trigger log_days_of_updated after update on orders_order
    referencing old table as old_orders new table as new_orders
    for each statement execute function orders_log_days_of_updated();
create trigger log_days_of_deleted after delete on orders_order
    referencing old table as old_orders
    for each statement execute function orders_log_days_of_deleted();
create trigger log_days_of_buyers after update on orders_customer
    referencing old table as old_customers new table as new_customers
    for each statement execute function orders_log_days_of_buyers();

create function orders_set_days_late() returns trigger language plpgsql as $$
begin
    new.days_late := greatest(-32000, least(32000, (
        select (new.delivered_at at time zone accounts_store.timezone)::date - new.promised_on
        from accounts_store where accounts_store.id = new.store_id
    )));
    return new;
end $$;

create function orders_clear_days_late() returns trigger language plpgsql as $$
begin
    new.days_late := null;
    return new;
end $$;

create trigger set_days_late before insert or update on orders_order
    for each row when (new.promised_on is not null and new.delivered_at is not null)
    execute function orders_set_days_late();
create trigger clear_days_late before insert or update on orders_order
    for each row when ((new.promised_on is null or new.delivered_at is null) and new.days_late is not null)
    execute function orders_clear_days_late();
"""

DROP = """
drop trigger clear_days_late on orders_order;
drop trigger set_days_late on orders_order;
drop function orders_clear_days_late();
drop function orders_set_days_late();
drop trigger log_days_of_buyers on orders_customer;
drop trigger log_days_of_deleted on orders_order;
drop trigger log_days_of_updated on orders_order;
drop trigger log_days_of_inserted on orders_order;
drop function orders_log_days_of_buyers();
drop function orders_log_days_of_deleted();
drop function orders_log_days_of_updated();
drop function orders_log_days_of_inserted();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_roll_ups")]
    operations = [migrations.RunSQL(CREATE, DROP)]

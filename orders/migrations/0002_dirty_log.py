"""Triggers that log the customers whose orders changed, for the statistics that follow from orders.

They fire once a statement and read its transition tables, so a bulk import pays for one INSERT .. SELECT.
An UPDATE logs only what statistics are made of: identical rows of before and after cancel out, and what is
left names both the old customer and the new one. Grouping rather than joining before with after: a plan is
kept for the session, and a nested loop planned for one row would be run for a hundred thousand.
"""

from django.db import migrations

CREATE = """
create function orders_log_inserted_orders() returns trigger language plpgsql as $$
begin
    insert into orders_dirtycustomer (store_id, customer_id)
    select distinct store_id, customer_id from new_orders where customer_id is not null;
    return null;
end $$;

create function orders_log_deleted_orders() returns trigger language plpgsql as $$
begin
    insert into orders_dirtycustomer (store_id, customer_id)
    select distinct store_id, customer_id from old_orders where customer_id is not null;
    return null;
end $$;

create function orders_log_updated_orders() returns trigger language plpgsql as $$
begin
    insert into orders_dirtycustomer (store_id, customer_id)
    select distinct store_id, customer_id
    from (
        select id, store_id, customer_id, placed_at, net, counted, valued from old_orders
        union all
        select id, store_id, customer_id, placed_at, net, counted, valued from new_orders
    ) as both_sides
    where customer_id is not null
    group by id, store_id, customer_id, placed_at, net, counted, valued
    having count(*) = 1;
    return null;
end $$;

create function orders_log_inserted_customers() returns trigger language plpgsql as $$
begin
    insert into orders_dirtycustomer (store_id, customer_id)
    select store_id, id from new_customers;
    return null;
end $$;

create function orders_log_deleted_customers() returns trigger language plpgsql as $$
begin
    insert into orders_dirtycustomer (store_id, customer_id)
    select store_id, id from old_customers;
    return null;
end $$;

create trigger log_inserted_orders after insert on orders_order
    referencing new table as new_orders
    for each statement execute function orders_log_inserted_orders();
create trigger log_updated_orders after update on orders_order
    referencing old table as old_orders new table as new_orders
    for each statement execute function orders_log_updated_orders();
create trigger log_deleted_orders after delete on orders_order
    referencing old table as old_orders
    for each statement execute function orders_log_deleted_orders();
create trigger log_inserted_customers after insert on orders_customer
    referencing new table as new_customers
    for each statement execute function orders_log_inserted_customers();
create trigger log_deleted_customers after delete on orders_customer
    referencing old table as old_customers
    for each statement execute function orders_log_deleted_customers();
"""

DROP = """
drop trigger log_deleted_customers on orders_customer;
drop trigger log_inserted_customers on orders_customer;
drop trigger log_deleted_orders on orders_order;
drop trigger log_updated_orders on orders_order;
drop trigger log_inserted_orders on orders_order;
drop function orders_log_deleted_customers();
drop function orders_log_inserted_customers();
drop function orders_log_deleted_orders();
drop function orders_log_updated_orders();
drop function orders_log_inserted_orders();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]

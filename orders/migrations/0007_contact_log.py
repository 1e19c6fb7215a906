"""Triggers that log the customers who were told something, for the statistics that follow from order events.

As those on orders (0002): once a statement, from its transition tables. An event names its order, so each statement
looks the orders up, by their key: a plan is kept for the session, and one made while the table was small would
otherwise read it whole for every event once it is large.
"""

from django.db import migrations

CREATE = """
create function orders_log_customers_of_events() returns trigger language plpgsql
set enable_seqscan = off as $$
begin
    insert into orders_dirtycustomer (store_id, customer_id)
    select distinct store_id, customer_id
    from orders_order
    where id = any(array(select distinct order_id from events)) and customer_id is not null;
    return null;
end $$;

create function orders_log_customers_of_updated_events() returns trigger language plpgsql
set enable_seqscan = off as $$
begin
    insert into orders_dirtycustomer (store_id, customer_id)
    select distinct store_id, customer_id
    from orders_order
    where id = any(array(
        select distinct order_id
        from (
            select id, order_id, at from old_events
            union all
            select id, order_id, at from new_events
        ) as both_sides
        group by id, order_id, at
        having count(*) = 1
    )) and customer_id is not null;
    return null;
end $$;

create trigger log_inserted_events after insert on orders_orderevent
    referencing new table as events
    for each statement execute function orders_log_customers_of_events();
create trigger log_updated_events after update on orders_orderevent
    referencing old table as old_events new table as new_events
    for each statement execute function orders_log_customers_of_updated_events();
create trigger log_deleted_events after delete on orders_orderevent
    referencing old table as events
    for each statement execute function orders_log_customers_of_events();
"""

DROP = """
drop trigger log_deleted_events on orders_orderevent;
drop trigger log_updated_events on orders_orderevent;
drop trigger log_inserted_events on orders_orderevent;
drop function orders_log_customers_of_updated_events();
drop function orders_log_customers_of_events();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_importing")]
    operations = [migrations.RunSQL(CREATE, DROP)]

-- The staged figures into segments_customervalue: rows that differ are written, those of nobody any more go.
-- The customer list sorts by two of them, so segments_customerstats has them too.
-- Grain: one row: `written` rows inserted, updated and deleted. Source: value_staging.
-- Customers deleted since their orders were read are left out, as nothing in the database would take their
-- rows away again.
-- Parameters: store_id.
with fresh as (
    select
        staged.customer_id,
        staged.expected_orders,
        nullif(staged.p_alive, 'nan') as p_alive,
        nullif(staged.expected_spend, 'nan')::bigint as expected_spend,
        nullif(staged.expected_value, 'nan')::bigint as expected_value
    from value_staging as staged
    join orders_customer as customer on customer.id = staged.customer_id
    where customer.store_id = %(store_id)s
),
written as (
    merge into segments_customervalue as kept
    using fresh on kept.customer_id = fresh.customer_id
    when matched and (
        kept.expected_orders, kept.p_alive, kept.expected_spend, kept.expected_value
    ) is distinct from (
        fresh.expected_orders, fresh.p_alive, fresh.expected_spend, fresh.expected_value
    ) then update set
        expected_orders = fresh.expected_orders,
        p_alive = fresh.p_alive,
        expected_spend = fresh.expected_spend,
        expected_value = fresh.expected_value
    when not matched then insert (
        customer_id, store_id, expected_orders, p_alive, expected_spend, expected_value
    ) values (
        fresh.customer_id, %(store_id)s, fresh.expected_orders, fresh.p_alive, fresh.expected_spend,
        fresh.expected_value
    )
    returning 1
),
gone as (
    delete from segments_customervalue as kept
    where kept.store_id = %(store_id)s
        and not exists (select from fresh where fresh.customer_id = kept.customer_id)
    returning 1
),
shown as (
    update segments_customerstats as stats
    set expected_value = wanted.expected_value, p_alive = wanted.p_alive
    from (
        select kept.customer_id, fresh.expected_value, fresh.p_alive
        from segments_customerstats as kept
        left join fresh on fresh.customer_id = kept.customer_id
        where kept.store_id = %(store_id)s
            and (kept.expected_value, kept.p_alive) is distinct from (fresh.expected_value, fresh.p_alive)
    ) as wanted
    where stats.customer_id = wanted.customer_id
    returning 1
)
select
    (select count(*)::int from written) + (select count(*)::int from gone) as written

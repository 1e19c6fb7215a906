-- Merges the staged figures into segments_customervalue: writes rows that differ, deletes those without a figure.
-- Grain: one row: `written` rows inserted, updated and deleted.
-- Sources: value_staging; segments_customerstats (the segment and the scores of each now, and the day of their last order).
-- Customers deleted since their orders were read are left out, as nothing in the database would take their
-- rows away again.
-- Parameters: store_id.
with fresh as (
    select
        staged.customer_id,
        stats.segment_id,
        coalesce(stats.scores, 0) as scores,
        stats.last_on,
        staged.expected_orders,
        nullif(staged.p_alive, 'nan') as p_alive,
        nullif(staged.expected_spend, 'nan')::bigint as expected_spend,
        nullif(staged.expected_value, 'nan')::bigint as expected_value
    from value_staging as staged
    join orders_customer as customer on customer.id = staged.customer_id
    left join segments_customerstats as stats on stats.customer_id = staged.customer_id
    where customer.store_id = %(store_id)s
),
written as (
    merge into segments_customervalue as kept
    using fresh on kept.customer_id = fresh.customer_id
    when matched and (
        kept.segment_id, kept.scores, kept.last_on, kept.expected_orders, kept.p_alive, kept.expected_spend,
        kept.expected_value
    ) is distinct from (
        fresh.segment_id, fresh.scores, fresh.last_on, fresh.expected_orders, fresh.p_alive, fresh.expected_spend,
        fresh.expected_value
    ) then update set
        segment_id = fresh.segment_id,
        scores = fresh.scores,
        last_on = fresh.last_on,
        expected_orders = fresh.expected_orders,
        p_alive = fresh.p_alive,
        expected_spend = fresh.expected_spend,
        expected_value = fresh.expected_value
    when not matched then insert (
        customer_id, store_id, segment_id, scores, last_on, expected_orders, p_alive, expected_spend, expected_value
    ) values (
        fresh.customer_id, %(store_id)s, fresh.segment_id, fresh.scores, fresh.last_on, fresh.expected_orders,
        fresh.p_alive, fresh.expected_spend, fresh.expected_value
    )
    returning 1
),
gone as (
    delete from segments_customervalue as kept
    where kept.store_id = %(store_id)s
        and not exists (select from fresh where fresh.customer_id = kept.customer_id)
    returning 1
)
select
    (select count(*)::int from written) + (select count(*)::int from gone) as written

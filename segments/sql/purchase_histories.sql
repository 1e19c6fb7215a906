-- Purchase histories, as the value models need them: one transaction is a customer and a day.
-- Grain: one row per customer with a counted order before `until`, by customer. No NULLs; a binary COPY.
-- first_on, last_on: days of the first and the last transaction; days: transactions; spend: net of all but
-- the first, minor units. The same again up to the end of the day `cut_on`, as cut_last_on, cut_days,
-- cut_spend: for who came after the cut, 0 days, and first_on stands in for cut_last_on.
-- Source: orders_order through its covering index. Orders without a known customer and credit notes are no purchases.
-- Parameters: store_id; timezone: it decides the day; until: orders from this moment on are not looked at;
-- cut_on: the last day of the earlier look.
copy (
    with transactions as (
        select
            customer_id,
            (placed_at at time zone %(timezone)s)::date as day,
            sum(net) as net
        from orders_order
        where store_id = %(store_id)s
            and placed_at < %(until)s::timestamptz
            and customer_id is not null
            and counted
        group by customer_id, (placed_at at time zone %(timezone)s)::date
    ),
    histories as (
        select
            customer_id,
            min(day) as first_on,
            max(day) as last_on,
            count(*) as days,
            sum(net) as net,
            max(day) filter (where day <= %(cut_on)s::date) as cut_last_on,
            count(*) filter (where day <= %(cut_on)s::date) as cut_days,
            sum(net) filter (where day <= %(cut_on)s::date) as cut_net,
            (array_agg(net order by day))[1] as first_net
        from transactions
        group by customer_id
    )
    select
        customer_id,
        first_on,
        last_on,
        days::int,
        (net - first_net)::bigint as spend,
        coalesce(cut_last_on, first_on) as cut_last_on,
        cut_days::int,
        coalesce(cut_net - first_net, 0)::bigint as cut_spend
    from histories
    order by customer_id
) to stdout (format binary)

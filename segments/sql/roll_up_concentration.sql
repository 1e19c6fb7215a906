-- Grain: one row of segments_concentrationstep per whole per cent of customers, 1 to 100, the highest net first.
-- Source: segments_customerstats, through its index by monetary. Parameters: store_id.
with ranked as (
    select
        greatest(monetary, 0) as net,
        row_number() over (order by monetary desc, customer_id desc) as place,
        sum(greatest(monetary, 0)) over (
            order by monetary desc, customer_id desc rows unbounded preceding
        ) as total
    from segments_customerstats
    where store_id = %(store_id)s and frequency > 0
),
size as (
    select count(*) as customers from segments_customerstats where store_id = %(store_id)s and frequency > 0
)
insert into segments_concentrationstep (store_id, percent, customers, net, least)
select %(store_id)s, step.percent, ranked.place, ranked.total, ranked.net
from size
cross join generate_series(1, 100) as step (percent)
join ranked on ranked.place = (step.percent * size.customers + 99) / 100
order by step.percent

-- Scores and segments of some customers, or of all, written where they differ; moves where asked for.
-- Grain: one row: `scored` rows that were written, `moved` moves recorded.
-- Sources: segments_customerstats, in one pass without a join with itself; segments_newcomer, which is emptied;
-- segments_customervalue, which has the segment and the day of the last order too.
-- Parameters: store_id; customer_ids (NULL: all of the store); last_on, frequency, monetary: the ascending
-- lowest values of scores 2, 3, ..; cells: segment ids by r, f and m; prospects: the segment without orders
-- (NULL: none); refresh_id: the refresh that records moves from where the one before left people, or NULL
-- to re-score between refreshes, which moves nobody's starting point.
with scored as (
    update segments_customerstats as stats
    set (r, f, m, segment_id, refreshed_segment_id) = (
        select
            fresh.r, fresh.f, fresh.m, place.segment_id,
            case when %(refresh_id)s::bigint is null then stats.refreshed_segment_id else place.segment_id end
        from (
            select
                case when stats.frequency = 0 then 0
                    else 1 + width_bucket(stats.last_on, %(last_on)s::date[]) end as r,
                case when stats.frequency = 0 then 0
                    else 1 + width_bucket(stats.frequency, %(frequency)s::int[]) end as f,
                case when stats.frequency = 0 then 0
                    else 1 + width_bucket(stats.monetary, %(monetary)s::bigint[]) end as m
        ) as fresh
        cross join lateral (
            select case when fresh.r = 0 then %(prospects)s::bigint
                else (%(cells)s::bigint[])[fresh.r][fresh.f][fresh.m] end as segment_id
        ) as place
    )
    where stats.store_id = %(store_id)s
        and (%(customer_ids)s::bigint[] is null or stats.customer_id = any(%(customer_ids)s::bigint[]))
        and (
            -- scores that differ from those of the values
            stats.frequency > 0 and (
                stats.r <> 1 + width_bucket(stats.last_on, %(last_on)s::date[])
                or stats.f <> 1 + width_bucket(stats.frequency, %(frequency)s::int[])
                or stats.m <> 1 + width_bucket(stats.monetary, %(monetary)s::bigint[])
            )
            -- or a segment that differs from that of the scores
            or stats.segment_id is distinct from case when stats.frequency = 0 then %(prospects)s::bigint
                else (%(cells)s::bigint[])[stats.r][stats.f][stats.m] end
            or (%(refresh_id)s::bigint is not null and stats.refreshed_segment_id is distinct from stats.segment_id)
        )
    returning
        new.customer_id,
        old.refreshed_segment_id as before,
        new.segment_id as after,
        new.last_on
),
admitted as (
    insert into segments_customerstats (
        customer_id, store_id, frequency, monetary, last_on,
        lifetime_orders, lifetime_net, first_on, second_on, last_contact_at,
        r, f, m, segment_id, refreshed_segment_id
    )
    select
        newcomer.customer_id, newcomer.store_id, newcomer.frequency, newcomer.monetary, newcomer.last_on,
        newcomer.lifetime_orders, newcomer.lifetime_net, newcomer.first_on, newcomer.second_on,
        newcomer.last_contact_at,
        fresh.r, fresh.f, fresh.m, place.segment_id,
        case when %(refresh_id)s::bigint is not null then place.segment_id end
    from segments_newcomer as newcomer
    cross join lateral (
        select
            case when newcomer.frequency = 0 then 0
                else 1 + width_bucket(newcomer.last_on, %(last_on)s::date[]) end as r,
            case when newcomer.frequency = 0 then 0
                else 1 + width_bucket(newcomer.frequency, %(frequency)s::int[]) end as f,
            case when newcomer.frequency = 0 then 0
                else 1 + width_bucket(newcomer.monetary, %(monetary)s::bigint[]) end as m
    ) as fresh
    cross join lateral (
        select case when fresh.r = 0 then %(prospects)s::bigint
            else (%(cells)s::bigint[])[fresh.r][fresh.f][fresh.m] end as segment_id
    ) as place
    where newcomer.store_id = %(store_id)s
    returning customer_id, null::bigint as before, segment_id as after, last_on
),
emptied as (
    delete from segments_newcomer where store_id = %(store_id)s
),
stood as (
    select * from scored union all select * from admitted
),
valued as (
    update segments_customervalue as value
    set segment_id = stood.after, last_on = stood.last_on
    from stood
    where value.customer_id = stood.customer_id
        and (%(customer_ids)s::bigint[] is null or value.customer_id = any(%(customer_ids)s::bigint[]))
        and (value.segment_id, value.last_on) is distinct from (stood.after, stood.last_on)
),
moved as (
    insert into segments_move (refresh_id, customer_id, before_id, after_id)
    select %(refresh_id)s::bigint, customer_id, before, after
    from stood
    where %(refresh_id)s::bigint is not null and before is distinct from after
    returning 1
)
select
    (select count(*)::int from scored) + (select count(*)::int from admitted) as scored,
    (select count(*)::int from moved) as moved

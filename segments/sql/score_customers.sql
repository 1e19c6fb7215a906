-- Scores and segments of some customers, or of all, written where they differ; moves where asked for.
-- Grain: one row: `scored` rows that were written, `moved` moves recorded.
-- Sources: segments_customerstats, in one pass without a join with itself; segments_freshfigures, whose figures are
-- taken over with their scores and which is emptied; segments_customervalue, which has the segment, the scores and the
-- day of the last order too.
-- Parameters: store_id; customer_ids (NULL: all of the store); last_on, frequency, monetary: the ascending
-- lowest values of scores 2, 3, ..; cells: segment ids by r, f and m; prospects: the segment without orders
-- (NULL: none); refresh_id: the refresh that records moves from where the one before left people, or NULL
-- to re-score between refreshes, which moves nobody's starting point.
-- Run it with enable_nestloop off: a vacuum while statistics are first written finds the table empty, and nested
-- loops planned for an empty table took 47 s for 100,000 customers.
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
        -- as a subselect, so that they are looked up one by one: they are few of all customers
        and (
            %(customer_ids)s::bigint[] is null
            or stats.customer_id = any(array(select unnest(%(customer_ids)s::bigint[])))
        )
        and not exists (select from segments_freshfigures as fresh where fresh.customer_id = stats.customer_id)
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
        new.customer_id, old.refreshed_segment_id as before, new.segment_id as after,
        new.last_on, new.scores,
        old.segment_id as segment_before, old.last_on as last_on_before,
        old.scores as scores_before
),
taken as (
    merge into segments_customerstats as kept
    using (
        select fresh.*, score.r, score.f, score.m, place.segment_id
        from segments_freshfigures as fresh
        cross join lateral (
            select
                case when fresh.frequency = 0 then 0
                    else 1 + width_bucket(fresh.last_on, %(last_on)s::date[]) end as r,
                case when fresh.frequency = 0 then 0
                    else 1 + width_bucket(fresh.frequency, %(frequency)s::int[]) end as f,
                case when fresh.frequency = 0 then 0
                    else 1 + width_bucket(fresh.monetary, %(monetary)s::bigint[]) end as m
        ) as score
        cross join lateral (
            select case when score.r = 0 then %(prospects)s::bigint
                else (%(cells)s::bigint[])[score.r][score.f][score.m] end as segment_id
        ) as place
        where fresh.store_id = %(store_id)s
    ) as fresh on kept.customer_id = fresh.customer_id
        -- repeated, so that they are looked up one by one: few customers have fresh figures
        and kept.customer_id = any(array(
            select customer_id from segments_freshfigures where store_id = %(store_id)s
        ))
    when matched then update set
        frequency = fresh.frequency,
        monetary = fresh.monetary,
        last_on = fresh.last_on,
        lifetime_orders = fresh.lifetime_orders,
        lifetime_net = fresh.lifetime_net,
        first_on = fresh.first_on,
        second_on = fresh.second_on,
        due_on = fresh.due_on,
        last_contact_on = fresh.last_contact_on,
        r = fresh.r,
        f = fresh.f,
        m = fresh.m,
        segment_id = fresh.segment_id,
        refreshed_segment_id = case when %(refresh_id)s::bigint is null then kept.refreshed_segment_id
            else fresh.segment_id end
    when not matched then insert (
        customer_id, store_id, frequency, monetary, last_on,
        lifetime_orders, lifetime_net, first_on, second_on, due_on, last_contact_on,
        r, f, m, segment_id, refreshed_segment_id
    ) values (
        fresh.customer_id, fresh.store_id, fresh.frequency, fresh.monetary, fresh.last_on,
        fresh.lifetime_orders, fresh.lifetime_net, fresh.first_on, fresh.second_on, fresh.due_on,
        fresh.last_contact_on,
        fresh.r, fresh.f, fresh.m, fresh.segment_id,
        case when %(refresh_id)s::bigint is not null then fresh.segment_id end
    )
    returning
        new.customer_id, old.refreshed_segment_id as before, new.segment_id as after,
        new.last_on, new.scores,
        old.segment_id as segment_before, old.last_on as last_on_before,
        old.scores as scores_before
),
emptied as (
    delete from segments_freshfigures where store_id = %(store_id)s
),
stood as (
    select * from scored union all select * from taken
),
valued as (
    update segments_customervalue as value
    set segment_id = stood.after, scores = stood.scores, last_on = stood.last_on
    from stood
    where value.customer_id = stood.customer_id
        -- looked up one by one, as they are few of all who have a value
        and value.customer_id = any(array(
            select customer_id from stood
            where (segment_before, scores_before, last_on_before) is distinct from (after, scores, last_on)
        ))
        and (value.segment_id, value.scores, value.last_on)
            is distinct from (stood.after, stood.scores, stood.last_on)
),
moved as (
    insert into segments_move (refresh_id, customer_id, before_id, after_id)
    select %(refresh_id)s::bigint, customer_id, before, after
    from stood
    where %(refresh_id)s::bigint is not null and before is distinct from after
    returning 1
)
select
    (select count(*)::int from stood) as scored,
    (select count(*)::int from moved) as moved

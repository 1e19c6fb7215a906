"""Tallies of who has which figures and stands where, kept by triggers of the statistics.

They fire once a statement and read its transition tables. Of an update they look at the rows whose counted columns
differ, and of their figures only where these do: most of a night's rows change scores alone.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from lib import sql

CREATE = """
alter table segments_figuretally add constraint figure_tally_of_store
    foreign key (store_id) references accounts_store on delete cascade;
alter table segments_standingtally add constraint standing_tally_of_store
    foreign key (store_id) references accounts_store on delete cascade;

create function segments_leading_digits(amount bigint) returns bigint language sql immutable parallel safe as $$
    select amount - amount % power(10, greatest(floor(log(greatest(abs(amount), 1)::float8)) - 1, 0))::bigint
$$;

create function segments_tally() returns trigger language plpgsql as $$
declare
    changed text := case tg_op
        when 'INSERT' then
            'select 1 as sign, true as differs, store_id, segment_id, r, f, frequency, monetary, last_on, first_on
            from new_stats'
        when 'DELETE' then
            'select -1 as sign, true as differs, store_id, segment_id, r, f, frequency, monetary, last_on, first_on
            from old_stats'
        else
            'select
                side.sign,
                (old.frequency, old.monetary, old.last_on, old.first_on)
                    is distinct from (new.frequency, new.monetary, new.last_on, new.first_on) as differs,
                side.store_id, side.segment_id, side.r, side.f,
                side.frequency, side.monetary, side.last_on, side.first_on
            from old_stats as old
            join new_stats as new using (customer_id)
            cross join lateral (values
                (-1, old.store_id, old.segment_id, old.r, old.f,
                    old.frequency, old.monetary, old.last_on, old.first_on),
                (1, new.store_id, new.segment_id, new.r, new.f,
                    new.frequency, new.monetary, new.last_on, new.first_on)
            ) as side (sign, store_id, segment_id, r, f, frequency, monetary, last_on, first_on)
            where (
                old.segment_id, old.r, old.f, old.frequency, old.monetary, old.last_on, old.first_on
            ) is distinct from (
                new.segment_id, new.r, new.f, new.frequency, new.monetary, new.last_on, new.first_on
            )'
        end;
begin
    execute format('
        with changed as materialized (%s),
        figures as (
            select store_id, 1 as figure, last_on - date ''0001-01-01'' + 1 as value, sign
            from changed where differs and frequency > 0
            union all
            select store_id, 2, frequency, sign from changed where differs and frequency > 0
            union all
            select store_id, 3, segments_leading_digits(monetary), sign from changed where differs and frequency > 0
            union all
            select store_id, 4, first_on - date ''0001-01-01'' + 1, sign
            from changed where differs and first_on is not null
        ),
        tallied as (
            insert into segments_figuretally as kept (store_id, figure, value, customers)
            select store_id, figure, value, sum(sign)
            from figures
            group by store_id, figure, value
            having sum(sign) <> 0
            on conflict (store_id, figure, value) do update set customers = kept.customers + excluded.customers
        )
        insert into segments_standingtally as kept
            (store_id, segment_id, r, f, customers, orders, revenue, last_days)
        select
            store_id, segment_id, r, f,
            sum(sign), sum(sign * frequency), sum(sign * monetary),
            coalesce(sum(sign * (last_on - date ''0001-01-01'' + 1)), 0)
        from changed
        group by store_id, segment_id, r, f
        on conflict (store_id, segment_id, r, f) do update set
            customers = kept.customers + excluded.customers,
            orders = kept.orders + excluded.orders,
            revenue = kept.revenue + excluded.revenue,
            last_days = kept.last_days + excluded.last_days', changed);
    return null;
end $$;

create function segments_forget_tallies() returns trigger language plpgsql as $$
begin
    -- not truncated: they may be among the tables that are truncated with it
    delete from segments_figuretally;
    delete from segments_standingtally;
    return null;
end $$;

create trigger tally_inserted after insert on segments_customerstats
    referencing new table as new_stats
    for each statement execute function segments_tally();
create trigger tally_updated after update on segments_customerstats
    referencing old table as old_stats new table as new_stats
    for each statement execute function segments_tally();
create trigger tally_deleted after delete on segments_customerstats
    referencing old table as old_stats
    for each statement execute function segments_tally();
create trigger forget_tallies after truncate on segments_customerstats
    for each statement execute function segments_forget_tallies();

"""

DROP = """
alter table segments_standingtally drop constraint standing_tally_of_store;
alter table segments_figuretally drop constraint figure_tally_of_store;
drop trigger forget_tallies on segments_customerstats;
drop trigger tally_deleted on segments_customerstats;
drop trigger tally_updated on segments_customerstats;
drop trigger tally_inserted on segments_customerstats;
drop function segments_forget_tallies();
drop function segments_tally();
drop function segments_leading_digits(bigint);
"""


def count(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Of the statistics that there are already, as a rebuild counts."""
    for store_id in apps.get_model("accounts", "Store").objects.values_list("pk", flat=True):
        sql.one("segments", "recount_tallies", {"store_id": store_id})


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_wording'),
        ('segments', '0703_one_index_a_sort'),
    ]

    operations = [
        migrations.CreateModel(
            name='FigureTally',
            fields=[
                ('pk', models.CompositePrimaryKey('store_id', 'figure', 'value', blank=True, editable=False, primary_key=True, serialize=False)),
                ('figure', models.SmallIntegerField(choices=[(1, 'Day of the last order'), (2, 'Orders'), (3, 'Money, its first two digits'), (4, 'Day of the first order ever')])),
                ('value', models.BigIntegerField()),
                ('customers', models.IntegerField()),
                ('store', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.store')),
            ],
        ),
        migrations.CreateModel(
            name='StandingTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('r', models.PositiveSmallIntegerField()),
                ('f', models.PositiveSmallIntegerField()),
                ('customers', models.IntegerField()),
                ('orders', models.BigIntegerField()),
                ('revenue', models.BigIntegerField()),
                ('last_days', models.BigIntegerField()),
                ('segment', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='segments.segment')),
                ('store', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.store')),
            ],
        ),
        migrations.DeleteModel(
            name='ArrivalDay',
        ),
        migrations.AddConstraint(
            model_name='standingtally',
            constraint=models.UniqueConstraint(fields=('store', 'segment', 'r', 'f'), name='one_tally_a_standing', nulls_distinct=False),
        ),
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]

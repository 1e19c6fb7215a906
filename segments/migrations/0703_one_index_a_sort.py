import datetime
import django.db.models.functions.comparison
from django.db import migrations, models


# The day of the last contact is the store's, as every day is.
AS_A_DAY = """
update segments_customerstats as stats
set last_contact_on = (stats.last_contact_at at time zone store.timezone)::date
from accounts_store as store
where store.id = stats.store_id and stats.last_contact_at is not null
"""
# Of expressions in an index the planner knows nothing until then.
KNOW = "analyze segments_customerstats; analyze segments_customervalue"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_wording'),
        ('orders', '0010_few_customers'),
        ('segments', '0702_fresh_figures'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_by_frequency',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_segment_frequency',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_by_due',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_segment_due',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_by_contact',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_segment_contact',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_by_last_day',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_segment_last_day',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_by_scores',
        ),
        migrations.RemoveIndex(
            model_name='customervalue',
            name='value_by_p_alive',
        ),
        migrations.RemoveIndex(
            model_name='customervalue',
            name='value_by_value',
        ),
        migrations.RemoveIndex(
            model_name='customervalue',
            name='value_segment_value',
        ),
        migrations.RemoveIndex(
            model_name='customervalue',
            name='value_segment_p_alive',
        ),
        migrations.RemoveIndex(
            model_name='customervalue',
            name='value_by_last_day',
        ),
        migrations.RemoveIndex(
            model_name='customerstats',
            name='stats_by_monetary',
        ),
        migrations.AddField(
            model_name='customerstats',
            name='last_contact_on',
            field=models.DateField(help_text='The day they were last told something about one of their orders (orders.OrderEvent).', null=True),
        ),
        migrations.AddField(
            model_name='freshfigures',
            name='last_contact_on',
            field=models.DateField(help_text='The day they were last told something about one of their orders (orders.OrderEvent).', null=True),
        ),
        migrations.RunSQL(AS_A_DAY, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='customerstats',
            name='last_contact_at',
        ),
        migrations.RemoveField(
            model_name='freshfigures',
            name='last_contact_at',
        ),
        migrations.AddIndex(
            model_name='customerstats',
            index=models.Index(models.F('store'), models.OrderBy(django.db.models.functions.comparison.Coalesce('last_on', models.Value(datetime.date(1, 1, 1)), output_field=models.DateField()), descending=True), models.OrderBy(django.db.models.functions.comparison.Coalesce('segment_id', models.Value(0), output_field=models.BigIntegerField()), descending=True), models.OrderBy(models.F('monetary'), descending=True), models.OrderBy(models.F('customer'), descending=True), include=('segment', 'last_on'), name='stats_by_last_day'),
        ),
        migrations.AddIndex(
            model_name='customerstats',
            index=models.Index(models.F('store'), models.OrderBy(models.F('frequency'), descending=True), models.OrderBy(django.db.models.functions.comparison.Coalesce('segment_id', models.Value(0), output_field=models.BigIntegerField()), descending=True), models.OrderBy(models.F('customer'), descending=True), include=('segment',), name='stats_by_frequency'),
        ),
        migrations.AddIndex(
            model_name='customerstats',
            index=models.Index(models.F('store'), models.OrderBy(django.db.models.functions.comparison.Coalesce('last_contact_on', models.Value(datetime.date(1, 1, 1)), output_field=models.DateField()), descending=True), models.OrderBy(django.db.models.functions.comparison.Coalesce('segment_id', models.Value(0), output_field=models.BigIntegerField()), descending=True), models.OrderBy(models.F('customer'), descending=True), include=('segment', 'last_contact_on'), name='stats_by_contact'),
        ),
        migrations.AddIndex(
            model_name='customerstats',
            index=models.Index(models.F('store'), models.OrderBy(models.F('due_on'), descending=True), models.OrderBy(django.db.models.functions.comparison.Coalesce('segment_id', models.Value(0), output_field=models.BigIntegerField()), descending=True), models.OrderBy(models.F('customer'), descending=True), condition=models.Q(('due_on__isnull', False)), include=('segment',), name='stats_by_due'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(models.F('store'), models.OrderBy(models.F('expected_value'), descending=True), models.OrderBy(django.db.models.functions.comparison.Coalesce('segment_id', models.Value(0), output_field=models.BigIntegerField()), descending=True), models.OrderBy(models.F('customer'), descending=True), condition=models.Q(('expected_value__isnull', False)), include=('segment', 'p_alive'), name='value_by_value'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(models.F('store'), models.OrderBy(models.F('p_alive'), descending=True), models.OrderBy(django.db.models.functions.comparison.Coalesce('segment_id', models.Value(0), output_field=models.BigIntegerField()), descending=True), models.OrderBy(models.F('customer'), descending=True), condition=models.Q(('p_alive__isnull', False)), include=('segment', 'expected_value'), name='value_by_p_alive'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(models.F('store'), models.OrderBy(django.db.models.functions.comparison.Coalesce('last_on', models.Value(datetime.date(1, 1, 1)), output_field=models.DateField()), descending=True), models.OrderBy(models.F('expected_value'), descending=True), models.OrderBy(models.F('customer'), descending=True), condition=models.Q(('expected_value__isnull', False)), include=('last_on', 'segment'), name='value_by_last_day'),
        ),
        migrations.AddIndex(
            model_name='customerstats',
            index=models.Index(fields=['store', '-monetary', '-customer'], include=('last_on',), name='stats_by_monetary'),
        ),
        migrations.RunSQL(KNOW, migrations.RunSQL.noop),
    ]

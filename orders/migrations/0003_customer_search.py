import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ("orders", "0002_dirty_log"),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(models.F('store'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('name'), 'text_pattern_ops'), name='customer_name'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(models.F('store'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower(models.Func(models.F('name'), models.Value(' '), models.Value(-1), function='split_part', output_field=models.CharField())), 'text_pattern_ops'), name='customer_last_name'),
        ),
    ]

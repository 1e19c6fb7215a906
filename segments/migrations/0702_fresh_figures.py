from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0701_values_apart'),
    ]

    operations = [
        migrations.RenameModel('Newcomer', 'FreshFigures'),
        migrations.AddField(
            model_name='freshfigures',
            name='due_on',
            field=models.DateField(help_text='Last visit and one usual gap more (segments.customers.cadence); NULL without a gap.', null=True),
        ),
        migrations.AlterField(
            model_name='customerstats',
            name='due_on',
            field=models.DateField(help_text='Last visit and one usual gap more (segments.customers.cadence); NULL without a gap.', null=True),
        ),
    ]

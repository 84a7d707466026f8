from django.db import migrations

from zestech_aftersales.timeline.insert_only import guard


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial")]

    operations = [guard("timeline_event", "timeline_eventseal")]

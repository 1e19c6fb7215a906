from django.apps import AppConfig


class LoyaltySiteConfig(AppConfig):
    name = "loyalty_site"
    verbose_name = "Regulars"

    def ready(self) -> None:
        from loyalty_site import checks, pipeline  # noqa: F401 - importing checks registers them

        pipeline.connect()

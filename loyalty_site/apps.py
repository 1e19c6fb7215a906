from django.apps import AppConfig


class LoyaltySiteConfig(AppConfig):
    name = "loyalty_site"
    verbose_name = "Regulars"

    def ready(self) -> None:
        from loyalty_site import checks  # noqa: F401 - registers them

import gc

from django.apps import AppConfig


class LoyaltySiteConfig(AppConfig):
    name = "loyalty_site"
    verbose_name = "Regulars"

    def ready(self) -> None:
        from loyalty_site import checks, pipeline  # noqa: F401 - importing checks registers them

        pipeline.connect()
        # What is loaded by now stays until the process ends. The garbage collector needn't look through it, neither
        # while the process works nor at its end, where that alone took a tenth of a second.
        gc.freeze()
        gc.enable()

"""The services of clause 2.1.1 and the methods of clause 2.2.1."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ServiceMethod(TextChoices):
    """How a service reaches the buyer (2.2.1)."""

    DOOR = "door", _("Engineer to your door")
    POINT = "point", _("Local service point")
    # Video guidance needs no visit; booked alone it runs the solution clock of 2.3.2.
    REMOTE = "remote", _("Remote, by video")


class ServiceType(TextChoices):
    """What is done (2.1.1); the clause's list is open, LOCAL takes what is arranged locally."""

    VIDEO = "video_guidance", _("Video technical guidance")
    INSTALLATION = "installation", _("Product installation")
    DEBUGGING = "debugging", _("Program debugging")
    FAULT_DETECTION = "fault_detection", _("Fault detection")
    PARTS_DELIVERY = "parts_delivery", _("Spare parts delivery")
    PARTS_REPLACEMENT = "parts_replacement", _("Replacement of accessories")
    LOCAL = "local_service", _("Other local service")

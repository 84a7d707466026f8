"""The models of the timeline, one thing a file."""

from zestech_aftersales.timeline.models.decision import Decision, DecisionState
from zestech_aftersales.timeline.models.delivery import Delivery, DeliveryState, Medium
from zestech_aftersales.timeline.models.event import Event
from zestech_aftersales.timeline.models.heartbeat import Heartbeat
from zestech_aftersales.timeline.models.seal import EventSeal, StreamHead
from zestech_aftersales.timeline.models.undelivered import Undelivered
from zestech_aftersales.timeline.models.verification import Verification

__all__ = [
    "Decision",
    "DecisionState",
    "Delivery",
    "DeliveryState",
    "Event",
    "EventSeal",
    "Heartbeat",
    "Medium",
    "StreamHead",
    "Undelivered",
    "Verification",
]

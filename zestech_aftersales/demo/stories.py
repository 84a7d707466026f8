"""A few cases in every state, so that each page of the demo shows life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cases.models import ServiceCase
from cases.sweep import sweep
from sellers.models import Engineer, ServicePoint
from zestech_aftersales.demo.course import DAY, HOUR, Course, cover_of, drawn_photo
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

DOOR, POINT, REMOTE = ServiceMethod.DOOR, ServiceMethod.POINT, ServiceMethod.REMOTE


@dataclass(frozen=True, slots=True)
class Story:
    """A case on a line of one of the demo's orders; its title is what it is known by."""

    title: str
    order: str
    position: int
    play: Callable[[Course, str], None]


def tell_stories(*, now: datetime) -> int:
    """Play every story that has not been played yet, then let the sweep pass; how many were played.

    A later call plays none of them again and changes nothing.
    """
    played = 0
    for story in STORIES:
        cover = cover_of(story.order, story.position)
        if not ServiceCase.objects.filter(cover=cover, title=story.title).exists():
            story.play(Course(cover, now=now), story.title)
            played += 1
    if played:
        # What nobody answered in time: the same sweep that runs every second.
        sweep(now=lambda: now)
    return played


def _engineer() -> Engineer:
    return Engineer.objects.get(user__email="engineer@example.com")


def fresh(course: Course, title: str) -> None:
    """Asked five hours ago; a question is no effective response, so the clock runs on."""
    course.request(
        5 * HOUR, title=title, method=DOOR, service_type=ServiceType.FAULT_DETECTION,
        description=(
            "The unit boots, but the steering-wheel buttons and the reversing camera do nothing. "
            "Fault code on the CAN box: E-17. Could an engineer come next week?"
        ),
        wish="Next week, mornings", photos=[drawn_photo("can-box.jpg")],
    )  # fmt: skip
    course.say(4 * HOUR, "Thank you, we have your photos. Which model year is the car?")


def proposed(course: Course, title: str) -> None:
    """The seller has answered; the buyer decides."""
    course.request(
        30 * HOUR, title=title, method=DOOR, service_type=ServiceType.FAULT_DETECTION,
        description="The picture is there, the coloured lines are not.",
    )  # fmt: skip
    course.offer(9 * HOUR, course.window(3, 9), course.window(4, 14), engineer=_engineer())


def countered(course: Course, title: str) -> None:
    """The buyer wishes for another time; the seller's 48 hours run anew."""
    course.request(
        40 * HOUR, title=title, method=DOOR, service_type=ServiceType.DEBUGGING,
        description="The update stops at 80 % and starts again.",
    )  # fmt: skip
    course.offer(22 * HOUR, course.window(2, 15), engineer=_engineer())
    course.counter(6 * HOUR, "After five in the afternoon, please; I am at work before.")


def agreed(course: Course, title: str) -> None:
    """Agreed, and to be confirmed by the seller within 14 natural days."""
    course.request(
        6 * DAY, title=title, method=DOOR, service_type=ServiceType.INSTALLATION,
        description="Three cameras, three cars, one afternoon.",
    )  # fmt: skip
    course.offer(5 * DAY, course.window(4, 13), engineer=_engineer())
    course.accept(2 * DAY)


def confirmed(course: Course, title: str) -> None:
    """A visit that is planned; the engineer sees it."""
    course.request(
        9 * DAY, title=title, method=DOOR, service_type=ServiceType.INSTALLATION,
        description="Two of three units are fitted; the third needs your help.",
    )  # fmt: skip
    course.offer(8 * DAY + 6 * HOUR, course.window(2, 9), engineer=_engineer())
    course.accept(7 * DAY)
    course.confirm(6 * DAY, _engineer())
    course.acknowledge(5 * DAY)


def completed(course: Course, title: str) -> None:
    """From the request to the report."""
    course.request(
        25 * DAY, title=title, method=DOOR, service_type=ServiceType.FAULT_DETECTION,
        description="Every few minutes the sound is gone for a second.",
    )  # fmt: skip
    course.offer(24 * DAY + 9 * HOUR, course.window(-20, 9), engineer=_engineer())
    course.accept(24 * DAY)
    course.confirm(23 * DAY, _engineer())
    course.acknowledge(22 * DAY)
    course.check_in(20 * DAY)
    course.complete(20 * DAY - 2 * HOUR, "Aerial adapter replaced, reception measured, radio runs.")


def unanswered(course: Course, title: str) -> None:
    """Nobody answered: the sweep finds it, and it counts from the due instant."""
    course.request(
        62 * HOUR, title=title, method=DOOR, service_type=ServiceType.FAULT_DETECTION,
        description="The camera shows the road above and the sky below.",
    )  # fmt: skip


def too_late(course: Course, title: str) -> None:
    """The page said 72 hours, which is void; the answer came after 52 and stands as a late offer."""
    course.request(
        55 * HOUR, title=title, method=DOOR, service_type=ServiceType.DEBUGGING,
        description="After an hour in the sun the screen stays black.",
    )  # fmt: skip
    course.offer_late(3 * HOUR, course.window(2, 11))


def at_the_point(course: Course, title: str) -> None:
    """A published time at a service point; accepting the solution confirms it."""
    point = ServicePoint.objects.get(name="Berlin workshop")
    slot = point.slots_between(course.now + DAY, course.now + 8 * DAY)[2]
    course.request(
        20 * HOUR, title=title, method=POINT, service_type=ServiceType.DEBUGGING, point=point,
        slot_starts_at=slot.starts_at, description="Doors and lights are not shown on the screen.",
    )  # fmt: skip
    course.offer(
        10 * HOUR, plan="Read the adapter, load the profile of the car, test every signal; about an hour.",
        next_step="Come at the booked time", next_step_at=slot.starts_at,
    )  # fmt: skip
    course.accept(8 * HOUR)


def in_service(course: Course, title: str) -> None:
    """A point without published times; the unit lies on the bench now."""
    course.request(
        3 * DAY, title=title, method=POINT, service_type=ServiceType.FAULT_DETECTION,
        point=ServicePoint.objects.get(name="Gdańsk partner"), description="No power since the last ride.",
    )  # fmt: skip
    course.offer(2 * DAY + 6 * HOUR, course.window(0, 8), plan="Check the fuse and the loom, replace what is broken.")
    course.accept(2 * DAY)
    course.check_in(HOUR)


def by_video(course: Course, title: str) -> None:
    """Video guidance needs no visit."""
    course.request(
        3 * HOUR, title=title, method=REMOTE, service_type=ServiceType.VIDEO,
        description="The numbers stand mirrored on the windscreen.",
    )  # fmt: skip


def solution_offered(course: Course, title: str) -> None:
    """A plan for a talk by video, with the four items of 3.1; accepting it confirms."""
    course.request(
        26 * HOUR, title=title, method=REMOTE, service_type=ServiceType.FAULT_DETECTION,
        description="It stops recording after ten minutes, with any card.",
    )  # fmt: skip
    course.offer(
        5 * HOUR, course.window(1, 15), plan="We look at the settings together and read the log; a new card slot if needed."
    )  # fmt: skip


def refused(course: Course, title: str) -> None:
    """An express refusal ends it at once."""
    course.request(
        4 * DAY, title=title, method=DOOR, service_type=ServiceType.FAULT_DETECTION,
        description="A hum that rises with the engine.",
    )  # fmt: skip
    course.refuse(4 * DAY - 9 * HOUR, "We have no engineer in this month.")


def cancelled(course: Course, title: str) -> None:
    """Withdrawn inside the limit: no violation."""
    course.request(
        3 * DAY, title=title, method=DOOR, service_type=ServiceType.INSTALLATION,
        description="The charger is to move to the other wall.",
    )  # fmt: skip
    course.cancel(3 * DAY - 4 * HOUR, "The house is sold.")


def lapsed(course: Course, title: str) -> None:
    """The buyer did not decide for seven natural days: nobody's fault."""
    course.request(
        11 * DAY, title=title, method=DOOR, service_type=ServiceType.FAULT_DETECTION,
        description="The left channel is quieter.",
    )  # fmt: skip
    course.offer(10 * DAY, course.window(-1, 9))


STORIES = (
    Story("Radio drops out", "#1041", 1, completed),
    Story("Left channel too quiet", "ZJ-55003", 1, lapsed),
    Story("Fit the third head unit", "ZS-104262", 1, confirmed),
    Story("Fit three cameras", "ZS-104262", 2, agreed),
    Story("Hum in the loudspeakers", "ZS-104190", 1, refused),
    Story("Move the charger", "ZS-104202", 1, cancelled),
    Story("Adapter without power", "#1042", 1, in_service),
    Story("Camera picture upside down", "#1041", 3, unanswered),
    Story("Screen stays black", "ZS-104177", 1, too_late),
    Story("Firmware update fails at 80 %", "ZJ-55001", 1, countered),
    Story("Dash camera stops recording", "#1046", 2, solution_offered),
    Story("Camera guide lines missing", "ZS-104101", 2, proposed),
    Story("Vehicle data not shown", "#1041", 2, at_the_point),
    Story("No CAN-bus signal after installation", "ZS-104101", 1, fresh),
    Story("Head-up picture is mirrored", "ZS-104150", 1, by_video),
)

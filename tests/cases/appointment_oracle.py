"""What becomes of a door visit, told by the instants at which its commands were received; written without our code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEFORE_SERVICE = ("requested", "proposed", "countered", "agreed", "confirmed")
# Shanghai has had no summer time since 1991.
SHANGHAI = 8 * HOUR


def day_end(at: datetime) -> datetime:
    """The 24:00 in Shanghai at or after an instant."""
    local = at.astimezone(UTC) + SHANGHAI
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight if midnight == local else midnight + DAY) - SHANGHAI


def days_after(at: datetime, days: int) -> datetime:
    """24:00 of the n-th natural day after the day of an instant."""
    return day_end(at + timedelta(microseconds=1)) + days * DAY


@dataclass
class Story:
    """An appointment told from its request on; a method is a command, received in the order of the calls."""

    received_at: datetime
    state: str = "requested"
    due: dict[str, datetime] = field(default_factory=dict)
    ended_at: datetime | None = None
    standing: str = ""
    is_confirming: bool = False
    # Since when the 14 days stand still, and how long they did before.
    paused_at: datetime | None = None
    paused: timedelta = timedelta()
    # The offers since the last clock was answered, each with whether the buyer has flagged it; the last one stands.
    offers: list[list[datetime | bool]] = field(default_factory=list)
    answered: tuple[str, datetime] = ("", datetime.max.replace(tzinfo=UTC))
    is_held: bool = False
    # Since when the buyer's own time stands, and until when it would have run.
    flagged_at: datetime | None = None
    silence: datetime | None = None

    def __post_init__(self) -> None:
        self.due = {"response": self.received_at + 48 * HOUR}
        self._confirm_from(self.received_at)

    def running(self) -> dict[str, datetime | None]:
        """The clocks that run with their due instants; None while the buyer decides."""
        paused = {"confirmation": None} if self.is_confirming and self.paused_at else {}
        flagged = {"buyer_silence": None} if self.flagged_at else {}
        return {**self.due, **paused, **flagged}

    def pass_time(self, at: datetime) -> None:
        """What ran out before `at` counts from its due instant."""
        missed = [(due, clock) for clock, due in self.due.items() if due < at and clock != "offer_ruling"]
        if missed:
            due, clock = min(missed, key=lambda each: each[0])
            self._end("lapsed" if clock == "buyer_silence" else "deemed_refused", due)
            self.standing = "" if self.state == "lapsed" else self.standing

    def offer(self, at: datetime) -> None:
        self.pass_time(at)
        if self.state in ("requested", "countered"):
            [(clock, due)] = [each for each in self.due.items() if each[0] != "confirmation"]
            self.answered, self.offers = (clock, due), []
            self.state, self.standing = "proposed", "seller"
            self.paused_at = at
            self._wait_for_buyer(at)
        elif self.state in ("refused", "deemed_refused"):
            self.standing = "seller"

    def revise(self, at: datetime) -> None:
        self.pass_time(at)
        if self.state == "proposed":
            self._wait_for_buyer(at)

    def flag(self, at: datetime) -> None:
        self.pass_time(at)
        if self.state == "proposed" and not self.flagged_at and not self.is_held:
            self.offers[-1][1], self.flagged_at = True, at
            self.silence = self.due.pop("buyer_silence")
            self.due["offer_ruling"] = days_after(at, 3)

    def uphold(self, at: datetime) -> None:
        """The auditor holds the flagged offer reasonable: the buyer's time goes on."""
        if self.flagged_at and self.silence:
            self.due = {"buyer_silence": day_end(self.silence + (at - self.flagged_at))}
            self.flagged_at, self.is_held = None, True

    def quash(self, at: datetime) -> None:
        """The auditor holds it unreasonable: as if it had not been made."""
        if not self.flagged_at:
            return
        clock, due = self.answered
        self.offers.pop()
        in_time = [made for made, was_flagged in self.offers if made <= due and not was_flagged]
        if due < at and in_time:
            self.offers = [each for each in self.offers if each[0] < in_time[-1]]
            self._wait_for_buyer(at, made_at=in_time[-1])
            return
        self.flagged_at, self.state, self.standing, self.due = None, "requested", "", {clock: due}
        self._go_on(at)
        self.pass_time(at)

    def counter(self, at: datetime) -> None:
        self.pass_time(at)
        if self.state == "proposed":
            self.state, self.standing, self.flagged_at = "countered", "buyer", None
            self.due = {"counter": at + 48 * HOUR}
            self._go_on(at)

    def accept(self, at: datetime) -> None:
        """By the buyer, an offer of the seller."""
        self.pass_time(at)
        if self.state == "proposed":
            self.due, self.flagged_at = {}, None
            self._go_on(at)
        elif self.state in ("refused", "deemed_refused") and self.standing == "seller":
            self.ended_at = None
            self._confirm_from(at)
        else:
            return
        self.state, self.standing = "agreed", ""

    def take(self, at: datetime) -> None:
        """The seller accepts the counter-offer."""
        self.pass_time(at)
        if self.state == "countered":
            self.state, self.standing = "agreed", ""
            self.due.pop("counter")

    def confirm(self, at: datetime) -> None:
        self.pass_time(at)
        if self.state == "agreed":
            self.state, self.due, self.is_confirming = "confirmed", {}, False

    def refuse(self, at: datetime) -> None:
        self.pass_time(at)
        if self.state in BEFORE_SERVICE:
            self._end("refused", at)
            self.standing = ""

    def cancel(self, at: datetime) -> None:
        self.pass_time(at)
        if self.state in BEFORE_SERVICE:
            self._end("cancelled", at)
            self.standing = ""

    def _end(self, state: str, at: datetime) -> None:
        self.state, self.ended_at, self.due, self.is_confirming, self.flagged_at = state, at, {}, False, None

    def _wait_for_buyer(self, at: datetime, made_at: datetime | None = None) -> None:
        """An offer stands, made now or earlier; the buyer has 7 natural days to decide."""
        self.offers.append([made_at or at, False])
        self.flagged_at, self.is_held, self.due = None, False, {"buyer_silence": days_after(at, 7)}

    def _confirm_from(self, at: datetime) -> None:
        self.is_confirming, self.paused_at, self.paused = True, None, timedelta()
        self.confirmation = self.due["confirmation"] = days_after(at, 14)

    def _go_on(self, at: datetime) -> None:
        assert self.paused_at is not None
        self.paused += at - self.paused_at
        self.paused_at = None
        self.due["confirmation"] = day_end(self.confirmation + self.paused)

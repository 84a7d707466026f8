"""Why a miss was taken back, or a limit was counted anew: as the correcting events keep it, and their words go by it."""

from __future__ import annotations

# The buyer has said himself that the answer reached him in time.
ACKNOWLEDGED = "acknowledged"
# An answer of the seller, or something that the buyer did, was received in time and committed only after the miss.
IN_TIME, BUYER_IN_TIME = "in_time", "buyer_in_time"
# What has moved the limit: a claimed exclusion that was decided on or has ended, the platform's outage, a promise that
# was judged, or whose judgement was put right.
PAUSE, OUTAGE, PROMISE, PUT_RIGHT = "pause", "outage", "promise", "put_right"
CAUSES = (ACKNOWLEDGED, IN_TIME, BUYER_IN_TIME, PAUSE, OUTAGE, PROMISE, PUT_RIGHT)

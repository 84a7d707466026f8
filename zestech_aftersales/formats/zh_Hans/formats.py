"""Simplified Chinese: the seconds count here, and no instant stands without its offset (T11)."""

DATETIME_FORMAT = "Y年n月j日 H:i:s O"
DATE_FORMAT = "Y年n月j日"
TIME_FORMAT = "H:i:s"

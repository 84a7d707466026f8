"""English: the seconds count here, and no instant stands without its offset (T11)."""

DATETIME_FORMAT = "j M Y, H:i:s O"
DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i:s"

"""The staff desk: what waits for whom, figures, saved filters, exports, reading access; the frame of the admin."""

"""Reminders: at which share of a limit, to whom, in what words; and what the platform watches itself."""

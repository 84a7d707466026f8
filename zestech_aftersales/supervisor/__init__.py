"""The small supervisor of `manage.py up`: starts the programs, restarts them, and leaves none behind."""

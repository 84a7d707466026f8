"""Management commands that belong to no single app."""

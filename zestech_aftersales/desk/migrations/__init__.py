"""The tables of the staff desk, as they came to be."""

"""Template tags of the staff desk."""

"""Orders from a shop's files: one reader per format, all of them giving the same records with their line numbers."""

"""Who hears of what is judged, and in what words."""

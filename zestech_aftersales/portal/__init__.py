"""The buyers' web portal."""

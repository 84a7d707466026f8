"""The sellers' dashboard."""

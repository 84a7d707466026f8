"""What happened, sealed against change, and who was told of it."""

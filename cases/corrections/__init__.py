"""When a fact turns out otherwise: a miss taken back or moved, and what came meanwhile applied as it was received (T9, T10)."""

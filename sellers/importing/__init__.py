"""Products from a shop's file: rows read and checked one by one, the refused ones told with their line."""

"""What the program can do, measured against what PostgreSQL can do: `python -m benchmarks`."""

"""What is read of the judgement, always through the person who asks; one thing a file."""

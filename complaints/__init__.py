"""What is judged: complaints, audits and violations."""

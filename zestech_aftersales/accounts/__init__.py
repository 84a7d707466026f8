"""People: who they are, how they log in, and as whom they act."""

"""What is done to a seller's things: one module a thing, one durable transaction an action."""

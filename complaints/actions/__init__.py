"""What is done: one verb a function, each in one transaction (see `zestech_aftersales.action`)."""

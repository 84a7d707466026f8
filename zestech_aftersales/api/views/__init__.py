"""The resources: each view parses, calls one action, answers."""

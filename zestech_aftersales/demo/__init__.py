"""The demo: people, sellers, the files under demo/ and a few cases, all through the real imports and actions."""

"""The templates that ship with Kian."""

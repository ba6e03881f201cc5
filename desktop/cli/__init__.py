"""The terminal: every command of `kian`. One of the two composition roots."""

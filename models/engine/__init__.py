"""Running a language model: the protocol and its implementations."""

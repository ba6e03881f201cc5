"""One recognizer per kind of personal information."""

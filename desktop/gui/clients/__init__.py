"""Worker processes seen as Qt signals."""

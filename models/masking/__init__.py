"""Finding and masking personal information in Japanese text."""

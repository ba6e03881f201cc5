"""A text longer than the model's context: cut where a reader would, read in parts, brought together."""

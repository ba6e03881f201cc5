"""Item models (Qt model/view)."""

"""The prompt library: templates, search and sharing by file. No Qt, no models."""

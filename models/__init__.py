"""Everything that runs a model on text, locally. No Qt, no network."""

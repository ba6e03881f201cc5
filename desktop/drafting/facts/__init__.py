"""Facts in a text, in a form that can be compared: see `finder`."""

"""The demonstration model: shipped weights, and the code that rebuilds them."""

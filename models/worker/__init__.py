"""One harness, two child processes: engine and masking."""

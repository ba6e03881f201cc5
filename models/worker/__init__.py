"""One harness, three kinds of child processes: masking, the engine, and the engine of a server in the building."""

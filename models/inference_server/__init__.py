"""The engine of an inference server in the building. Only what IT's policy names is ever reached.

Left out of the packages unless their builder asks for it; nothing imports it but the worker `server`.
"""

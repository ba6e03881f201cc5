"""Kian (起案): the program a person sees."""

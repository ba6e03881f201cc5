"""Screens and the main window."""

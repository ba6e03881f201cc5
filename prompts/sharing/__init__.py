"""Importing and exporting templates, one file per format."""

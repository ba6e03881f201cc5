"""Glue between the drafting session and the widgets."""

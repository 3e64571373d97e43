"""Statements of the checker: claims with their logs in pages, and rows that should not be there."""

"""A headless, global after-sales claims service."""

__version__ = "0.1.0"

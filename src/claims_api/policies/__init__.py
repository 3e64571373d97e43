"""Policies: what the law and the brand give a customer of a region, each value with its source."""

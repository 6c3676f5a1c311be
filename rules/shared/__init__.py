"""Measures that rules of several families share."""

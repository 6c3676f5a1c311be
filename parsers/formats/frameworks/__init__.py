"""Formats written by training frameworks."""

"""Meanings of tags: role, split, layer and task."""

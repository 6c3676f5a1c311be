"""What a tag means: role, split, layer and task."""

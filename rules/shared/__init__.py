"""Questions that rules of several families ask."""

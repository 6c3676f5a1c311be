"""TensorBoard event files: records, events and histograms."""

"""Event files of TensorBoard: records, events and histograms, a file each."""

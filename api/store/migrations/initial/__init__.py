"""What the first version creates, one module per subject."""

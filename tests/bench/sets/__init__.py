"""Public benchmark sets: one module each with reader, translation, judge and solution writer."""

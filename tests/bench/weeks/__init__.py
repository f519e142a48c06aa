"""The measured week: its recipe, its judge, and every solver's model of it."""

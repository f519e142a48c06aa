"""Tests of what is printed and handed out."""

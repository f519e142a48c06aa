"""Durable work: the queue in the database, the child process of a solve, the engines, the worker and its chores."""

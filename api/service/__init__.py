"""The HTTP service: problems, limits, conditions, paging, logs, metrics and the routes."""

"""A contract system to try things with: a real HTTP server with an invented township and faults on demand."""

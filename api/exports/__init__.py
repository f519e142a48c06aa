"""What leaves the house on paper or as a file: day sheets, calendars, ledger, routes. Plan in, bytes out.

Pure functions: the same plan gives the same bytes. Nothing here reads the store, a clock or the network.
"""

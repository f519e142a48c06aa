"""The exchange with contract systems: records are pulled, appointments and outcomes pushed, events go both ways."""

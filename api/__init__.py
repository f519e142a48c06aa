"""The composition of optimizer and geodata: the command `xunzhen`, and everything that changes."""

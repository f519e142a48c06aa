"""The planning engine of Xunzhen: values in, values out.

Knows sites only as rows of a travel matrix, and people only as opaque ids.
"""

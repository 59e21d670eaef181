"""A small renderer for the bundled sample pictures: signed distance fields, area lights, one bounce of light.

Vectors are float32 tensors with x, y, z along the first dimension, (3, N); y points up. Colours are linear RGB, (3, N).
"""

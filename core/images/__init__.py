"""From a file to an upright sRGB picture, and on to what the network sees."""

"""The Qt-free heart of Layerscope: pictures, models, inference and insight."""

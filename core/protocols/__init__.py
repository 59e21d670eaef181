"""The test protocols of the VGG paper: views of a picture, dense evaluation, averaging, fusion of models."""

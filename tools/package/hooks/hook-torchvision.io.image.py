"""torchvision's own readers of pictures stay out, with their copies of libjpeg, libpng, libwebp and CUDA's: Pillow reads."""

excludedimports = ["torchvision.image"]

"""Training and fine-tuning: from a folder of pictures to weights that torchvision, the doctor and the window read."""

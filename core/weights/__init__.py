"""Reading weights safely, and finding the categories that belong to them."""

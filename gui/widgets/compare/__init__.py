"""B beside A: the second picture, the switch of the maps, the changes in probabilities."""

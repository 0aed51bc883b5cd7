"""The main job on real input: four years of orders, replayed through the public verbs."""

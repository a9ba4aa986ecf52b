"""Models: what there is, where it comes from, whether it is sound."""

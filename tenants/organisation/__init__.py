"""A merchant's tree of companies, brands, regions, channels and nodes, and who stood where."""

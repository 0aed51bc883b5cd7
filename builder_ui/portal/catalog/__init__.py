"""The catalog's pages: lists, forms, objects and imports."""

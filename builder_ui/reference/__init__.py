"""The reference of the public API, drawn for people from its OpenAPI document."""

"""OAuth 2: every tenant is an issuer of its own; clients get tokens, the API reads them."""

"""Where a tenant's issuer and the API are found, and what both agree on."""

from kernel.config import Config

ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the media type of access tokens (RFC 9068), not a token.


def issuer_of(config: Config, slug: str) -> str:
    """Return the issuer identifier of a tenant: the same text in metadata and tokens."""
    return f"{config.public_url}/t/{slug}"


def api_resource(config: Config) -> str:
    """Return the resource indicator (RFC 8707) of the API: the audience of every token."""
    return f"{config.public_url}/api"

"""Opening the artifact store that the settings name."""

from __future__ import annotations

from deepracer_local.artifacts import ArtifactStore, Spool, open_store
from deepracer_local.settings import Settings


def open_artifacts(settings: Settings) -> ArtifactStore:
    """Opens the artifact store."""
    return open_url(settings, settings.resolved_artifacts_url)


def open_url(settings: Settings, url: str) -> ArtifactStore:
    """Opens the store at an address, with the S3 server and the credentials of the settings."""
    key, secret = settings.s3_access_key, settings.s3_secret_key
    return open_store(
        url,
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key=key.get_secret_value() if key else None,
        secret_key=secret.get_secret_value() if secret else None,
        addressing_style=settings.s3_addressing_style,
    )


def open_spooled(settings: Settings) -> tuple[ArtifactStore, Spool | None]:
    """Opens the artifact store for a runner: a remote one behind a spool on the local disk, so that nothing is lost."""
    store = open_artifacts(settings)
    if settings.resolved_artifacts_url.startswith("file:"):
        return store, None
    spool = Spool(settings.data_dir / "spool", store)
    return spool, spool

"""Where the API is."""

API = "/api/v1"
"""Every router begins with it, so that its routes can be put into the application as they are."""

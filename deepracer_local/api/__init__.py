"""HTTP in: the JSON API, its guard and its live events. Loads neither simulator nor learner, runs no user code."""

from deepracer_local.api._app import create_app, create_guarded_app
from deepracer_local.api._auth import LoginCodes, new_token, token_hash
from deepracer_local.api._services import Services

__all__ = ["LoginCodes", "Services", "create_app", "create_guarded_app", "new_token", "token_hash"]

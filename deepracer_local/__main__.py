"""``python -m deepracer_local`` is the command ``deepracer-local``."""

from deepracer_local.cli import main

if __name__ == "__main__":
    main()

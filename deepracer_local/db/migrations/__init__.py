"""The history of the tables, for Alembic: one file for each revision."""

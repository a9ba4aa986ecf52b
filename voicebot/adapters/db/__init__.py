"""The database: SQLite by default, PostgreSQL by URL; every change is one transaction with its event."""

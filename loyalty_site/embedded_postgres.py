"""The embedded PostgreSQL server (placeholder until the starter lands in this file)."""

from pathlib import Path


def connection_parameters(data_dir: Path, *, role: str) -> dict[str, object]:
    return {"host": str(data_dir / "run"), "port": 5432, "dbname": "regulars", "user": f"regulars_{role}"}

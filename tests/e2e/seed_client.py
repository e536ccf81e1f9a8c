"""A client of the original Celery system, unchanged: uploads a folder, polls every second, stops at the end.

Usage: seed_client.py BASE_URL FOLDER
"""

import sys
import time
from pathlib import Path

import requests


def main(base_url: str, folder: str) -> int:
    """Upload, poll until SUCCESS or FAILURE, print each step."""
    paths = sorted(Path(folder).iterdir())
    files = [("files", (path.name, path.read_bytes(), "image/jpeg")) for path in paths]
    response = requests.post(
        f"{base_url}/pipeline/batch", data={"batch_name": "seed", "chunk_size": 5}, files=files, timeout=60
    )
    body = response.json()
    assert body["success"] is True, body
    batch_id = body["data"]["context_id"]
    print(body["data"]["message"])
    while True:
        data = requests.get(f"{base_url}/pipeline/batch/{batch_id}", timeout=10).json()["data"]
        print(
            f"{data['progress_percentage']:.1f}% completed={data['completed_images']} failed={data['failed_images']}"
            f" of {data['total_images']} {data['status']}",
            flush=True,
        )
        if data["status"] in ("SUCCESS", "FAILURE"):
            return 0 if data["status"] == "SUCCESS" else 1
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

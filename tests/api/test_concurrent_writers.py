"""Concurrent writers through the API: every version has exactly one author (API-13)."""

import json
from concurrent.futures import ThreadPoolExecutor

from tests.api.conftest import ApiClient

WRITERS = 20


def test_of_twenty_writers_of_one_version_one_is_heard(acme: ApiClient) -> None:
    """API-13: one 200 and nineteen 412; the row is what the one wrote."""
    made = acme.send("POST", "/api/drawers", {"name": "Spoons", "spoons": 0})
    address, etag = made.headers["Location"], made.headers["ETag"]

    def write(number: int) -> int:
        return acme.send("PATCH", address, {"spoons": number}, If_Match=etag).status_code

    with ThreadPoolExecutor(WRITERS) as pool:
        statuses = list(pool.map(write, range(1, WRITERS + 1)))

    assert sorted(statuses) == [200] + [412] * (WRITERS - 1)
    kept = json.loads(acme.send("GET", address).text)
    assert (kept["version"], kept["spoons"]) == (2, statuses.index(200) + 1)


def test_no_update_of_twenty_patient_writers_is_lost(acme: ApiClient) -> None:
    """API-13: whoever is refused reads again and repeats; every increment is counted."""
    address = acme.send("POST", "/api/drawers", {"name": "Spoons", "spoons": 0}).headers["Location"]

    def add_one(_: int) -> None:
        status = 412
        while status == 412:
            read = acme.send("GET", address)
            more = json.loads(read.text)["spoons"] + 1
            etag = read.headers["ETag"]
            status = acme.send("PATCH", address, {"spoons": more}, If_Match=etag).status_code
        assert status == 200

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(add_one, range(WRITERS)))

    kept = json.loads(acme.send("GET", address).text)
    assert (kept["spoons"], kept["version"]) == (WRITERS, WRITERS + 1)

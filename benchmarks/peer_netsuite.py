"""Posts documents with the ``netsuite`` package, one a call, so many calls at once.

Run in an environment of its own, which knows nothing of ours. Documents come as JSON lines on the standard
input; one JSON object tells what became of them. The client is driven as its documentation shows, with the
package's own limit of concurrent requests.
"""

import argparse
import asyncio
import json
import os
import sys
from typing import Any

from netsuite import Config, NetSuite, NetSuiteRestlet, TokenAuth

Json = dict[str, Any]


def client(account: str, concurrency: int) -> NetSuite:
    names = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")
    secrets = {name.lower(): os.environ[f"LAGO_NS_NETSUITE__{name}"] for name in names}
    config = Config(account=account, auth=TokenAuth(**secrets))
    return NetSuite(config, restlet_options={"concurrent_requests": concurrency})


async def post_all(restlet: NetSuiteRestlet, url: str, documents: list[Json]) -> Json:
    answers = await asyncio.gather(
        *(restlet.post(0, url=url, json=document) for document in documents), return_exceptions=True
    )
    errors = [f"{type(one).__name__}: {one}" for one in answers if isinstance(one, Exception)]
    ids = [one for one in answers if not isinstance(one, Exception)]
    return {"posted": len(ids), "distinct": len(set(ids)), "errors": errors}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    parser.add_argument("--account", default="1234567_SB1")
    given = parser.parse_args()
    script = "script=customscript_lago_service&deploy=customdeploy_lago_service"
    url = f"{given.url}/app/site/hosting/restlet.nl?{script}"
    documents = [json.loads(line) for line in sys.stdin]
    restlet = client(given.account, given.concurrency).restlet
    print(json.dumps(asyncio.run(post_all(restlet, url, documents))))


if __name__ == "__main__":
    main()

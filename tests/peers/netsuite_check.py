"""Posts a bare document to a RESTlet with the ``netsuite`` package, which knows nothing of us.

Run in an environment of its own (the package pins an older httpx), against
``lago-ns simulator serve``; the credentials come from the ``env`` file it writes:

    set -a; . try/env; python tests/peers/netsuite_check.py --url http://127.0.0.1:8321
"""

import argparse
import asyncio
import os
import sys

from netsuite import Config, NetSuite, TokenAuth

DOCUMENT = {
    "type": "invoice",
    "isDynamic": True,
    "columns": {
        "tranid": "PEER-001",
        "entity": "98765",
        "currency": "1",
        "trandate": "8/1/2026",
        "duedate": "8/31/2026",
        "taxdetailsoverride": True,
        "taxregoverride": True,
        "nexus": "1",
        "custbody_lago_id": "00000e57-0000-4000-8000-000000000e57",
        "lago_plan_codes": "pro_monthly",
    },
    "lines": [
        {
            "sublistId": "item",
            "lineItems": [
                {
                    "item": "500",
                    "quantity": "2500.0",
                    "rate": "0.012",
                    "amount": 30.0,
                    "taxdetailsreference": "fee-1",
                    "custcol_service_period_date_from": "7/1/2026",
                    "custcol_service_period_date_to": "7/31/2026",
                    "description": "API calls",
                    "item_source": "api_calls",
                }
            ],
        }
    ],
    "taxdetails": [
        {
            "sublistId": "taxdetails",
            "lineItems": [
                {
                    "taxdetailsreference": "fee-1",
                    "taxamount": 2.66,
                    "taxbasis": 1,
                    "taxrate": 8.875,
                    "taxtype": "3",
                    "taxcode": "14",
                }
            ],
        }
    ],
    "options": {"ignoreMandatoryFields": False},
}


def client(account: str) -> NetSuite:
    names = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")
    secrets = {name.lower(): os.environ[f"LAGO_NS_NETSUITE__{name}"] for name in names}
    return NetSuite(Config(account=account, auth=TokenAuth(**secrets)))


async def run(base_url: str, account: str) -> int:
    script = "script=customscript_lago_service&deploy=customdeploy_lago_service"
    url = f"{base_url}/app/site/hosting/restlet.nl?{script}"
    restlet = client(account).restlet
    first = await restlet.post(0, url=url, json=DOCUMENT)
    again = await restlet.post(0, url=url, json=DOCUMENT)
    print(f"posted as {first!r}, again as {again!r}")
    if not (isinstance(first, str) and first.isdecimal()):
        print("the answer is not an internal id", file=sys.stderr)
        return 1
    if again != first:
        print("the same document was posted twice", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--account", default="1234567_SB1")
    options = parser.parse_args()
    return asyncio.run(run(options.url, options.account))


if __name__ == "__main__":
    sys.exit(main())

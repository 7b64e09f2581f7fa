"""A NetSuite side of its own for the tests: a real account and script engine around a small RESTlet."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from lago_ns_cli.simulator.credentials import TbaCredentials, derive_credentials
from lago_ns_cli.simulator.exchange import BackgroundWork, Exchange
from lago_ns_cli.simulator.faults import AnyRule, FaultPlan, Faults
from lago_ns_cli.simulator.netsuite.access import tba_verifier
from lago_ns_cli.simulator.netsuite.concurrency import ConcurrencyGate
from lago_ns_cli.simulator.netsuite.disturbances import ContestedAccount, Disturbances
from lago_ns_cli.simulator.netsuite.http import RestletService
from lago_ns_cli.simulator.netsuite.login_desk import LoginDesk
from lago_ns_cli.simulator.netsuite.logins import RequestHead
from lago_ns_cli.simulator.netsuite.oauth1 import base_string, signature
from lago_ns_cli.simulator.netsuite.oauth2 import TokenService
from lago_ns_cli.simulator.netsuite.people import People
from lago_ns_cli.simulator.netsuite.script_host import ScriptHost
from lago_ns_cli.simulator.world import ACCOUNT_ID
from tests.simulator.shell.fakes import JumpingClock

ADDRESS = (
    "http://127.0.0.1:8321/app/site/hosting/restlet.nl"
    "?script=customscript_lago_service&deploy=customdeploy_lago_service"
)

RESTLET = """
/** @NApiVersion 2.1  @NScriptType Restlet */
define(['N/record', 'N/query', 'N/error'], (record, query, error) => {
  const operations = {
    echo: body => body,
    nothing: () => null,
    fail: body => { throw error.create({name: body.name, message: body.message}); },
    crash: () => undefinedName,
    rename: body => {
      const customer = record.load({type: 'customer', id: '98765'});
      customer.setValue({fieldId: 'comments', value: body.text});
      return {id: String(customer.save())};
    },
    create: body => {
      const customer = record.create({type: 'customer', isDynamic: true});
      customer.setValue({fieldId: 'companyname', value: body.text});
      customer.setValue({fieldId: 'subsidiary', value: '2'});
      customer.setValue({fieldId: 'externalid', value: body.text});
      return {id: String(customer.save())};
    },
    find: body => ({
      found: query.runSuiteQL({
        query: 'SELECT id FROM customer WHERE externalid = ?', params: [body.text]
      }).asMappedResults().length
    }),
  };
  return {post: body => typeof body === 'string' ? body : operations[body.operation](body)};
});
"""


class NetSuiteSide:
    """The account's HTTP side, called in process."""

    def __init__(
        self,
        *rules: AnyRule,
        clock: JumpingClock | None = None,
        limit: int = 5,
        cost_ms: int = 0,
        latency_ms: int = 0,
    ) -> None:
        self.clock = clock or JumpingClock()
        self.credentials = derive_credentials(1)
        self.account = ContestedAccount(tax_regime="suitetax", now=self.clock.now)
        self.people = People(self.account)
        self.faults = Faults(FaultPlan(fault=rules))
        self.tokens = TokenService(
            client_id=self.credentials.client_id, secret=self.credentials.bearer_secret
        )
        self.desk = LoginDesk(self.account, tba_verifier(self.credentials), self.tokens, self.clock)
        self.gate = ConcurrencyGate(limit)
        self.work = BackgroundWork()
        self.service = RestletService(
            setup=self.account.setup,
            host=ScriptHost(
                self.account, now=self.clock.now, cost_ms_per_record=cost_ms, script_source=RESTLET
            ),
            desk=self.desk,
            gate=self.gate,
            disturbances=Disturbances(self.account, self.people, self.faults, self.clock),
            clock=self.clock,
            latency_ms=latency_ms,
        )
        self.app = Exchange(self.service, self.faults, self.clock, self.work)
        self._nonces = 0

    async def post(self, operation: str, **arguments: Any) -> httpx.Response:
        """Call an operation of the test's RESTlet with a fresh signature."""
        return await self.send(json.dumps({"operation": operation, **arguments}))

    async def send(
        self,
        body: str | bytes,
        *,
        method: str = "POST",
        address: str = ADDRESS,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a signed request; ``headers`` replace the standard ones, an empty value leaves one out."""
        self._nonces += 1
        standard = {
            "authorization": authorization(
                method, address, self.credentials.tba, self.clock.now(), nonce=f"nonce-{self._nonces:06}"
            ),
            "content-type": "application/json",
        }
        sent = {name: value for name, value in {**standard, **(headers or {})}.items() if value}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, address, content=body, headers=sent)


def authorization(
    method: str,
    address: str,
    tba: TbaCredentials,
    now: datetime,
    *,
    nonce: str = "nonce-000000",
    **changes: str,
) -> str:
    """Sign a request; ``changes`` replace parameters before the signature is made."""
    url = urlsplit(address)
    head = RequestHead(method, url.scheme, url.netloc, url.path, url.query, {})
    parameters = {
        "realm": ACCOUNT_ID,
        "oauth_consumer_key": tba.consumer_key,
        "oauth_token": tba.token_id,
        "oauth_nonce": nonce,
        "oauth_timestamp": str(int(now.timestamp())),
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_version": "1.0",
        **changes,
    }
    text = base_string(head, parameters)
    signed = signature(text, consumer_secret=tba.consumer_secret, token_secret=tba.token_secret)
    parameters.setdefault("oauth_signature", signed)
    return "OAuth " + ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in parameters.items())

"""A RESTlet for tests: canned answers, and a record of the calls."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from lago_ns_cli.netsuite.auth import TbaAuth, TbaCredentials
from lago_ns_cli.netsuite.client import NetSuiteClient
from lago_ns_cli.retries import RetryPolicy

Reply = httpx.Response | Exception | Mapping[str, Any]


def json_answer(value: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(value).encode())


def envelope(code: str, message: str = "Something failed.", status: int = 400) -> httpx.Response:
    """Answer as NetSuite does, with its spaces."""
    text = f'{{"error" : {{"code" : {json.dumps(code)}, "message" : {json.dumps(message)}}}}}'
    return httpx.Response(status, content=text.encode())


def thrown(code: str, message: str = "Thrown.", kind: str = "error.SuiteScriptError") -> httpx.Response:
    """Answer as NetSuite does when a script throws: JSON within JSON."""
    inner = {
        "type": kind,
        "name": code,
        "message": message,
        "id": "",
        "stack": ["at x"],
        "cause": {"code": code},
    }
    return envelope("UNEXPECTED_ERROR", json.dumps(inner))


class Restlet:
    """Answers calls one after the other and remembers them; a mapping is a contract answer."""

    def __init__(self, *replies: Reply) -> None:
        self.calls: list[httpx.Request] = []
        self.waits: list[float] = []
        self._replies = list(replies)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(call.content) for call in self.calls]

    def run(self, call: Callable[[NetSuiteClient], Any], **options: Any) -> Any:
        """Run one call of a client; a list is read to its end."""

        async def scenario() -> Any:
            client = self.client(**options)
            try:
                pending = call(client)
                if hasattr(pending, "__aiter__"):
                    return [row async for row in pending]
                return await pending
            finally:
                await client.aclose()

        return asyncio.run(scenario())

    def client(self, **options: Any) -> NetSuiteClient:
        """Build a client whose waits are only written down."""
        settings: dict[str, Any] = {
            "script": "customscript_lago_service",
            "deploy": "customdeploy_lago_service",
            "transport": httpx.MockTransport(self._answer),
            "retry": RetryPolicy(attempts=2, first_delay_seconds=1.0),
            "sleep": self._wait,
            "random": lambda: 0.5,
        }
        login = TbaAuth("123_SB1", TbaCredentials("ck", "cs-secret", "tid", "ts-secret"), clock=lambda: 1.0)
        return NetSuiteClient("123-sb1", login, **settings | options)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            return reply
        operation = json.loads(request.content)["operation"]
        return json_answer({"contract": 1, "operation": operation, "script_version": "1.0.0", **reply})

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)

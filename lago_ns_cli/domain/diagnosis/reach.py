"""How far one gets towards a host, and what to do where the way ends."""

from datetime import datetime, timedelta

from lago_ns_cli.domain.diagnosis.facts import Reach
from lago_ns_cli.domain.diagnosis.findings import Concern, Verdict, fail, fine

_SOON = timedelta(days=3)


def judge_reach(reach: Reach, now: datetime, system: str, setting: str) -> Verdict:
    """Judge the way to a host.

    Args:
        setting: Where its address is written.
    """
    if reach.stage is None:
        return fine(_good(reach, now))
    way = f"the proxy {reach.proxy}" if reach.proxy else reach.host
    why, fix = _STAGES[reach.stage]
    return fail(
        f"{system} cannot be reached: {why.format(way=way)} ({reach.error}).",
        fix.format(way=way, setting="HTTPS_PROXY" if reach.proxy else setting),
        Concern.REACH,
    )


def _good(reach: Reach, now: datetime) -> str:
    text = f"{reach.host} by the proxy {reach.proxy}" if reach.proxy else reach.host
    if reach.certificate_ends_at is None:
        return text
    soon = reach.certificate_ends_at - now < _SOON
    return f"{text}, TLS verified{f'; its certificate ends on {reach.certificate_ends_at:%Y-%m-%d}' if soon else ''}"


_STAGES = {
    "name": ("DNS does not know {way}", "Check {setting} and this machine's DNS: getent hosts {way}"),
    "connection": (
        "nothing answers at {way}",
        "Check {setting} and the firewall: outgoing HTTPS to {way} must be allowed.",
    ),
    "encryption": (
        "the certificate of {way} is not trusted",
        (
            "If a proxy of your company opens TLS, give its authority to Python with SSL_CERT_FILE; else check {setting}. "
            "Verification cannot be turned off."
        ),
    ),
}

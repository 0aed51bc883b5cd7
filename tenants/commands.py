"""The operator's commands about tenants, as functions from words to lines of an answer."""

import argparse
from collections.abc import Callable, Sequence

from rich.markup import escape

from kernel import quotas
from kernel.access import operator_actor
from kernel.errors import Fault, Invalid, Refusal
from kernel.runtime import Runtime
from tenants import provisioning
from tenants.messages.post import PostOffice
from tenants.provisioning import NewTenant

OPERATOR = operator_actor("command")
MESSAGES_SHOWN = 20

Command = Callable[[Runtime, argparse.Namespace], Sequence[str]]


def add_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    set_command: Callable[[argparse.ArgumentParser, Command], None],
) -> None:
    """Add the verbs of `tenant`, and `mail list`, to the front door's commands."""
    tenant = commands.add_parser(
        "tenant", help="list, provision, suspend, resume and limit tenants"
    )
    verbs = tenant.add_subparsers(metavar="VERB", required=True)
    set_command(verbs.add_parser("list", help="every tenant and how it stands"), list_tenants)
    new = verbs.add_parser("provision", help="found a tenant and invite its administrator")
    new.add_argument("slug", help="its name in addresses")
    new.add_argument("name", help="its name for people")
    new.add_argument("administrator_email")
    new.add_argument("administrator_name")
    new.add_argument("--currency", default="EUR")
    new.add_argument("--time-zone", default="Europe/Berlin")
    set_command(new, provision_tenant)
    for verb, command in (("suspend", suspend_tenant), ("resume", resume_tenant)):
        parser = verbs.add_parser(verb, help=f"{verb} a tenant")
        parser.add_argument("slug")
        parser.add_argument("--reason", required=True)
        set_command(parser, command)
    limit = verbs.add_parser("quota", help="show a tenant's limits, or set one")
    limit.add_argument("slug")
    limit.add_argument("name", nargs="?", help="which limit to set")
    limit.add_argument("most", nargs="?", help="a whole number, or `default`")
    set_command(limit, quota_of_tenant)
    mail = commands.add_parser("mail", help="read messages, where no mail server is configured")
    mail_verbs = mail.add_subparsers(metavar="VERB", required=True)
    newest = mail_verbs.add_parser("list", help="the newest messages of a tenant")
    newest.add_argument("--tenant", required=True, metavar="SLUG")
    set_command(newest, list_mail)


def list_tenants(runtime: Runtime, _chosen: argparse.Namespace) -> Sequence[str]:
    """Return one line for each tenant."""
    rows = provisioning.tenants(runtime)
    lines = [f"{each.slug:20} {each.status:13} {each.mode:8} {each.name}" for each in rows]
    return lines or ["There is no tenant yet: wareflow tenant provision --help"]


def provision_tenant(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Provision a tenant, or finish one whose provisioning was interrupted."""
    wanted = NewTenant(
        chosen.slug,
        chosen.name,
        chosen.currency,
        chosen.time_zone,
        chosen.administrator_email,
        chosen.administrator_name,
    )
    tenant_id = provisioning.provision(runtime, wanted, OPERATOR)
    return [
        f"{chosen.slug} is active ({tenant_id}) at {runtime.config.public_url}/t/{chosen.slug}/.",
        f"The invitation of {chosen.administrator_email} is mailed, or kept for"
        f" `wareflow mail list --tenant {chosen.slug}` where no mail server is configured.",
    ]


def suspend_tenant(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Make a tenant read-only."""
    tenant_id = provisioning.tenant_called(runtime, chosen.slug)
    with runtime.unit_of_work(tenant_id, OPERATOR, standing="any") as uow:
        provisioning.suspend(uow, chosen.reason)
    return [f"{chosen.slug} is suspended: its people can look, and change nothing."]


def resume_tenant(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Let a suspended tenant work again."""
    tenant_id = provisioning.tenant_called(runtime, chosen.slug)
    with runtime.unit_of_work(tenant_id, OPERATOR, standing="any") as uow:
        provisioning.resume(uow, chosen.reason)
    return [f"{chosen.slug} is active again."]


def quota_of_tenant(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Set a limit where one is named, and return all of them."""
    tenant_id = provisioning.tenant_called(runtime, chosen.slug)
    with runtime.unit_of_work(tenant_id, OPERATOR, standing="any") as uow:
        if chosen.name is not None:
            quotas.set_limit(uow, chosen.name, _most_of(chosen.most))
        limits = [(quota, quotas.limit_of(uow, quota)) for quota in quotas.declared()]
    return [f"{quota.name:22} {most:>12} {quota.label}" for quota, most in limits]


def _most_of(word: str | None) -> int | None:
    if word == "default":
        return None
    if word is None or not word.isascii() or not word.isdigit():
        detail = "Say how much: a whole number, or `default`."
        raise Invalid((Fault("/most", "quota.most_invalid", detail),))
    return int(word)


def list_mail(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Return the newest messages of a tenant, opened; that they were read is written down."""
    post = runtime.ports.messages
    assert isinstance(post, PostOffice), "the front door fills the messages port"
    tenant_id = provisioning.tenant_called(runtime, chosen.tenant)
    with runtime.unit_of_work(tenant_id, OPERATOR, standing="any") as uow:
        kept = post.read_newest(uow, MESSAGES_SHOWN)
    if not kept:
        return ["No message was written for this tenant."]
    return [
        line
        for each in reversed(kept)
        for line in (
            "",
            f"To {each.to_address}, {each.made_at:%Y-%m-%d %H:%M} UTC, {each.state}:",
            f"  {each.subject}",
            "",
            *(f"  {text}" for text in each.body.splitlines()),
        )
    ]


def answer(runtime: Runtime, command: Command, chosen: argparse.Namespace) -> tuple[int, str]:
    """Run a command and return its exit code and its answer; a refusal is an answer, too."""
    try:
        return 0, escape("\n".join(command(runtime, chosen)))
    except Refusal as refusal:
        told = [fault.detail for fault in getattr(refusal, "errors", ())] or [str(refusal)]
        return 2, escape("\n".join(told))

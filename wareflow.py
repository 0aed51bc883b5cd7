"""Wareflow's front door: composes the rooms and offers the commands. Imported by none of them."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from flask import Flask
from rich.console import Console

from api.face import api_face, install_api
from api.health import health
from api.oauth.endpoints import oauth, oauth_face
from api.resources import RESOURCES
from builder_ui.portal.catalog.pages import NAV as CATALOG_NAV
from builder_ui.portal.catalog.pages import catalog
from builder_ui.portal.composition import install_portal
from builder_ui.portal.face import portal_face
from builder_ui.portal.stream.wire import Terms
from builder_ui.reference.pages import install_reference, reference_face
from builder_ui.shell.assets import Assets
from builder_ui.shell.gallery import gallery
from builder_ui.shell.rendering import install_shell
from commerce.catalog import actions as catalog_actions
from commerce.catalog.imports.chunks import JOB_KINDS as IMPORT_JOBS
from commerce.inventory import actions as inventory_actions
from commerce.inventory.sweeping import ended_reservations
from commerce.orders import actions as order_actions
from commerce.orders.bulk import JOB_KINDS as BULK_JOBS
from commerce.orders.waiting import SERVE_WAITING
from commerce.procurement import actions as procurement_actions
from commerce.procurement.simulated_supplier import SUPPLIER_LISTENS, supplier_speaks
from commerce.warehouse import actions as warehouse_actions
from kernel import exception_actions
from kernel.access import operator_actor
from kernel.actions import Catalogue
from kernel.clock import Clock
from kernel.config import Config, ConfigError
from kernel.duties import run_ticker, run_worker
from kernel.garbage import collect_garbage_seldom
from kernel.log import configure_logging
from kernel.ports import Ports
from kernel.runtime import WORKER_QUEUES, Runtime
from kernel.supervision import (
    Program,
    Step,
    create_embedded_roles,
    is_web_ready,
    running_databases,
    settle_web_port,
    supervise,
)
from kernel.tenancy import tenant_id_of
from kernel.verification import verify
from migrations.upgrade import newest_revision, upgrade
from tenants import commands as tenant_commands
from tenants.demo.command import DemoWish, installation, run_demo
from tenants.demo.superstore import DatasetMissing
from tenants.directory import TenantDirectory
from tenants.identity import client_commands
from tenants.identity.hashing import Hasher
from tenants.messages import actions as message_actions
from tenants.messages.post import PostOffice
from tenants.notifications.telling import NOTIFY_MEMBERS
from tenants.seeds import seed, seeded_sign_ins
from tenants.verticals.adopting import adopt_definitions
from tenants.webhooks.deliveries import SEND_TO_ENDPOINTS
from tenants.webhooks.sending import Sender
from web.access import check_every_view
from web.application import new_application
from web.csp_reports import csp_reports
from web.headers import install_headers
from web.json_provider import install_json
from web.turnstile import Turnstile
from workflow_engine import calendar_commands, run_commands
from workflow_engine.commands import add_commands as add_workflow_commands
from workflow_engine.runtime.consuming import consumer as workflow_consumer
from workflow_engine.runtime.consuming import job_kinds as workflow_jobs
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.sources import RunWork
from workflow_engine.runtime.stuck import STUCK_RUNS

WEB_PROCESSES = 2
# How many requests a process works on at once, and how many streams may wait besides.
WEB_THREADS = 4
WEB_STREAMS = Terms().streams_max


CATALOGUE = Catalogue(
    [
        *catalog_actions.ACTIONS,
        *inventory_actions.ACTIONS,
        *warehouse_actions.ACTIONS,
        *order_actions.ACTIONS,
        *procurement_actions.ACTIONS,
        *exception_actions.ACTIONS,
        *message_actions.ACTIONS,
    ]
)


def compose(config: Config, *, clock: Clock | None = None, aside: bool = False) -> Runtime:
    """Fill the kernel's ports and join every room's consumers, jobs and work.

    `aside` is for processes that work for long: what waits for other systems gets threads.
    """
    engine = Engine(CATALOGUE)
    directory = TenantDirectory()
    post_office = PostOffice(config)
    runtime = Runtime(
        config,
        ports=Ports(directory=directory, messages=post_office, engine=engine),
        consumers=[
            SERVE_WAITING,
            SUPPLIER_LISTENS,
            workflow_consumer(engine),
            NOTIFY_MEMBERS,
            SEND_TO_ENDPOINTS,
        ],
        job_kinds=[*post_office.job_kinds, *IMPORT_JOBS, *BULK_JOBS, *workflow_jobs(engine)],
        sources=lambda open_unit: [
            *RunWork(engine, open_unit).sources(),
            supplier_speaks(open_unit),
            ended_reservations(open_unit),
            Sender(open_unit, config, aside=aside).source,
        ],
        clock=clock,
    )
    directory.connect(runtime.database)
    return runtime


def create_app(runtime: Runtime, *, streams: Terms | None = None) -> Flask:
    """Return the web application: the portal, the builder and the public API."""
    app = new_application(runtime, [oauth_face(), api_face(), reference_face(), portal_face()])
    install_json(app)
    install_headers(app, https=runtime.config.is_https)
    install_shell(app, Assets.read())
    for blueprint in (oauth, health(newest_revision()), csp_reports(), gallery):
        app.register_blueprint(blueprint)
    document = install_api(app, RESOURCES)
    install_reference(app, lambda: document.written)
    install_portal(app, runtime.config, pages=[catalog], nav=CATALOG_NAV, streams=streams)
    check_every_view(app)
    return app


def web_application() -> Flask:
    """Return the application of this environment: what gunicorn calls in each web process."""
    config = Config.from_env(os.environ)
    configure_logging(config.log_level)
    app = create_app(compose(config))
    app.wsgi_app = Turnstile(app.wsgi_app, WEB_THREADS)  # type: ignore[method-assign] # Flask's way.
    collect_garbage_seldom()
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="wareflow", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_commands(commands)
    chosen = parser.parse_args(arguments)
    try:
        config = Config.from_env(os.environ)
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - The answer of a command.
        return 2
    configure_logging(config.log_level)
    run: Callable[[Config, argparse.Namespace], int] = chosen.run
    return run(config, chosen)


def _add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    up = commands.add_parser("up", help="run everything here, databases included")
    up.add_argument("--without-web", action="store_true", help="databases and workers only")
    up.set_defaults(run=_up)
    demo = commands.add_parser("demo", help="replay four years of real orders in a sandbox")
    demo.add_argument("--orders", type=int, metavar="N", help="only the first N orders")
    demo.add_argument("--faults", action="store_true", help="kill and crash things meanwhile")
    demo.set_defaults(run=_demo)
    migrate = commands.add_parser("migrate", help="bring the database to this version's schema")
    migrate.set_defaults(run=_migrate)
    web = commands.add_parser("web", help="serve the portal and the API")
    web.set_defaults(run=_web)
    worker = commands.add_parser("worker", help="do background work when the doorbell rings")
    worker.add_argument("number", type=int, choices=range(1, len(WORKER_QUEUES) + 1))
    worker.set_defaults(run=_worker)
    ticker = commands.add_parser("ticker", help="ring for work that is due, and do the chores")
    ticker.set_defaults(run=_ticker)
    check = commands.add_parser("verify", help="prove that rows and audit log still agree")
    check.add_argument("--tenant", required=True, metavar="SLUG")
    check.set_defaults(run=_verify)
    seeding = commands.add_parser("seed", help="two tenants with their people, for a first look")
    seeding.set_defaults(run=_seed)
    for offered in (tenant_commands, client_commands, run_commands, calendar_commands):
        offered.add_commands(
            commands,
            lambda parser, command: parser.set_defaults(
                run=lambda config, chosen: _answer(config, chosen, command)
            ),
        )
    add_workflow_commands(commands)


def _up(config: Config, chosen: argparse.Namespace) -> int:
    this = [sys.executable, "-P", "-m", "wareflow"]
    steps = [Step("roles and schema", lambda: _bring_up_to_date(config))]
    if config.embeds_postgres:
        # For a first look. An operator's own database is never given people with a known password.
        steps.append(Step("two tenants with their people", lambda: _seed_all(config)))
    steps.append(Step("web address", lambda: settle_web_port(config)))
    programs = [
        Program("web", [*this, "web"], is_web_ready),
        *(
            Program(f"worker-{number}", [*this, "worker", str(number)])
            for number in range(1, len(WORKER_QUEUES) + 1)
        ),
        Program("ticker", [*this, "ticker"]),
    ]
    if chosen.without_web:
        programs = programs[1:]
    return supervise(config, programs, steps, welcome=_welcome)


def _demo(config: Config, chosen: argparse.Namespace) -> int:
    console = Console()
    try:
        with installation(config):
            runtime = compose(Config.from_env(os.environ))
            made = run_demo(runtime, DemoWish(chosen.orders, chosen.faults), console)
    except DatasetMissing as missing:
        console.print(str(missing))
        return 2
    return 0 if made.holds else 1


def _welcome() -> str:
    config = Config.from_env(os.environ)
    if not config.embeds_postgres:
        return f"\nWareflow is at {config.public_url}\nCtrl-C stops it.\n"
    runtime = compose(config)
    seeded, demo = seeded_sign_ins(runtime, os.environ), client_commands.demo_client(runtime)
    people = "\n".join(
        f"  {each.email:24} {each.role:18} {config.public_url}/t/{each.slug}/sign-in"
        for each in seeded.sign_ins
    )
    return (
        f"\nWareflow is at {config.public_url}\n\n"
        f"Everybody's password is {seeded.password}\n{people}\n\n"
        f"API: {config.public_url}/api, tokens at {config.public_url}/t/acme/oauth/token\n"
        f"  client id {demo.client_id}, secret {demo.secret}\n\nCtrl-C stops it.\n"
    )


def _seed_all(config: Config) -> None:
    runtime = compose(config)
    seed(runtime, Hasher(), os.environ)
    client_commands.seed_demo_client(runtime, "acme")
    for slug in ("acme", "globex"):
        adopt_definitions(runtime, slug)
    runtime.close()


def _seed(config: Config, _chosen: argparse.Namespace) -> int:
    with running_databases(config):
        _bring_up_to_date(config)
        _seed_all(config)
        seeded = seeded_sign_ins(compose(config), os.environ)
    Console().print(f"Seeded {len(seeded.sign_ins)} people; their password is {seeded.password}")
    return 0


def _answer(config: Config, chosen: argparse.Namespace, command: tenant_commands.Command) -> int:
    with running_databases(config):
        runtime = compose(config)
        code, told = tenant_commands.answer(runtime, command, chosen)
        runtime.close()
    Console().print(told, soft_wrap=True)
    return code


def _bring_up_to_date(config: Config) -> None:
    create_embedded_roles(config)
    if config.owner_database_url is not None:
        upgrade(config.owner_database_url)


def _migrate(config: Config, _chosen: argparse.Namespace) -> int:
    if config.owner_database_url is None:
        print("DATABASE_OWNER_URL is needed to migrate", file=sys.stderr)  # noqa: T201
        return 2
    with running_databases(config):
        _bring_up_to_date(config)
    return 0


def _web(config: Config, _chosen: argparse.Namespace) -> int:
    os.execv(  # noqa: S606 - gunicorn takes the place of this process; no shell is involved.
        sys.executable,
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--worker-class=web.gunicorn_worker.StreamingWorker",
            f"--workers={WEB_PROCESSES}",
            f"--threads={WEB_THREADS + WEB_STREAMS}",
            f"--bind={config.host}:{config.port}",
            "--graceful-timeout=12",
            "--no-control-socket",
            # Read once, shared by all: a third of the start on a small machine. Nothing is
            # connected before the processes part, and both pools notice if it were.
            "--preload",
            "wareflow:web_application()",
        ],
    )


def _worker(config: Config, chosen: argparse.Namespace) -> int:
    runtime = compose(config, aside=True)
    run_worker(runtime, WORKER_QUEUES[chosen.number - 1])
    return 0


def _ticker(config: Config, _chosen: argparse.Namespace) -> int:
    run_ticker(compose(config, aside=True), [STUCK_RUNS])
    return 0


def _verify(config: Config, chosen: argparse.Namespace) -> int:
    with running_databases(config):
        return _verify_tenant(config, chosen.tenant)


def _verify_tenant(config: Config, slug: str) -> int:
    console = Console()
    runtime = compose(config)
    tenant_id = tenant_id_of(runtime.database, slug)
    if tenant_id is None:
        console.print(f"There is no tenant {slug!r}.")
        return 2
    with runtime.unit_of_work(tenant_id, operator_actor("verify"), work_class="batch") as uow:
        result = verify(
            uow, runtime.seal, lambda what, size: console.print(f"  {what}: {size} read")
        )
    for fault in result.faults:
        console.print(f"FAULT {fault.kind} {fault.table} {fault.key}: {fault.detail}")
    verdict = "agree" if not result.faults else f"DISAGREE in {len(result.faults)} places"
    console.print(f"{result.entries} audit entries and {result.rows} rows {verdict}.")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""The `claims-api` command."""

import asyncio
import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from claims_api import launch
from claims_api import worker as background
from claims_api.access import actions, queries
from claims_api.access.queries import ApiKey
from claims_api.access.scopes import Role, Scope
from claims_api.cli.owner import AsJson, TenantId, as_owner, plain_errors, tenant_id_of
from claims_api.cli.policies import policies
from claims_api.cli.verify import HELP as VERIFY_HELP
from claims_api.cli.verify import verify
from claims_api.demo import play
from claims_api.kit import clock, ids, logs
from claims_api.kit.database import Database
from claims_api.kit.openapi import text_of
from claims_api.kit.settings import Environment, Settings, UnsafeSettings, load_settings
from claims_api.launch import complain
from claims_api.main import create_app, openapi_document

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The after-sales claims service and its tools.")
tenants = typer.Typer(no_args_is_help=True, help="Make tenants.")
keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
app.add_typer(tenants, name="tenants")
app.add_typer(keys, name="keys")
app.add_typer(policies, name="policies")

TENANT_NAME = re.compile(r"(?=.*\S)[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,200}")
PARTNER_NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (CLAIMS_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one (CLAIMS_PORT).")] = None,
    try_out: Annotated[bool, typer.Option(help="Migrate, make a tenant and a key, and print a first call.")] = False,
    announce: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Runs the service until told to stop. Without CLAIMS_DATABASE_URL (development) it brings its own Postgres."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    with plain_errors():
        settings = load_settings()
        settings = settings.model_copy(update=given)
        logs.set_up(settings.log_level)
        with launch.listen(settings) as bound, launch.ground(settings) as ground:
            if settings.is_embedded or try_out:
                launch.migrate(ground.owner_url)
            if try_out:
                keys = asyncio.run(_try_out_keys(ground.settings, ground.owner_url))
                _say_first_call(bound.getsockname()[:2], keys)
            is_try_out = settings.is_embedded or try_out  # one process does it all, the worker's part too
            launch.serve(ground.settings, bound, {} if announce else None, with_worker=is_try_out)


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="Bring to the feed what waits, then exit.")] = False,
) -> None:
    """Brings committed events to the feed until told to stop (CLAIMS_DATABASE_URL_WORKER). Run as many as you like."""
    with plain_errors():
        settings = load_settings()
        logs.set_up(settings.log_level)
        with launch.ground(settings) as ground:
            if settings.is_embedded:
                launch.migrate(ground.owner_url)
            if not once:
                asyncio.run(background.run(ground.settings))
            elif not asyncio.run(background.drain(ground.settings)):
                complain("Not everything could be brought to the feed; the lines above say what went wrong.")
                raise typer.Exit(1)


@app.command()
def migrate(
    to: Annotated[str, typer.Argument(help="Revision: `head`, or `base` to take everything down.")] = "head",
) -> None:
    """Brings the database schema up to date (CLAIMS_DATABASE_URL_DIRECT, as its owner)."""
    with plain_errors():
        settings = load_settings()
        if to == "base" and settings.environment is not Environment.DEVELOPMENT:
            raise UnsafeSettings("`base` drops every table and row: only with CLAIMS_ENVIRONMENT=development.")
        logs.set_up(settings.log_level)
        with launch.ground(settings) as ground:
            launch.migrate(ground.owner_url, to)
    print(f"The schema is at {to}.")


app.command(help=VERIFY_HELP)(verify)


@app.command()
def demo() -> None:
    """Plays the service's main paths over HTTP, on a server of its own, and stops everything it started."""
    with plain_errors():
        settings = load_settings()
        if settings.environment is not Environment.DEVELOPMENT:
            raise UnsafeSettings("The demo makes tenants and keys: set CLAIMS_ENVIRONMENT=development, or `make demo`.")
        logs.set_up("WARNING")
        with launch.ground(settings) as ground:
            launch.migrate(ground.owner_url)
            try:
                play.play(ground.settings, ground.owner_url)
            except play.NotAsPromised as error:
                complain(f"The demo stopped: {error}")
                raise typer.Exit(1) from None


@app.command()
def openapi(
    check: Annotated[Path | None, typer.Option(help="Compare with this file; exit 1 when it differs.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write this file.")] = None,
) -> None:
    """Prints, writes or checks the OpenAPI document."""
    settings = Settings(environment=Environment.DEVELOPMENT)
    text = text_of(openapi_document(create_app(settings)))
    if check is not None:
        if not check.is_file() or check.read_text(encoding="utf-8") != text:
            complain(f"{check} is not what the service serves. Run `make openapi` and commit the file.")
            raise typer.Exit(1)
        print(f"{check} is up to date.")
    elif write is not None:
        write.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


@tenants.command("create")
def create_tenant(name: Annotated[str, typer.Argument(help="The brand's name.")], as_json: AsJson = False) -> None:
    """Makes a tenant and prints its id."""
    if not TENANT_NAME.fullmatch(name):
        complain("A tenant's name is one line of 1 to 200 characters, neither blank nor with control characters.")
        raise typer.Exit(2)
    tenant_id = ids.encode("ten", as_owner(lambda database: actions.create_tenant(database, name)))
    print(json.dumps({"id": tenant_id, "name": name}) if as_json else tenant_id)


@keys.command("create")
def create_key(
    tenant: TenantId,
    role: Annotated[Role, typer.Option(help="Who will use it.")],
    scopes: Annotated[str | None, typer.Option(help="Comma-separated; without it the role's own.")] = None,
    partner: Annotated[str | None, typer.Option(help="Whose parcels a partner's key is for; else its own.")] = None,
    days: Annotated[int | None, typer.Option("--expires-in-days", min=1, max=3650, help="Never, without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Makes a key and prints it once; only its hash is stored."""
    with plain_errors():
        wanted = _scopes(scopes)
    if partner is not None:
        _check_partner(role, partner)
    expires_at = clock.now() + timedelta(days=days) if days else None
    tenant_id = tenant_id_of(tenant)
    made = as_owner(lambda database: actions.create_key(database, tenant_id, role, wanted, expires_at, partner))
    print(json.dumps(_shown(made.key) | {"key": made.credential}) if as_json else made.credential)


@keys.command("list")
def list_keys(tenant: TenantId, as_json: AsJson = False) -> None:
    """Lists a tenant's keys, without their secrets."""
    tenant_id = tenant_id_of(tenant)

    async def listed(database: Database) -> list[ApiKey]:
        async with database.transaction(tenant_id) as db:
            return list(await queries.list_keys(db, tenant_id))

    for key in as_owner(listed):
        shown = _shown(key) | {"live": key.is_live(clock.now())}
        print(json.dumps(shown) if as_json else "  ".join(str(value) for value in shown.values()))


@keys.command("revoke")
def revoke_key(tenant: TenantId, key: Annotated[str, typer.Argument(help="The key's id, key_...")]) -> None:
    """Revokes a key; running services notice within 5 seconds."""
    tenant_id, key_id = tenant_id_of(tenant), ids.decode("key", key)

    async def revoked(database: Database) -> bool:
        async with database.transaction(tenant_id) as db:
            return key_id is not None and await queries.revoke_key(db, tenant_id, key_id, clock.now())

    if not as_owner(revoked):
        complain("This tenant has no key with this id; `claims-api keys list --tenant ...` shows them.")
        raise typer.Exit(1)
    print("Revoked.")


def _scopes(text: str | None) -> frozenset[Scope] | None:
    if text is None:
        return None
    try:
        return frozenset(Scope(word.strip()) for word in text.split(","))
    except ValueError:
        raise UnsafeSettings(f"--scopes knows: {', '.join(Scope)}.") from None


def _check_partner(role: Role, name: str) -> None:
    if role is not Role.PARTNER:
        complain("--partner names the company behind a partner's key: it goes with --role partner only.")
        raise typer.Exit(2)
    if not PARTNER_NAME.fullmatch(name):
        complain("A partner's name has 1 to 64 characters: letters A to Z, digits, and . _ : - but no spaces.")
        raise typer.Exit(2)


def _shown(key: ApiKey) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": ids.encode("key", key.id),
        "tenant": ids.encode("ten", key.tenant_id),
        "role": key.role,
        "scopes": sorted(key.scopes),
    }
    return shown | {"partner": key.partner} if key.partner else shown


async def _try_out_keys(settings: Settings, owner_url: str | None) -> dict[str, str]:
    """A tenant of its own, with a key for the shop, one for an agent, and one for a courier named swift."""
    async with launch.owner_database(settings, owner_url) as database:
        tenant_id = await actions.create_tenant(database, "try-out")
        roles = {"SHOP": Role.STOREFRONT, "AGENT": Role.AGENT, "COURIER": Role.PARTNER}
        made = {
            name: await actions.create_key(
                database, tenant_id, role, None, partner="swift" if role is Role.PARTNER else None
            )
            for name, role in roles.items()
        }
    return {name: key.credential for name, key in made.items()}


def _say_first_call(address: tuple[str, int], keys: dict[str, str]) -> None:
    url = f"http://{address[0]}:{address[1]}"
    exports = " ".join(f"{name}={key}" for name, key in ({"URL": url} | keys).items())
    print(f"""
  Service  {url}
  Docs     {url}/docs
  Keys     export {exports}
  Try      curl -s -H 'Authorization: Bearer {keys["SHOP"]}' {url}{play.FIRST_CALL}
""")

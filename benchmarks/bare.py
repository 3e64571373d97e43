"""The floor for CPU time: FastAPI with nothing behind it, run the way the service is run."""

import json
import socket

import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from claims_api.claims.schemas.submission import ClaimSubmission

app = FastAPI(openapi_url=None)


class Thing(BaseModel):
    """A small answer."""

    id: str
    name: str
    quantity: int


@app.post("/claims", status_code=201)
async def validate(body: ClaimSubmission) -> Thing:
    """Validates a submission and does nothing with it."""
    return Thing(id=body.external_ref or "", name="claim", quantity=len(body.lines))


@app.get("/things/{thing}")
async def read(thing: str) -> Thing:
    """A route with a model, as every tutorial has it."""
    return Thing(id=thing, name="kettle", quantity=1)


@app.put("/page", status_code=204)
async def keep(request: Request) -> None:
    """Keeps the bytes of a page."""
    app.state.page = await request.body()


@app.get("/page")
async def page() -> Response:
    """The bytes that were kept: nothing is read, nothing rendered."""
    return Response(app.state.page, media_type="application/json")


class _AnnouncedServer(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        print(json.dumps({"url": f"http://{host}:{port}"}), flush=True)


def main() -> None:
    """Serves on a free loopback port until it is told to stop."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, access_log=False, log_config=None, server_header=False, timeout_keep_alive=30)
    _AnnouncedServer(config).run(sockets=[bound])


if __name__ == "__main__":
    main()

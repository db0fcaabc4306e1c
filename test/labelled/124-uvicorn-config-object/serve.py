import asyncio

from uvicorn import Config, Server

OPTIONS = {
    "host": "localhost",  # not 0.0.0.0
    "port": 8016,
    "log_level": "error",
}


async def app(scope, receive, send):
    assert scope["type"] in ("http", "lifespan")
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


async def main() -> None:
    server = Server(Config(app, lifespan="off", **OPTIONS))
    await server.serve()


asyncio.run(main())

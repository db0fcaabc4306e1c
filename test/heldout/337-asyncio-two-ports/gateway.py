import asyncio
import json
import os

from protocol import decode

DEVICE_PORT = int(os.environ.get("DEVICE_PORT", 7070))
CONTROL_PORT = 7071

latest: dict[str, float] = {}


async def on_device(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        try:
            frame = decode(line)
        except ValueError:
            writer.write(b"ERR\n")
        else:
            latest[frame.device] = frame.value
            writer.write(b"OK\n")
        await writer.drain()
    writer.close()


async def on_control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(json.dumps(latest).encode() + b"\n")
    await writer.drain()
    writer.close()


async def main() -> None:
    devices = await asyncio.start_server(on_device, "0.0.0.0", DEVICE_PORT)
    control = await asyncio.start_server(on_control, host="127.0.0.1", port=CONTROL_PORT)
    async with devices, control:
        await asyncio.gather(devices.serve_forever(), control.serve_forever())


if __name__ == "__main__":
    asyncio.run(main())

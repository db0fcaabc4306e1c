import asyncio
import os

import paho.mqtt.client as mqtt


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, client):
        self.client = client

    def datagram_received(self, data, addr):
        topic, _, payload = data.partition(b" ")
        self.client.publish(f"sensors/{topic.decode('ascii', 'ignore')}", payload)


async def main():
    host, _, port = os.environ["BROKER"].partition(":")
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect(host, int(port))
    client.loop_start()

    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Datagrams(client), local_addr=("0.0.0.0", 6500))
    await asyncio.Event().wait()


asyncio.run(main())

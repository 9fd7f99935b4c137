#!/usr/bin/python3
"""A mail server that takes everything (aiosmtpd): prints its port, then for each mail its recipient and when it was taken, in
nanoseconds of the monotonic clock. Ends with its standard input."""
import sys, time
from aiosmtpd.controller import Controller


class Peer:
    async def handle_DATA(self, server, session, envelope):
        print(envelope.rcpt_tos[0], time.monotonic_ns(), flush=True)
        return "250 taken"


c = Controller(Peer(), hostname="127.0.0.1", port=int(sys.argv[1]))
c.start()
print("ready", flush=True)
sys.stdin.read()
c.stop()

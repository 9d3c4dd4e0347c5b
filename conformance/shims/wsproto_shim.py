"""wsproto behind the contract of conformance's vectors: only frames."""

import json
import sys

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError


def frames(question):
    if "limits" in question or "local_close" in question:
        return {"skip": "wsproto has no limits, or the shim does not set this up"}
    kind = ConnectionType.SERVER if question["role"] == "server" else ConnectionType.CLIENT
    connection, events, error, sent, open_message = Connection(kind), [], None, b"", []
    for piece in question["pieces"]:
        try:
            connection.receive_data(bytes.fromhex(piece))
            for event in connection.events():
                if isinstance(event, (TextMessage, BytesMessage)):
                    open_message.append(event.data)
                    if event.message_finished:
                        whole = type(event.data)().join(open_message)
                        text = isinstance(event, TextMessage)
                        events.append({"text": whole} if text else {"binary": bytes(whole).hex()})
                        open_message.clear()
                elif isinstance(event, Ping):
                    events.append({"ping": bytes(event.payload).hex()})
                    sent += connection.send(event.response())
                elif isinstance(event, Pong):
                    events.append({"pong": bytes(event.payload).hex()})
                elif isinstance(event, CloseConnection) and connection.state is ConnectionState.OPEN:
                    error = int(event.code)  # its way to report what is wrong with a frame
                elif isinstance(event, CloseConnection):
                    close = {"code": int(event.code), "reason": event.reason or ""}
                    events.append({"close": None if event.code == 1005 else close})
                    sent += connection.send(event.response())
        except RemoteProtocolError as wrong:
            error = int(wrong.event_hint.code) if wrong.event_hint else 1002
            break
        except LocalProtocolError:
            break  # bytes behind a Close are not accepted
        if error is not None:
            break
    return {"events": events, "error": error, "sent": sent.hex()}


for line in sys.stdin:
    question = json.loads(line)
    known = question["kind"] == "frames"
    answer = frames(question) if known else {"skip": "the shim has only frames"}
    print(json.dumps({**answer, "id": question["id"]}), flush=True)

"""Qt's WebSockets as a peer, by Debian's python3-pyqt6.qtwebsockets:

    qt.py qt server PORT OPTIONS | client URL OPTIONS MESSAGES
"""

import json
import sys
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QTimer, QUrl
from PyQt6.QtNetwork import QHostAddress
from PyQt6.QtWebSockets import QWebSocket, QWebSocketServer

application = QCoreApplication(sys.argv[:1])
kept = []


def end(result):
    print(result)
    application.exit(0 if result == "ok" else 1)


def serve(port):
    server = QWebSocketServer("echo", QWebSocketServer.SslMode.NonSecureMode)

    def accept():
        socket = server.nextPendingConnection()
        kept.append(socket)
        socket.setMaxAllowedIncomingMessageSize(64 << 20)
        socket.setMaxAllowedIncomingFrameSize(64 << 20)
        socket.textMessageReceived.connect(socket.sendTextMessage)
        socket.binaryMessageReceived.connect(socket.sendBinaryMessage)

    server.newConnection.connect(accept)
    server.listen(QHostAddress("127.0.0.1"), port)
    print("listening", flush=True)
    return server


def talk(url, left):
    socket = QWebSocket()

    def heard(text):
        if text != left.pop(0):
            end("failed: another message came back")
        elif left:
            socket.sendTextMessage(left[0])
        else:
            socket.close()

    socket.connected.connect(lambda: socket.sendTextMessage(left[0]))
    socket.textMessageReceived.connect(heard)
    socket.disconnected.connect(lambda: end("failed: it ended" if left else "ok"))
    QTimer.singleShot(8000, lambda: end("failed: too slow"))
    socket.open(QUrl(url))
    return socket


_, role, where, _, *file = sys.argv[1:]
if role == "server":
    kept.append(serve(int(where)))
else:
    kept.append(talk(where, json.loads(Path(file[0]).read_text())))
sys.exit(application.exec())

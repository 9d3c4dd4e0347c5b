// Bun's server, which has uWebSockets inside: echoes what it receives.
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("", { status: 426 });
  },
  websocket: {
    message(socket, message) {
      socket.send(message);
    },
  },
});
console.log(`listening on 127.0.0.1:${server.port}`);

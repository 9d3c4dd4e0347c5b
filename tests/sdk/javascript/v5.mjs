// @deepgram/sdk 5: one message event with an object of a type, and audio as a Blob.

import { Heard } from "./script.mjs";

export async function connect(sdk, service, url, credential, query) {
  const environment = { base: url, production: url, agent: url, agentRest: url };
  const client = new sdk.DeepgramClient({ ...credential, environment });
  const socket = await client[service].v1.connect({ ...query, reconnectAttempts: 0 });
  const heard = new Heard();
  socket.on("open", () => heard.event("(open)"));
  socket.on("close", ({ code, reason }) => heard.event("(close)", { code, reason }));
  socket.on("error", ({ message }) => heard.event("(error)", { message }));
  socket.on("message", (message) => {
    if (message instanceof Blob) heard.sound(message);
    else heard.event(message.type, message);
  });
  socket.connect();
  return {
    heard,
    media: (pcm) => socket.sendMedia(pcm),
    keepAlive: () => socket.sendKeepAlive({ type: "KeepAlive" }),
    finalize: () => socket.sendFinalize({ type: "Finalize" }),
    closeStream: () => socket.sendCloseStream({ type: "CloseStream" }),
    text: (text) => socket.sendText({ type: "Speak", text }),
    flush: () => socket.sendFlush({ type: "Flush" }),
    clear: () => socket.sendClear({ type: "Clear" }),
    close: () => socket.sendClose({ type: "Close" }),
  };
}

// @deepgram/sdk 4: an event for each type of message, and audio as a Buffer.

import { Heard } from "./script.mjs";

export async function connect(sdk, service, url, { apiKey, accessToken }, query) {
  const global = { websocket: { options: { url } } };
  const client = sdk.createClient({ key: apiKey, accessToken, global });
  const live = client[service].live(query);
  const heard = new Heard();
  const types = { listen: sdk.LiveTranscriptionEvents, speak: sdk.LiveTTSEvents }[service];
  const { Open, Close, Error, Audio, Unhandled, ...messages } = types;
  live.on(Open, () => heard.event("(open)"));
  live.on(Close, ({ code, reason }) => heard.event("(close)", { code, reason }));
  live.on(Error, ({ message, statusCode, requestId }) =>
    heard.event("(error)", { message, statusCode, requestId }));
  for (const type of Object.values(messages)) {
    live.on(type, (message) => heard.event(type, message));
  }
  if (Audio) live.on(Audio, (data) => heard.sound(data));
  // Of what this version knows no event for, there is Cleared alone.
  live.on(Unhandled, (message) => heard.event(message.type, message));
  return {
    heard,
    media: (pcm) => live.send(pcm.buffer),
    keepAlive: () => live.keepAlive(),
    finalize: () => live.finalize(),
    closeStream: () => live.requestClose(),
    text: (text) => live.sendText(text),
    flush: () => live.flush(),
    clear: () => live.clear(),
    close: () => live.requestClose(),
  };
}

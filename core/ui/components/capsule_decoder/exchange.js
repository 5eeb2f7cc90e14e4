// Hand a decoder from the part of the page that got its weights to those that draw with it, whichever comes first.

/** @typedef {import("./decoder.js").Decoder} Decoder */
/** @typedef {{name: string, decoder?: Decoder}} Message without a decoder, it asks for one */

const EVENT = "cnn-lab-decoder";

/** @param {Message} message */
const send = (message) => window.dispatchEvent(new CustomEvent(EVENT, { detail: message }));

/**
 * Call `act` with each message; return what ends that.
 * @param {(message: Message) => void} act
 */
function listen(act) {
  const heard = (/** @type {Event} */ event) => act(/** @type {CustomEvent<Message>} */ (event).detail);
  window.addEventListener(EVENT, heard);
  return () => window.removeEventListener(EVENT, heard);
}

/**
 * Offer a decoder to all who want or will want it; return what ends that.
 * @param {string} name
 * @param {Decoder} decoder
 */
export function offer(name, decoder) {
  send({ name, decoder });
  return listen((message) => {
    if (message.name === name && !message.decoder) send({ name, decoder });
  });
}

/**
 * Call `use` with the decoder of this name, now or when it comes, and with each later one; return what ends that.
 * @param {string} name
 * @param {(decoder: Decoder) => void} use
 */
export function want(name, use) {
  const end = listen((message) => {
    if (message.name === name && message.decoder) use(message.decoder);
  });
  send({ name });
  return end;
}

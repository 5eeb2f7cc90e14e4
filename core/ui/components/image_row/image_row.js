// One picture with its words. Data are bytes: a line of JSON {width, enlarged, alt, caption}, then a WebP file, so that
// neither base64 nor JSON has to be read through for it.

const shown = new WeakMap(); // of each parent: the bytes given last, their figure and the picture's URL

/** Streamlit decodes a message anew each time it is given, also where it is the last one again. */
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export default function mount({ parentElement, data }) {
  let one = shown.get(parentElement);
  if (!one) {
    const [figure, image, words] = ["figure", "img", "figcaption"].map((tag) => document.createElement(tag));
    image.decoding = "sync"; // the old picture stands until the new one can be painted, in the same frame as the rest
    figure.append(image, words);
    parentElement.append(figure);
    shown.set(parentElement, (one = { data: new Uint8Array(), figure, image, words }));
  }
  if (!isSame(data, one.data)) {
    const end = data.indexOf(10); // the line's feed
    const { width, enlarged, alt, caption } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
    const old = one.image.src;
    Object.assign(one.image, { src: URL.createObjectURL(new Blob([data.subarray(end + 1)], { type: "image/webp" })), alt });
    one.image.style.width = `${width}px`;
    one.image.classList.toggle("enlarged", enlarged);
    one.words.textContent = caption;
    one.words.hidden = !caption;
    one.data = data;
    URL.revokeObjectURL(old);
  }
  return () => {
    URL.revokeObjectURL(one.image.src);
    one.figure.remove();
    shown.delete(parentElement);
  };
}

// One picture with its words, each pixel a whole number of screen pixels. Data are bytes: a line of JSON {width, alt, caption},
// then a WebP file, so that neither base64 nor JSON has to be read through for it.

const shown = new WeakMap(); // of each parent: its figure and the picture's URL
const latest = new WeakMap(); // the data last given: of two that are being decoded, the newer one stays

export default async function mount({ parentElement, data }) {
  latest.set(parentElement, data);
  const end = data.indexOf(10); // the line's feed
  const { width, alt, caption } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  const [figure, image, words] = ["figure", "img", "figcaption"].map((tag) => document.createElement(tag));
  const url = URL.createObjectURL(new Blob([data.subarray(end + 1)], { type: "image/webp" }));
  Object.assign(image, { src: url, alt });
  image.style.width = `${width}px`;
  words.textContent = caption;
  figure.append(image, ...(caption ? [words] : []));
  await image.decode().catch(() => {});
  if (latest.get(parentElement) !== data) return URL.revokeObjectURL(url);
  const old = shown.get(parentElement);
  if (old) old.figure.replaceWith(figure); // only now: the old picture stands until the new one can be painted
  else parentElement.append(figure);
  if (old) URL.revokeObjectURL(old.url);
  shown.set(parentElement, { figure, url });
  return () => {
    latest.delete(parentElement);
    const last = shown.get(parentElement);
    if (last) URL.revokeObjectURL(last.url);
    last?.figure.remove();
    shown.delete(parentElement);
  };
}

// Pictures in a row, each pixel a whole number of screen pixels. Data are bytes: a line of JSON, [{size, width, alt, caption}, ...],
// then one WebP file after the other: neither base64 nor JSON has to be read through for them.

const rows = new WeakMap();
const latest = new WeakMap(); // the data last given: of two that are being decoded, the newer one stays

function figure({ alt, caption }) {
  const [element, image, words] = ["figure", "img", "figcaption"].map((tag) => document.createElement(tag));
  image.alt = alt;
  words.textContent = caption;
  element.append(image, ...(caption ? [words] : []));
  return element;
}

export default async function mount({ parentElement, data }) {
  latest.set(parentElement, data);
  const end = data.indexOf(10); // the line's feed
  const pictures = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  let from = end + 1;
  const row = document.createElement("div");
  row.className = "row";
  const urls = pictures.map((picture) => {
    const element = figure(picture);
    const image = element.firstChild;
    image.src = URL.createObjectURL(new Blob([data.subarray(from, (from += picture.size))], { type: "image/webp" }));
    image.style.width = `${picture.width}px`;
    row.append(element);
    return image.src;
  });
  await Promise.all([...row.querySelectorAll("img")].map((image) => image.decode().catch(() => {})));
  if (latest.get(parentElement) !== data) return urls.forEach(URL.revokeObjectURL);
  const old = rows.get(parentElement);
  if (old) old.row.replaceWith(row); // only now: the old pictures stand until the new ones can be painted
  else parentElement.append(row);
  old?.urls.forEach(URL.revokeObjectURL);
  rows.set(parentElement, { row, urls });
  return () => {
    latest.delete(parentElement);
    rows.get(parentElement)?.urls.forEach(URL.revokeObjectURL);
    rows.delete(parentElement);
    row.remove();
  };
}

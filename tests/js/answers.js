// node tests/js/answers.js FILE: prints the logits that home's network computes for the pictures in FILE, which is laid out
// as the component's data. tests/ui/components/test_live_network.py compares them with torch's.

import { readFileSync } from "node:fs";

import { forward, unpack } from "../../core/ui/components/live_network/network.js";

const data = new Uint8Array(readFileSync(process.argv[2]));
const end = data.indexOf(10);
const head = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
const pictures = data.subarray(end + 1 + head.bytes);
const network = unpack(head.network, data.subarray(end + 1, end + 1 + head.bytes));
const area = network.side ** 2;
const logits = Array.from({ length: pictures.length / area }, (_, i) => {
  const pixels = Float32Array.from(pictures.subarray(i * area, (i + 1) * area), (v) => v / 255);
  return [...forward(network, pixels).logits];
});
process.stdout.write(JSON.stringify(logits));

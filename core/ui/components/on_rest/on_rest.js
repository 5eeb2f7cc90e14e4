// Two ends of a wire across the page: one is told whenever its part of the page has moved, the other waits until all is at
// rest and then asks Python to run the part it stands in. Neither is seen.

const REST_MS = 150; // without a move: as long as a hand on a slider's key pauses between two steps
const ends = new WeakMap(); // of each parent: the latest data and trigger, and how to let go

export default function mount({ parentElement, data, setTriggerValue }) {
  const known = ends.get(parentElement);
  const end = known ?? { data, stop: () => {} };
  ends.set(parentElement, end);
  const { name, move } = data;
  const hasMoved = move !== undefined && move !== end.data.move;
  Object.assign(end, { data, setTriggerValue });
  if (hasMoved) window.dispatchEvent(new CustomEvent("cnn-lab-moved", { detail: name }));
  if (!known && move === undefined) listen(end);
  return () => {
    end.stop();
    ends.delete(parentElement);
  };
}

function listen(end) {
  let timer;
  const heard = ({ detail }) => {
    if (detail !== end.data.name) return;
    clearTimeout(timer);
    timer = setTimeout(() => end.setTriggerValue("rested", true), REST_MS);
  };
  window.addEventListener("cnn-lab-moved", heard);
  end.stop = () => (clearTimeout(timer), window.removeEventListener("cnn-lab-moved", heard));
}

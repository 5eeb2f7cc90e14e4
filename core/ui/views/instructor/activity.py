"""What happens now: the runs that train, the queue with its waits, this machine, and who was here lately."""

import time
from collections.abc import Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from core.classroom import task_conditions
from core.classroom.class_state import DRAINING_SENTENCE, ClassState
from core.runs.run import NotNow, Run, StoreUnavailable, UnknownRun
from core.ui import messages
from core.ui.backend import client, identity, person_names, run_queue
from core.ui.backend.run_queue import RunQueue
from core.ui.display import colors, numbers
from core.ui.layout import column_grid, page_frame

TICK_SECONDS = 2.0
FIRST_ROWS, MAX_ROWS = 10, 40  # of the queue: those seen at once, and those one can open; the others are counted
LATELY_SECONDS = 15 * 60.0
MAX_PEOPLE = 100


@st.fragment(run_every=TICK_SECONDS)
def show() -> None:
    """Draw it, again every two seconds."""
    try:
        state, queue = client.classroom().state(), run_queue.now()
    except StoreUnavailable as error:
        messages.error(error)
        return
    waits = [numbers.duration(seconds) for seconds in queue.begins]
    everybodys = [*queue.training, *queue.queued, *queue.recent]
    known = person_names.names({owner for run in everybodys for owner in run.owners})
    with page_frame.stage(), st.container(key="instructor_now", gap="small"):
        main, side = column_grid.main_and_side()
        with main:
            st.subheader(f"Training: {len(queue.training)} of {queue.slots}", anchor=False)
            for run in queue.training:
                _row(run, known, _progress(run), moves=False)
            if not queue.training:
                st.caption("Nothing trains now.")
            st.subheader(f"Queue: {numbers.count(len(queue.queued))}", anchor=False)
            _queue(queue.queued, known, waits, state)
        with side:
            _machine(queue.training)
            _people(queue.recent, known)
    page_frame.notice(_sentence(queue, waits, state))


def _sentence(queue: RunQueue, waits: Sequence[str], state: ClassState) -> str:
    """Return what to notice."""
    if state.draining:
        return DRAINING_SENTENCE
    if state.frozen:
        return (
            "Training is frozen: students cannot start runs until you switch it off. Running and queued ones continue."
        )
    if not queue.queued:
        return (
            "The queue is empty: a run submitted now starts at once."
            if len(queue.training) < queue.slots
            else "The queue is empty and every worker is busy: the next run starts when one of these ends."
        )
    if queue.service is None:
        return "How long the queue takes is known once the first run has ended."
    return (
        f"Runs lately took **{numbers.duration(queue.service.whole)}** in total; a run submitted now starts in about "
        f"**{waits[-1]}**."
    )


def _queue(queued: Sequence[Run], known: Mapping[str, str], waits: Sequence[str], state: ClassState) -> None:
    def draw(first: int, last: int) -> None:
        for number, run in enumerate(queued[first:last], first):
            told = f"in about {waits[number]}" if waits else "not known yet"
            _row(run, known, "waits until the queue goes on" if state.draining else told, moves=True)

    draw(0, FIRST_ROWS)
    if len(queued) > FIRST_ROWS:
        with st.expander("Further back in the queue", key="queue_further_back"):
            draw(FIRST_ROWS, MAX_ROWS)
    if len(queued) > MAX_ROWS:
        st.caption(f"And {numbers.count(len(queued) - MAX_ROWS)} more.")
    if not queued:
        st.caption("The queue is empty.")


def _row(run: Run, known: Mapping[str, str], status: str, *, moves: bool) -> None:
    """Draw a run in one line, with what can be done to it."""
    who = ", ".join(known.get(owner, "") for owner in run.owners[:3]) + (", …" if len(run.owners) > 3 else "")
    place = f"{run.place}." if run.place else _device(run)
    parameters = task_conditions.cost(run.experiment).get("parameters")
    what = f"{colors.role(run.experiment).name} on {run.experiment.data}"
    what += f", {numbers.count(parameters)} parameters" if parameters else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"run_row_{run.id}"):
        st.html(
            Markup('<div class="run-row"><i>{}</i><b>{}</b><span>{}</span><small>{}</small></div>').format(
                place, who or "Nobody", what, status
            )
        )
        if moves:
            for front, label in ((True, "To the front"), (False, "To the back")):
                st.button(
                    label,
                    icon=":material/vertical_align_top:" if front else ":material/vertical_align_bottom:",
                    key=f"move_{front}_{run.id}",
                    on_click=_move,
                    args=(run.id, front),
                    type="tertiary",
                    help="Before everybody else's runs" if front else "After everybody else's runs",
                )
        st.button(
            "Stop",
            key=f"end_{run.id}",
            icon=":material/stop:",
            on_click=_stop,
            args=(run.id,),
            help="Stops the run for everybody who submitted it. Its progress is kept, and they can resume it.",
        )


def _device(run: Run) -> str:
    """Return where a run trains: "GPU 1" where it has one of several, else "CPU"."""
    gpu = run.summary.get("gpu")
    return f"GPU {gpu}" if gpu else str(run.summary.get("device") or run.device).upper()


def _progress(run: Run) -> str:
    left = run.summary.get("seconds_left")
    more = "" if left is None else f", {numbers.duration(float(left))} left"
    return f"{numbers.percent(run.done, 0)}{more}"


def _stop(run: str) -> None:
    try:
        client.runs().stop_run(run, identity.person())
    except (NotNow, UnknownRun, StoreUnavailable) as error:
        messages.error(error)


def _move(run: str, front: bool) -> None:
    try:
        client.runs().move_run(run, identity.person(), front=front)
    except (NotNow, UnknownRun, StoreUnavailable) as error:
        messages.error(error)


def _machine(training: Sequence[Run]) -> None:
    """Draw the devices, and the memory that the runs take of each GPU, or of the machine."""
    machine = client.runs().machine()
    st.subheader("This machine", anchor=False)
    if machine is None:
        st.caption("It is looking for its devices.")
        return
    figures = [("trains on", str(machine["gpu"] or machine["devices"][0].upper()))]
    figures += [("CPU cores", numbers.count(machine["cores"]))]
    if machine["gpus"] > 1:
        figures += [("GPUs", numbers.count(machine["gpus"]))]
    for gpu, taken in sorted(memory_taken(training, machine["gpus"]).items()):
        whole = (machine.get("memories", {}).get("cuda") if gpu else 0) or machine["memory"]
        kind = f"memory of GPU {gpu}" if gpu else "memory"
        figures += [(f"of {whole / 2**30:.0f} GB of {kind}, by the runs", f"{taken / 2**30:.1f} GB")]
    rows = Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in figures)
    st.html(Markup('<dl class="class-figures">{}</dl>').format(rows))


def memory_taken(training: Sequence[Run], gpus: int) -> dict[str, float]:
    """Return the bytes that runs take, by GPU; "" is the machine's own memory. One kind at least is there."""
    taken = {} if training else {"0" if gpus else "": 0.0}
    for run in training:
        gpu = str(run.summary.get("gpu") or "")
        taken[gpu] = taken.get(gpu, 0.0) + float(run.summary.get("memory_bytes") or 0)
    return taken


def _people(recent: Sequence[Run], known: Mapping[str, str]) -> None:
    """Draw who was here in the last quarter of an hour: who signed in, and who submitted runs."""
    since = time.time() - LATELY_SECONDS
    lately = {one.id: one.shown for one in client.people().members(identity.person()) if one.last_seen > since}
    for run in recent:
        if max(run.created, run.finished or 0.0) > since:
            lately |= {owner: known[owner] for owner in run.owners if owner not in lately}
    st.subheader(f"Here in the last 15 minutes: {len(lately)}", anchor=False)
    rows = Markup("").join(Markup("<li>{}</li>").format(name) for name in list(lately.values())[:MAX_PEOPLE])
    st.html(Markup('<ul class="class-people">{}</ul>').format(rows))

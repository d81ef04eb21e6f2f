/* SPDX-License-Identifier: Apache-2.0 */
/* Says whether the core behind this door answers, and which events it sent last. */
const core = document.getElementById("core");
const events = document.getElementById("events");

async function ask() {
    try {
        const answer = await fetch("/api/status", { headers: { "X-Escher": "1" } });
        const { status, body, error } = await answer.json();
        const failure = error ?? (status === "ok" ? null : body);
        core.textContent = failure ? `${failure.status}: ${failure.message}` : "answers";
    } catch {
        core.textContent = "does not answer";
    }
}

let count = 0;
function listen() {
    const source = new EventSource("/api/events");
    for (const kind of ["hello", "changed", "phase"])
        source.addEventListener(kind, () => {
            count += 1;
            events.textContent = `${count}, the last one: ${kind}`;
        });
}

await ask();
listen();

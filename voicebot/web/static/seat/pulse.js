// Signs of life of a seat, from a worker: a page that is not in front would be allowed one timer a minute.
const EVERY = 3000;
const WITHIN = 2500;
let tab = "";
let timer = 0;

async function beat() {
  const began = performance.now();
  try {
    const answer = await fetch("/api/v1/seats/me/beat", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ tab }),
      signal: AbortSignal.timeout(WITHIN),
    });
    const body = answer.ok && answer.status !== 204 ? await answer.json() : {};
    postMessage({ status: answer.status, yours: body.yours, ms: Math.round(performance.now() - began) });
  } catch {
    postMessage({ status: 0, ms: Math.round(performance.now() - began) });
  }
}

onmessage = ({ data }) => {
  tab = data.tab;
  clearInterval(timer);
  if (!tab) return;
  beat();
  timer = setInterval(beat, EVERY);
};

"""What an utterance holds besides its purpose: slots, so that nothing is asked or told twice."""

from voicebot.core.meaning import Intent, Meaning
from voicebot.dialogue.answers import filled, in_doubt, is_phone
from voicebot.dialogue.cues import REGISTER, SUPPLEMENT, VAGUE_PLACE
from voicebot.dialogue.events import Heard
from voicebot.dialogue.notes import has_substance
from voicebot.dialogue.run import Run
from voicebot.dialogue.state import Filled

MERGED = ("address", "time", "object", "district", "phone", "name", "confidential", "anonymous")
"""Slots that are kept whenever a caller mentions them while a matter is taken down."""

LONG_REQUEST = 10
"""A request for a person longer than this tells something else too."""

KEPT = frozenset({"phone", "name", "anonymous", "ticket_no", "due", "ticket_department"})
"""Slots that outlive the ticket they were given for."""

REQUESTS = (
    ("withdraw", ("withdraw", "撤")),
    ("urge", ("urge", "催")),
    ("supplement", ("supplement", "补充", "追加", "补")),
    ("objection", ("objection", "异议", "不满意", "不认可", "重办", "申诉")),
)


def take_over(run: Run, event: Heard, intent: Intent) -> None:
    """Takes over what the first sentence holds, so that it is never asked again."""
    meaning, text = event.meaning, event.utterance.text.strip()
    run.evolve(intent=intent)
    if intent is Intent.TICKET:
        if run.state.filed:
            run.forget(*(s.name for s in run.state.slots if s.name not in KEPT))
            run.evolve(filed=False)
        question = run.state.slot("question")
        if question and REGISTER.fullmatch(text):
            run.fill(Filled("what", question, question))
        else:
            if has_substance(text):
                run.fill(Filled("what", text, text, meaning.confidence))
            run.evolve(
                appeal_type=meaning.appeal_type,
                department=meaning.department,
                guesses=meaning.departments,
            )
        run.evolve(urgency=meaning.urgency)
        merge(run, meaning, text, overwrite=True)
    elif intent is Intent.TICKET_STATUS:
        run.forget("detail", "request", *(() if run.state.filed else ("ticket_no",)))
        said = meaning.slots["request"].value if "request" in meaning.slots else ""
        request = next((name for name, words in REQUESTS if any(w in said for w in words)), "status")
        run.fill(Filled("request", request))
        told = SUPPLEMENT.search(text) if request == "supplement" else None
        if told and "工单" not in told[1]:
            run.fill(Filled("detail", told[1], told[1]))
        number = meaning.slots.get("ticket_no")
        if number and not in_doubt(number):
            run.fill(filled("ticket_no", number))
    elif "score" in meaning.slots:
        run.fill(filled("score", meaning.slots["score"]))


def remember(run: Run, meaning: Meaning, text: str) -> None:
    """Who asks for a person while telling a story has told it; the person shall know it."""
    if meaning.intent is not Intent.HUMAN or len(text) > LONG_REQUEST:
        merge(run, meaning, text, doubtful=True)
        if has_substance(text) and not run.state.slot("what"):
            run.fill(Filled("question", text, text))
            run.evolve(intent=meaning.intent)


def merge(run: Run, meaning: Meaning, text: str, overwrite: bool = False, *, doubtful: bool = False) -> None:
    """Keeps the details of an utterance; places that only the caller can find are no help.

    Args:
        doubtful: those that may not be what was said as well, since nobody is going to ask for them.
    """
    found = [filled(name, meaning.slots[name], text) for name in MERGED if name in meaning.slots]
    found = [f for f in found if doubtful or not in_doubt(f)]
    found = [f for f in found if f.name != "address" or not VAGUE_PLACE.fullmatch(f.value)]
    found = [f for f in found if f.name != "phone" or is_phone(f.value)]
    run.fill(*(f for f in found if overwrite or not run.state.slot(f.name)))

"""`/healthz`, `/readyz`, `/metrics`: plain answers for machines."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse

from voicebot.web.deps import WebDeps
from voicebot.web.gate import OVERSEERS
from voicebot.web.metrics import Metrics
from voicebot.web.views import Part, Readiness


def health_router(deps: WebDeps, metrics: Metrics) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """This process answers."""
        return {"status": "ok"}

    @router.get("/readyz", responses={503: {"model": Readiness}})
    async def readyz(response: Response) -> Readiness:
        """Calls can be taken; 503 until then. Each part says for people what it is, e.g. which
        recognition engine runs and whether it is the fallback."""
        parts = [Part.of(part) for part in await deps.status.parts()]
        ready = bool(parts) and all(part.ready for part in parts)
        response.status_code = 200 if ready else 503
        return Readiness(ready=ready, parts=parts)

    @router.get("/metrics", dependencies=[Depends(OVERSEERS)], include_in_schema=False)
    async def figures() -> PlainTextResponse:
        own = metrics.render(await deps.status.parts())
        others = "" if deps.metrics is None else await deps.metrics.text()
        return PlainTextResponse(own + deps.figures() + others, media_type="text/plain; version=0.0.4")

    return router

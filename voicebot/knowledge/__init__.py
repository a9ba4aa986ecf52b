"""Articles to ranked, cited answers."""

from voicebot.knowledge.article import Article, Aspect, Audience, Scope, Status
from voicebot.knowledge.checks import check, lint
from voicebot.knowledge.knowledge import ANSWER_AT, Knowledge
from voicebot.knowledge.loading import KnowledgeLoader, load_knowledge
from voicebot.knowledge.text import Vocabulary

__all__ = [
    "ANSWER_AT",
    "Article",
    "Aspect",
    "Audience",
    "Knowledge",
    "KnowledgeLoader",
    "Scope",
    "Status",
    "Vocabulary",
    "check",
    "lint",
    "load_knowledge",
]

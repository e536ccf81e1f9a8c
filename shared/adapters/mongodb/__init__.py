"""The document stores in MongoDB: `open_documents` is the only door."""

from shared.adapters.mongodb.opening import MongoDocuments, open_documents

__all__ = ["MongoDocuments", "open_documents"]

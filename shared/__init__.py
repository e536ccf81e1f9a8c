"""The words that all services share: messages, documents, topology, ports and how to consume."""
